import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { projectRoot } from "./forge.ts";

/** Contracts whose ABI and bytecode are committed. */
export const contractNames = ["HSAccess", "HSToken", "Settlement", "EvidenceRegistry"] as const;

const artifact = z.object({
  abi: z.array(z.record(z.string(), z.unknown())),
  bytecode: z.object({
    object: z.string().regex(/^0x([0-9a-f]{2})+$/),
    linkReferences: z.record(z.string(), z.unknown()),
  }),
});

export const abiFolder = join(projectRoot, "contracts", "abi");

/** What `contracts/abi` must hold, by file name, from the artifacts that forge wrote last. */
export async function renderArtifacts(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of contractNames) {
    const path = join(projectRoot, "contracts", "out", `${name}.sol`, `${name}.json`);
    const { abi, bytecode } = artifact.parse(JSON.parse(await readFile(path, "utf8")));
    if (Object.keys(bytecode.linkReferences).length)
      throw new Error(`${name} needs linked libraries, which deployment does not do`);
    const header = `// Generated from contracts/src/${name}.sol by \`hs contracts build\`. Do not edit.\n`;
    files.set(`${name}.ts`, `${header}export const ${camel(name)}Abi = ${JSON.stringify(abi, null, 2)} as const;\n`);
    files.set(`${name}.bytecode.ts`, `${header}export const ${camel(name)}Bytecode = "${bytecode.object}";\n`);
  }
  return files;
}

/** HSToken → hsToken, EvidenceRegistry → evidenceRegistry. */
function camel(name: string): string {
  return name.replace(/^[A-Z]+(?=[A-Z]|$)|^[A-Z]/, (start) => start.toLowerCase());
}
