import { spawnSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ensureConsoleBuild, projectRoot } from "../build.ts";
import { type Command, UsageError } from "./command.ts";

export const testCommands: Command[] = [
  {
    name: "test",
    usage: "[PATH…]",
    summary: "Unit and integration tests, on embedded servers or on DATABASE_URL.",
    run: async (args) => vitest(["run", ...args]),
  },
  {
    name: "e2e",
    usage: "[PATH…]",
    summary: "The whole story in Chromium (CHROMIUM names another browser than /usr/bin/chromium).",
    async run(args) {
      await ensureConsoleBuild();
      return vitest(["run", "--config", "test/e2e/vitest.config.ts", ...args]);
    },
  },
  {
    name: "screens",
    usage: "",
    summary: "Screenshots of every page, light and dark, 1440 and 360 wide, into docs/screens.",
    async run() {
      await ensureConsoleBuild();
      return node("test/e2e/screens.ts", []);
    },
  },
  {
    name: "bench",
    usage: "NAME [--json]",
    summary: "Measures: npm run bench -- start --json.",
    async run([name, ...rest]) {
      const known = (await readdir(join(projectRoot, "test", "bench")))
        .filter((file) => file.endsWith(".bench.ts"))
        .map((file) => file.replace(".bench.ts", ""));
      if (!name || !known.includes(name)) throw new UsageError(`hs bench needs one of: ${known.join(", ")}`);
      return node(`test/bench/${name}.bench.ts`, rest);
    },
  },
  {
    name: "chaos",
    usage: "NAME",
    summary: "kill -9, outages and long runs against one part: npm run chaos -- ingest.",
    async run([name, ...rest]) {
      const known = (await readdir(join(projectRoot, "test", "chaos")))
        .filter((file) => file.endsWith(".chaos.ts"))
        .map((file) => file.replace(".chaos.ts", ""));
      if (!name || !known.includes(name)) throw new UsageError(`hs chaos needs one of: ${known.join(", ")}`);
      return vitest(["run", "--config", "test/chaos/vitest.config.ts", `test/chaos/${name}.chaos.ts`, ...rest]);
    },
  },
  {
    name: "nightly",
    usage: "",
    summary: "What takes too long for every change: kill -9 rounds, long fuzz runs.",
    run: async () => vitest(["run", "--config", "test/chaos/vitest.config.ts"]),
  },
];

function vitest(args: string[]): number {
  return node("node_modules/vitest/vitest.mjs", args);
}

function node(script: string, args: string[]): number {
  return (
    spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...args], {
      cwd: projectRoot,
      stdio: "inherit",
    }).status ?? 1
  );
}
