import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { abiFolder, renderArtifacts } from "./artifacts.ts";
import { forge } from "./forge.ts";

// `hs contracts build`: compiles and writes contracts/abi.
forge(["build", "--skip", "test"]);
const files = await renderArtifacts();
await mkdir(abiFolder, { recursive: true });
for (const name of await readdir(abiFolder)) if (!files.has(name)) await rm(join(abiFolder, name));
for (const [name, content] of files) await writeFile(join(abiFolder, name), content);
console.log(`contracts/abi: ${files.size} files`);
