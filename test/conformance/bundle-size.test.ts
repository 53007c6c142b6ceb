import { expect, it } from "vitest";
import { ensureConsoleBuild } from "#cli/build.ts";
import { firstLoad } from "#test/support/bundle.ts";

/** console.md, "Budgets": first-load JavaScript of `/`, gzip. */
const budgetBytes = 150 * 1_024;

it("loads at most 150 KB of script with the fleet page", { timeout: 120_000 }, async () => {
  await ensureConsoleBuild();
  const { scriptBytes, files } = await firstLoad("routes/_index");
  expect(files.some(({ file }) => file.includes("first."))).toBe(true);
  expect(scriptBytes, JSON.stringify(files, null, 1)).toBeGreaterThan(60 * 1_024);
  expect(scriptBytes, JSON.stringify(files, null, 1)).toBeLessThanOrEqual(budgetBytes);
});
