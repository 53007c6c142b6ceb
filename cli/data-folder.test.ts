import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readRunning, takeDataFolder } from "./data-folder.ts";

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "hs-folder-"));
  folder = join(parent, "data");
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const info = { pid: process.pid, databaseUrl: "postgres://x@127.0.0.1/hs", consoleUrl: "http://127.0.0.1:3000" };

it("makes the folder for its owner only, and says who runs on it", async () => {
  const held = await takeDataFolder(folder);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(await readRunning(folder)).toBeUndefined();
  await held.announce(info);
  expect((await stat(join(folder, "running.json"))).mode & 0o777).toBe(0o600);
  expect(await readRunning(folder)).toEqual(info);
  await held.release();
  expect(await readRunning(folder)).toBeUndefined();
});

it("refuses a second taker, by whatever path, and names the first; lets the next in after it", async () => {
  const held = await takeDataFolder(folder);
  await expect(takeDataFolder(folder)).rejects.toThrow(/is in use by a running console\. Stop it first/);
  await held.announce(info);
  await symlink(folder, join(parent, "link"));
  await expect(takeDataFolder(join(parent, "link"))).rejects.toMatchObject({
    code: "DATA_DIR_IN_USE",
    message: expect.stringContaining(`process ${process.pid}, http://127.0.0.1:3000`),
  });
  await held.release();
  await (await takeDataFolder(folder)).release();
});

it("a process that was killed leaves no lock, and its file says nothing, although its number may live", async () => {
  const script = `
    const { takeDataFolder } = await import(${JSON.stringify(new URL("./data-folder.ts", import.meta.url).href)});
    await takeDataFolder(${JSON.stringify(folder)});
    process.stdout.write("held");
    setInterval(() => {}, 1_000);`;
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "-e", script],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await once(child.stdout, "data");
  await expect(takeDataFolder(folder)).rejects.toThrow(/in use/);
  child.kill("SIGKILL");
  await once(child, "exit");
  await writeFile(join(folder, "running.json"), JSON.stringify(info));
  expect(await readRunning(folder)).toBeUndefined();
  await (await takeDataFolder(folder)).release();
});
