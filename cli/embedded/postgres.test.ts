import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAlive } from "#test/support/chain-world.ts";
import { projectRoot } from "../build.ts";
import { freePort } from "./ports.ts";
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from "./postgres.ts";
import { chooseLauncher, makeLinks, nativeFolder } from "./postgres-launcher.ts";

const isRoot = process.getuid?.() === 0;
const nobody = 65534;
let parent: string;
let folder: string;
let server: EmbeddedPostgres | undefined;
let elsewhere: ChildProcess | undefined;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "hs-pg-"));
  folder = join(parent, "postgres");
});
afterEach(async () => {
  elsewhere?.kill("SIGKILL");
  elsewhere = undefined;
  await server?.stop();
  server = undefined;
  await rm(parent, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
});

const start = async (over: Partial<EmbeddedPostgresOptions> = {}) => {
  server = await startEmbeddedPostgres({ folder, port: await freePort(), database: "hs", ...over });
  return server;
};
async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Starts PostgreSQL in a process of its own, behind the given words (setpriv, unshare); resolves when it is ready. */
async function startElsewhere(words: string[], data: string, clone = projectRoot) {
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(`file://${join(clone, "cli/embedded/postgres.ts")}`)});
    const server = await startEmbeddedPostgres({ folder: ${JSON.stringify(data)}, port: ${await freePort()}, database: "hs" });
    process.stdout.write(JSON.stringify({ url: server.url, pid: server.pid }));
    process.on("SIGTERM", () => server.stop().then(() => process.exit(0)));
    setInterval(() => {}, 1_000);`;
  const node = process.execPath.startsWith(projectRoot)
    ? join(clone, process.execPath.slice(projectRoot.length))
    : process.execPath;
  const [file, ...rest] = [...words, node, "--input-type=module-typescript", "-e", script];
  const child = spawn(file!, rest, { stdio: ["ignore", "pipe", "pipe"], cwd: "/" });
  elsewhere = child;
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += chunk));
  const [first] = await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  if (!Buffer.isBuffer(first)) throw new Error(`the process ended: ${errors}`);
  return { child, ...(JSON.parse(first.toString()) as { url: string; pid: number }) };
}

it("listens with passwords, gives the application a role that is no superuser, and keeps what is written", async () => {
  const { url, port, pid } = await start();
  expect(await query(url, "select rolsuper, rolcreaterole from pg_roles where rolname = current_user")).toEqual([
    { rolsuper: false, rolcreaterole: false },
  ]);
  expect(await query(url, "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
  await query(url, "create table kept (n integer)");
  await query(url, "insert into kept values (7)");
  await expect(query(`postgres://hs:wrong@127.0.0.1:${port}/hs`, "select 1")).rejects.toMatchObject({ code: "28P01" });
  await expect(query(`postgres://postgres:@127.0.0.1:${port}/hs`, "select 1")).rejects.toThrow();
  expect((await stat(join(folder, "passwords.json"))).mode & 0o777).toBe(0o600);
  await server!.stop();
  expect(isAlive(pid)).toBe(false);
  expect(await query((await start()).url, "select n from kept")).toEqual([{ n: 7 }]);
}, 60_000);

it("says so when it ends without being asked", async () => {
  const lost: string[] = [];
  const { pid } = await start({ onLost: (what) => lost.push(what) });
  process.kill(pid, "SIGQUIT");
  await expect.poll(() => lost, { timeout: 5_000 }).toEqual([expect.stringMatching(/^PostgreSQL ended/)]);
}, 60_000);

it("leaves no server after kill -9 of its parent, and what was committed is there at a start right after it", async () => {
  const first = await startElsewhere([], folder);
  await query(first.url, "create table kept (n integer)");
  await query(first.url, "insert into kept select generate_series(1, 1000)");
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  // Without waiting: the former server may still write its last checkpoint.
  const { url } = await start();
  await expect.poll(() => isAlive(first.pid), { timeout: 5_000 }).toBe(false);
  expect(await query(url, "select count(*)::int as n from kept")).toEqual([{ n: 1_000 }]);
}, 60_000);

it("starts when server and parent were killed hard, while the server's children still end", async () => {
  const first = await startElsewhere([], folder);
  const client = new pg.Client({ connectionString: first.url });
  client.on("error", () => {});
  await client.connect();
  // Busy computing, it does not look up for its postmaster.
  const busy = client.query("select sum(sqrt(n)) from generate_series(1, 8000000) n").catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.kill(first.pid, "SIGKILL");
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  await query((await start()).url, "select 1");
  await busy;
}, 60_000);

