import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { abiFolder, renderArtifacts } from "./script/artifacts.ts";
import { forge } from "./script/forge.ts";

/**
 * Compiles the contracts, runs their tests and compares the committed ABI and bytecode with the fresh compile.
 * @throws Error naming each file that differs, or with forge's failure.
 */
export async function checkContracts(): Promise<void> {
  forge(["build", "--force"]);
  await assertArtifactsCommitted();
  testContracts();
}

/** Runs the Foundry tests: unit, fuzz and stateful invariants. @throws Error when one fails. */
export function testContracts(): void {
  forge(["test"]);
}

/** Compares contracts/abi with what forge compiled last. @throws Error naming each file that differs. */
export async function assertArtifactsCommitted(): Promise<void> {
  const expected = await renderArtifacts();
  const problems: string[] = [];
  for (const [name, content] of expected) {
    const committed = await readFile(join(abiFolder, name), "utf8").catch(() => undefined);
    if (committed === undefined) problems.push(`contracts/abi/${name} is missing`);
    else if (committed !== content) problems.push(`contracts/abi/${name} is not what the source compiles to`);
  }
  for (const name of await readdir(abiFolder))
    if (!expected.has(name)) problems.push(`contracts/abi/${name} belongs to no contract`);
  if (problems.length) throw new Error(`${problems.join("\n")}\nRun: npx hs contracts build`);
  console.log(`contracts/abi: ${expected.size} files are what the source compiles to`);
}
