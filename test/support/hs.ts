import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { projectRoot } from "#cli/build.ts";

const exec = promisify(execFile);

/** Runs one `hs` command as a person would; resolves to its standard output. */
export async function hs(args: string[], env: Record<string, string>): Promise<string> {
  const { stdout } = await exec(process.execPath, ["--disable-warning=ExperimentalWarning", "cli/main.ts", ...args], {
    cwd: projectRoot,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "development", ...env },
  });
  return stdout.trim();
}
