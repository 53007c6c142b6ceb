import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/**
 * Runs the forge of the npm package with the project's own compiler; its output goes to ours unless `quiet`.
 * @throws Error with forge's output when it ends with anything but 0.
 */
export function forge(args: string[], options: { quiet?: boolean } = {}): string {
  const { quiet = false } = options;
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    FOUNDRY_DISABLE_NIGHTLY_WARNING: "1",
    NO_COLOR: "1",
  };
  // A developer's own Foundry settings must not change what is compiled.
  for (const name of Object.keys(env))
    if (/^(FOUNDRY|DAPP)_(?!PROFILE|DISABLE_NIGHTLY_WARNING)/.test(name)) delete env[name];
  const result = spawnSync(nativeForge(), args, {
    cwd: projectRoot,
    env,
    encoding: "utf8",
    stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
  });
  if (result.error) throw result.error;
  if (result.status !== 0)
    throw new Error(
      `forge ${args.join(" ")} ended with ${result.status ?? result.signal}${quiet ? `:\n${result.stdout}${result.stderr}` : ""}`,
    );
  return result.stdout ?? "";
}

function nativeForge(): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const name = `@foundry-rs/forge-${process.platform}-${architecture}`;
  const require = createRequire(createRequire(import.meta.url).resolve("@foundry-rs/forge/package.json"));
  try {
    const path = require.resolve(`${name}/bin/forge`);
    if (existsSync(path)) return path;
  } catch (cause) {
    throw new Error(
      `Foundry's forge is not installed for ${process.platform}-${process.arch} (${name}): run npm install.`,
      { cause },
    );
  }
  throw new Error(`${name} is installed without its binary: run npm install again.`);
}
