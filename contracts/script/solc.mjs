#!/usr/bin/env node
// The compiler that forge starts: the npm package `solc`, which is WebAssembly and needs no download. forge asks for
// `--version` and expects a native build's name in it, then gives standard JSON on stdin.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const solc = createRequire(import.meta.url)("solc");

if (process.argv.includes("--version")) {
  const version = solc.version().replace(".Emscripten.clang", ".Linux.g++");
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else {
  process.stdout.write(solc.compile(readFileSync(0, "utf8")));
}
