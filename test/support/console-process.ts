import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "#cli/build.ts";
import { freePort } from "#cli/embedded/ports.ts";

export type ConsoleProcess = {
  url: string;
  /** Of the embedded broker. */
  mqttPort: number;
  pid: number;
  /** Everything the process wrote. */
  output(): string;
  /** Ctrl-C, as a terminal sends it; resolves to the seconds it took. */
  interrupt(): Promise<number>;
  /** kill -9 of the one process; its children must end by themselves. */
  kill(): Promise<void>;
};

/** A whole console as `npm start` runs it, in its own data folder and on free ports; `env.PORT`: at the address it had before. */
export async function startConsole(dataDir: string, env: Record<string, string> = {}): Promise<ConsoleProcess> {
  const [pgPort, mqttPort, rpcPort] = [await freePort(), await freePort(), await freePort()];
  const port = env.PORT ?? String(await freePort());
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "cli/main.ts", "start"], {
    cwd: projectRoot,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DATA_DIR: dataDir,
      PORT: port,
      PG_PORT: String(pgPort),
      MQTT_PORT: String(mqttPort),
      RPC_PORT: String(rpcPort),
      LOG_LEVEL: "info",
      SIM_HISTORY_DAYS: "3",
      NODE_ENV: "development",
      ...env,
    },
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const url = `http://127.0.0.1:${port}`;
  await waitUntil(
    async () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`The console ended while it started:\n${output}`);
      const response = await fetch(`${url}/readyz`).catch(() => undefined);
      return response?.ok === true;
    },
    120_000,
    () => `the console is not ready:\n${output.slice(-4_000)}`,
  );
  return {
    url,
    mqttPort,
    pid: child.pid!,
    output: () => output,
    async interrupt() {
      const begun = performance.now();
      await end(child, "SIGINT");
      return (performance.now() - begun) / 1_000;
    },
    kill: () => end(child, "SIGKILL"),
  };
}

/** The one-time link that the first start printed. */
export async function firstSignInLink(dataDir: string): Promise<string> {
  return (await readFile(join(dataDir, "first-sign-in.txt"), "utf8")).trim();
}

export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "hs-e2e-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The running processes that name a path in their command: a console's servers and jobs name its data folder. */
export function processesOf(path: string): string[] {
  return execFileSync("ps", ["-eo", "pid,stat,args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(path) && !/^\s*\d+ Z/.test(line));
}

/** Polls until `condition` holds. @throws Error with `what` after the time-out. */
export async function waitUntil(
  condition: () => Promise<boolean> | boolean,
  timeoutMs: number,
  what: string | (() => string),
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline)
      throw new Error(`Waited ${timeoutMs / 1_000} s: ${typeof what === "string" ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}
