import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { processesOf } from "#test/support/console-process.ts";
import { projectRoot } from "./build.ts";
import { readRunning } from "./data-folder.ts";
import { freePort } from "./embedded/ports.ts";

/* The process as a whole, with the roles that need a database and a chain and nothing else. */

let folder: string;
let opsPort: number;
let child: ChildProcess | undefined;
let output = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hs-start-"));
});
afterEach(async () => {
  child?.kill("SIGKILL");
  await expect.poll(() => processesOf(folder), { timeout: 15_000 }).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

async function launch(env: Record<string, string> = {}): Promise<ChildProcess> {
  opsPort = await freePort();
  output = "";
  child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "cli/main.ts", "start"], {
    cwd: projectRoot,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      NODE_ENV: "development",
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DATA_DIR: folder,
      ROLES: "scheduler,settlement,indexer,watchtower",
      FLEET_FILE: join(projectRoot, "examples", "minimal.fleet.yaml"),
      OPS_PORT: String(opsPort),
      PG_PORT: String(await freePort()),
      RPC_PORT: String(await freePort()),
      ...env,
    },
  });
  child.stdout!.on("data", (chunk) => (output += chunk));
  child.stderr!.on("data", (chunk) => (output += chunk));
  return child;
}
const health = async (path: string) => {
  const response = await fetch(`http://127.0.0.1:${opsPort}/${path}`).catch(() => undefined);
  return { status: response?.status, body: await response?.text() };
};
const ready = () =>
  expect.poll(async () => (await health("readyz")).status, { timeout: 60_000, message: output }).toBe(200);
/** @returns exit code and the seconds it took. */
async function signal(name: NodeJS.Signals): Promise<{ code: number | null; seconds: number }> {
  const begun = performance.now();
  const ended = once(child!, "exit");
  child!.kill(name);
  const [code] = (await ended) as [number | null];
  return { code, seconds: (performance.now() - begun) / 1_000 };
}

it("moves to free ports with a line that says so, refuses a second start, and stops on Ctrl-C with nothing left", async () => {
  const [first, second] = [createServer(), createServer()];
  const taken: number[] = [];
  for (const server of [first, second]) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    taken.push((server.address() as { port: number }).port);
  }
  await launch({ PG_PORT: String(taken[0]), RPC_PORT: String(taken[1]) });
  await ready();
  expect(output).toMatch(
    new RegExp(`Port ${taken[0]} is taken: PostgreSQL listens on \\d+ instead \\(set PG_PORT to choose\\)`),
  );
  expect(output).toMatch(new RegExp(`Port ${taken[1]} is taken: the chain listens on \\d+ instead \\(set RPC_PORT`));
  first.close();
  second.close();
  expect((await readRunning(folder))?.pid).toBe(child!.pid);
  expect(await health("healthz")).toMatchObject({ status: 200 });

  const running = child!;
  const [port, said] = [opsPort, output];
  await launch();
  expect((await once(child!, "exit"))[0]).toBe(1);
  expect(output).toMatch(new RegExp(`is in use by a running console \\(process ${running.pid}\\)\\. Stop it first`));
  [child, opsPort, output] = [running, port, said];
  expect((await health("readyz")).status).toBe(200);

  const { code, seconds } = await signal("SIGINT");
  expect(code).toBe(0);
  expect(seconds).toBeLessThan(10);
  expect(output).not.toMatch(/did not stop/);
  expect(processesOf(folder)).toEqual([]);
  expect(await readRunning(folder)).toBeUndefined();
}, 180_000);

it("stops on a signal in the middle of its start, and starts again; after kill -9 nothing is left and it recovers", async () => {
  for (const delayMs of [300, 1_200, 2_500]) {
    await launch();
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const { seconds } = await signal("SIGTERM");
    expect(seconds).toBeLessThan(10.5);
    await expect.poll(() => processesOf(folder), { timeout: 5_000 }).toEqual([]);
  }
  await launch();
  await ready();
  await signal("SIGKILL");
  // At once: the former servers may still be on their way out.
  await launch();
  await ready();
  await signal("SIGKILL");
  await expect.poll(() => processesOf(folder), { timeout: 10_000 }).toEqual([]);
  expect(await readRunning(folder)).toBeUndefined();
}, 240_000);

/** The server itself, not the processes that serve its connections. */
const serverPid = (words: string): number =>
  Number(
    processesOf(folder)
      .find((line) => line.includes(words))
      ?.trim()
      .split(/\s+/)[0],
  );

it("starts an embedded server that was killed again, and says meanwhile which it is", async () => {
  await launch();
  await ready();
  const before = serverPid("-c listen_addresses");
  process.kill(before, "SIGKILL");
  // What served a connection may answer once more before it notices.
  let answer: Awaited<ReturnType<typeof health>>;
  do {
    const begun = performance.now();
    answer = await health("readyz");
    expect(performance.now() - begun).toBeLessThan(2_000);
  } while (answer.status === 200);
  expect(answer.status).toBe(503);
  const { missing } = JSON.parse(answer.body!) as { missing: Record<string, string> };
  expect(Object.keys(missing)[0]).toBe("database");
  await ready();
  expect(output).toMatch(/PostgreSQL ended \(SIGKILL\): it is started again/);
  expect(serverPid("-c listen_addresses")).not.toBe(before);

  process.kill(serverPid("bin/anvil"), "SIGKILL");
  await expect.poll(() => output, { timeout: 10_000 }).toMatch(/The chain ended \(SIGKILL\): it is started again/);
  await expect.poll(() => output, { timeout: 20_000 }).toMatch(/"part":"The chain","attempt":1,"msg":"is back"/);
  await ready();
  expect((await signal("SIGTERM")).code).toBe(0);
  expect(processesOf(folder)).toEqual([]);
}, 120_000);

it("ends with one line and a code that is not 0 when a server does not come back", async () => {
  await launch();
  await ready();
  const { databaseUrl } = (await readRunning(folder))!;
  process.kill(serverPid("-c listen_addresses"), "SIGKILL");
  const squatter = createServer((socket) => socket.destroy());
  // As soon as the killed one has let it go.
  squatter.on("error", () => setTimeout(listen, 5));
  const listen = () => squatter.listen(Number(new URL(databaseUrl).port), "127.0.0.1");
  await new Promise<void>((resolve) => {
    squatter.once("listening", resolve);
    listen();
  });
  const [code] = (await once(child!, "exit")) as [number | null];
  squatter.close();
  expect(code).toBe(1);
  expect(output).toMatch(
    /^hs: PostgreSQL could not be started: .*could not bind.*It was started again 5 times and does not stay/m,
  );
  expect(processesOf(folder)).toEqual([]);
}, 120_000);

it("a start that fails half way ends, with one line and a code that is not 0", async () => {
  await mkdir(join(folder, "mqtt-client-id"), { recursive: true });
  await launch({ ROLES: "scheduler,ingest" });
  const [code] = (await once(child!, "exit")) as [number | null];
  expect(code).toBe(1);
  expect(output).toMatch(/^hs: EISDIR/m);
  await expect.poll(() => processesOf(folder), { timeout: 15_000 }).toEqual([]);
}, 60_000);
