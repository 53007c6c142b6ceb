/* Screenshots of every page, light and dark, 1440 and 360 wide, of a console that has run for a while: docs/screens. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "#cli/build.ts";
import { launchBrowser, openPage } from "#test/support/browser.ts";
import { firstSignInLink, startConsole, temporaryFolder, waitUntil } from "#test/support/console-process.ts";
import { hs } from "#test/support/hs.ts";
import { redeemLink } from "#test/support/sign-in.ts";

const folder = await temporaryFolder();
const out = join(projectRoot, "docs", "screens");
await mkdir(out, { recursive: true });
const server = await startConsole(folder.path, { SIM_HISTORY_DAYS: "30" });
const browser = await launchBrowser();
try {
  const first = await openPage(browser);
  await first.page.goto(`${server.url}/sign-in`);
  await first.page.screenshot({ path: join(out, "sign-in-1440-light.png") });
  await redeemLink(first.page, await firstSignInLink(folder.path), "Lin Wei", "lin.wei@example.org");
  const cookies = (await first.context.cookies()).filter((cookie) => !/lang|theme/.test(cookie.name));

  // Something to look at: a settled job, one that runs, one that waits for a cleaner hour; history made; a report.
  const token = await hs(["token", "create", "--role", "admin"], { DATA_DIR: folder.path });
  const call = async (path: string, body?: unknown) => {
    const response = await fetch(`${server.url}/api/v1${path}`, {
      ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, never>;
  };
  const list = async (path: string, key: string) => {
    const body = await call(path);
    return (Array.isArray(body) ? body : ((body[key] ?? body.items ?? []) as unknown)) as {
      id: string;
      status: string;
    }[];
  };
  await call("/jobs", {
    name: "Protein folding, batch 7",
    gpus: 32,
    durationS: 60,
    deadlineInS: 7_200,
    policy: "fastest",
  });
  await waitUntil(
    async () => (await list("/settlements", "settlements")).some((row) => row.status === "confirmed"),
    300_000,
    "a settled job",
  );
  await call("/jobs", {
    name: "Render, spring catalogue",
    gpus: 64,
    durationS: 900,
    deadlineInS: 7_200,
    policy: "fastest",
  });
  await call("/jobs", {
    name: "Language model, fine-tuning",
    gpus: 96,
    durationS: 14_400,
    deadlineInS: 129_600,
    policy: "cleanest",
  });
  const now = Date.now();
  const hour = 3_600_000;
  await call("/reports", {
    centreIds: ["guangzhou", "qinghai", "xinjiang"],
    from: new Date(Math.floor(now / hour) * hour - 30 * 24 * hour).toISOString(),
    to: new Date(Math.floor(now / hour) * hour).toISOString(),
    timeZone: "Asia/Shanghai",
  });
  await waitUntil(
    async () => (await list("/jobs", "jobs")).some((job) => job.status === "running"),
    60_000,
    "a running job",
  );
  await new Promise((resolve) => setTimeout(resolve, 20_000));

  const jobs = await list("/jobs", "jobs");
  const settlement = (await list("/settlements", "settlements"))[0]!;
  const report = (await list("/reports", "reports"))[0];
  const pages: Record<string, string> = {
    fleet: "/",
    centre: "/centres/qinghai",
    jobs: "/jobs",
    "job-new": "/jobs/new",
    "job-placed": `/jobs/${jobs.find((job) => job.status === "placed" || job.status === "queued")?.id ?? jobs[0]!.id}`,
    "job-done": `/jobs/${jobs.find((job) => job.status === "succeeded")?.id ?? jobs[0]!.id}`,
    settlements: "/settlements",
    settlement: `/settlements/${settlement.id}`,
    reports: "/reports",
    ...(report && { report: `/reports/${report.id}` }),
    people: "/people",
  };
  const only = process.argv.slice(2).filter((word) => !word.startsWith("-"));
  for (const width of [1440, 360]) {
    for (const colorScheme of ["light", "dark"] as const) {
      const shown = await openPage(browser, {
        viewport: { width, height: width === 360 ? 780 : 900 },
        colorScheme,
        hasTouch: width === 360,
      });
      await shown.context.addCookies(cookies);
      for (const [name, path] of Object.entries(pages)) {
        if (only.length && !only.includes(name)) continue;
        await shown.page.goto(`${server.url}${path}`, { waitUntil: "load" });
        await shown.page.waitForTimeout(600);
        await shown.page.screenshot({ path: join(out, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
      for (const problem of shown.problems) console.log(problem);
      await shown.context.close();
    }
  }
  const chinese = await openPage(browser, { locale: "zh-TW" });
  await chinese.context.addCookies(cookies);
  for (const name of ["fleet", "centre"]) {
    await chinese.page.goto(`${server.url}${pages[name]}`, { waitUntil: "load" });
    await chinese.page.screenshot({ path: join(out, `${name}.zh-Hant-1440-light.png`), fullPage: true });
  }
} finally {
  await browser.close();
  await server.interrupt();
  await folder.remove();
}
