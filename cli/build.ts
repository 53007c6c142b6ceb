import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const projectRoot = fileURLToPath(new URL("..", import.meta.url));
const stamp = join(projectRoot, "build", "stamp");
const sources = [
  "app",
  "domain",
  "db",
  "scheduler/placement",
  "scheduler/market",
  "scheduler/policy",
  "contracts/abi",
  "vite.config.ts",
  "package.json",
  "package-lock.json",
];

/** Builds the console when there is no build or a source changed since. Resolves to whether it had to; `signal` ends it. */
export async function ensureConsoleBuild(signal?: AbortSignal): Promise<boolean> {
  const fingerprint = await fingerprintOf(sources);
  const built =
    existsSync(join(projectRoot, "build", "server", "index.js")) &&
    (await readFile(stamp, "utf8").catch(() => "")) === fingerprint;
  if (built) return false;
  await new Promise<void>((resolve, reject) => {
    const remix = join(projectRoot, "node_modules", "@remix-run", "dev", "dist", "cli.js");
    const child = spawn(process.execPath, [remix, "vite:build", "--logLevel", "warn"], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production" },
      ...(signal && { signal }),
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`The console's build failed:\n${output}`))));
  });
  await mkdir(join(projectRoot, "build"), { recursive: true });
  await writeFile(stamp, fingerprint);
  return true;
}

/** Hash over paths, sizes and modification times: fast, and right for a checkout that people edit. */
async function fingerprintOf(paths: string[]): Promise<string> {
  const hash = createHash("sha256");
  const visit = async (path: string): Promise<void> => {
    const info = await stat(join(projectRoot, path)).catch(() => undefined);
    if (!info) return;
    if (info.isDirectory()) {
      for (const name of (await readdir(join(projectRoot, path))).sort()) await visit(join(path, name));
    } else if (!path.includes(".test.")) {
      hash.update(`${path}\0${info.size}\0${Math.floor(info.mtimeMs)}\n`);
    }
  };
  for (const path of paths) await visit(path);
  return hash.digest("hex");
}