it("starts after a power cut, when another process has the former server's number", async () => {
  await start();
  const note = join(folder, "cluster", "postmaster.pid");
  const lines = (await readFile(note, "utf8")).split("\n");
  await server!.stop();
  const other = spawn("sleep", ["60"], { stdio: "ignore" });
  try {
    await writeFile(note, [String(other.pid), ...lines.slice(1)].join("\n"));
    await start();
    expect((await readFile(note, "utf8")).split("\n")[0]).not.toBe(String(other.pid));
    expect(isAlive(other.pid!)).toBe(true);
  } finally {
    other.kill("SIGKILL");
  }
}, 60_000);

it("never uses a cluster or a password file that a crash left half made", async () => {
  await mkdir(join(folder, "cluster.new"), { recursive: true });
  await writeFile(join(folder, "cluster.new", "PG_VERSION"), "18");
  await writeFile(join(folder, "passwords.json.draft"), '{"adm');
  await query((await start()).url, "select 1");
}, 60_000);

it("makes the links that a blocked install script would have made: PostgreSQL runs from a package without them", async () => {
  const package_ = join(parent, "package");
  await cp(join((await nativeFolder()).path, ".."), package_, { recursive: true, verbatimSymlinks: true });
  const links = spawnSync("find", [package_, "-type", "l", "-print", "-delete"], { encoding: "utf8" }).stdout;
  expect(links).toContain("libicuuc.so.60\n");
  const initdb = () => spawnSync(join(package_, "native", "bin", "initdb"), ["--version"], { encoding: "utf8" });
  expect(initdb().status).not.toBe(0);
  await makeLinks(package_);
  await makeLinks(package_);
  expect(initdb().stdout).toContain("(PostgreSQL) 18");
  const again = spawnSync("find", [package_, "-type", "l"], { encoding: "utf8" }).stdout;
  expect(again.split("\n").sort()).toEqual(links.split("\n").sort());
}, 60_000);

describe.runIf(isRoot)("as root", () => {
  it("runs in a user namespace, with nothing copied, also when only root may enter the folder", async (context) => {
    await chmod(parent, 0o700);
    const launcher = await chooseLauncher(folder);
    if (launcher.kind !== "namespace") context.skip("user namespaces are refused here");
    expect(launcher.base).toBe(folder);
    const { url, pid } = await start();
    await query(url, "select 1");
    expect(readFileSync(`/proc/${pid}/uid_map`, "utf8").trim().split(/\s+/)).toEqual([String(nobody), "0", "1"]);
  }, 60_000);

  it("where namespaces are refused: runs as nobody from a copy outside, without capabilities", async () => {
    await chmod(parent, 0o700);
    const { base } = await chooseLauncher(folder, "copy");
    try {
      const { url, pid } = await start({ launcher: "copy" });
      await query(url, "create table kept (n integer)");
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
      expect(status).toMatch(/^CapBnd:\t0+$/m);
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      expect(existsSync(join(folder, "cluster"))).toBe(false);
      expect((await stat(join(base, "cluster"))).uid).toBe(nobody);
      // Nobody but root may put programs where they are started from.
      for (const path of [base, dirname(base)])
        expect([(await stat(path)).uid, (await stat(path)).mode & 0o022]).toEqual([0, 0]);
      await server!.stop();
      // It stays there, also where namespaces are allowed.
      expect((await chooseLauncher(folder)).kind).toBe("copy");
      await query((await start()).url, "select n from kept");
      await server!.stop();
      // With the data folder went its passwords: the cluster belongs to nobody any more.
      await rm(folder, { recursive: true });
      const fresh = await start({ launcher: "copy" });
      await expect(query(fresh.url, "select n from kept")).rejects.toThrow(/does not exist/);
    } finally {
      await server?.stop();
      await rm(base, { recursive: true, force: true });
    }
  }, 90_000);

  it("an ordinary user starts it as it is", async (context) => {
    const words = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
    if (spawnSync(words[0]!, [...words.slice(1), "test", "-r", join(projectRoot, "package.json")]).status !== 0)
      context.skip("the clone is not readable for an ordinary user");
    await chmod(parent, 0o755);
    await mkdir(folder, { mode: 0o700 });
    await chown(folder, nobody, nobody);
    const { child, url, pid } = await startElsewhere(words, folder);
    await query(url, "select 1");
    expect((await stat(`/proc/${pid}`)).uid).toBe(nobody);
    child.kill("SIGTERM");
    await once(child, "exit");
    expect(isAlive(pid)).toBe(false);
  }, 60_000);

  it("works with clone and data below a folder that only root may enter", async (context) => {
    await chmod(parent, 0o700);
    const clone = join(parent, "clone");
    await mkdir(clone);
    const mount = ["unshare", "--mount", "sh", "-c", `mount --bind ${projectRoot} ${clone} && exec "$0" "$@"`];
    if (spawnSync(mount[0]!, [...mount.slice(1), "true"]).status !== 0) context.skip("mounts are refused here");
    const { child, url, pid } = await startElsewhere(mount, folder, clone);
    await query(url, "select 1");
    child.kill("SIGKILL");
    await once(child, "exit");
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  }, 60_000);
});
