import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "./build.ts";

const hs = (...args: string[]) => {
  const result = spawnSync(process.execPath, [join(projectRoot, "cli", "bin", "hs.mjs"), ...args], {
    cwd: projectRoot,
    encoding: "utf8",
    env: { ...process.env, DATA_DIR: "/nonexistent/hs" },
  });
  return { code: result.status, out: result.stdout, error: result.stderr };
};

it("lists every command, and shows each command's usage", async () => {
  const { commands } = await import("./commands/index.ts");
  const help = hs("--help");
  expect(help.code).toBe(0);
  for (const { name } of commands) expect(help.out).toContain(`  ${name} `);
  expect(hs("token", "create", "--help").out).toMatch(/^hs token create --role ROLE/);
}, 60_000);

it.each([
  [["nope"], /no command "nope"/],
  [["token", "create", "--role", "king"], /--role takes one of/],
  [["token", "create", "--colour", "red"], /--colour/],
  [["token", "create", "--role", "operator", "--days", "1e9"], /--days takes a whole number from 1 to 3650/],
  [["token", "create", "--role", "operator", "--days", "0"], /--days takes a whole number from 1 to 3650/],
  [["token", "create", "--role", "operator", "--centres", "a,,b"], /--centres takes ids joined by commas/],
  [["token", "create", "--role", "operator", "--name", "n".repeat(121)], /--name takes 1 to 120 characters/],
  [
    ["person", "invite", "--role", "operator", "--name", "Mei", "--email", "mei"],
    /--email takes an address .* not "mei"/,
  ],
  [["fleet", "check"], /name the fleet file/],
])(
  "%j was called wrongly: exit code 2 and one line that says how",
  (args, message) => {
    const { code, error } = hs(...args);
    expect(code).toBe(2);
    expect(error).toMatch(message);
    expect(error).not.toMatch(/^\s+at /m);
  },
  30_000,
);

it("what failed has exit code 1", () => {
  expect(hs("fleet", "check", "/nonexistent.yaml")).toMatchObject({
    code: 1,
    error: expect.stringContaining("ENOENT"),
  });
}, 30_000);
