import { checkCommands } from "./checks.ts";
import type { Command } from "./command.ts";
import { chainCommands } from "./contracts.ts";
import { fleetCommands } from "./fleet.ts";
import { ledgerCommands } from "./ledger.ts";
import { peopleCommands } from "./people.ts";
import { reportCommands } from "./reports.ts";
import { startCommands } from "./start.ts";
import { testCommands } from "./tests.ts";

export type { Command } from "./command.ts";

export const commands: Command[] = [
  ...startCommands,
  ...fleetCommands,
  ...peopleCommands,
  ...ledgerCommands,
  ...reportCommands,
  ...chainCommands,
  ...checkCommands,
  ...testCommands,
];
