import { spawnSync } from "node:child_process";
import { projectRoot } from "../build.ts";
import type { Command } from "./command.ts";

export const chainCommands: Command[] = [
  {
    name: "contracts check",
    usage: "",
    summary: "Compiles, runs the Foundry tests and compares the committed ABI and bytecode with a fresh compile.",
    async run() {
      const { checkContracts } = await import("#contracts/check.ts");
      await checkContracts();
    },
  },
  {
    name: "contracts build",
    usage: "",
    summary: "Compiles the contracts and writes contracts/abi.",
    run: async () =>
      spawnSync(process.execPath, ["contracts/script/build.ts"], { cwd: projectRoot, stdio: "inherit" }).status ?? 1,
  },
];
