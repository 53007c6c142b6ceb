import { UsageError } from "./commands/command.ts";
import { type Command, commands } from "./commands/index.ts";

/** `hs COMMAND …`: the one command line. Exit codes: 0 done, 1 failed, 2 called wrongly. */
async function main(argv: string[]): Promise<number> {
  const words = argv.filter((word) => !word.startsWith("-"));
  const command = find(words.slice(0, 2).join(" ")) ?? find(words[0] ?? "");
  if (!command) {
    const asked = words.join(" ");
    if (asked) console.error(`hs: no command "${asked}".\n`);
    (asked ? console.error : console.log)(help());
    return asked ? 2 : 0;
  }
  const rest = argv.slice(command.name.split(" ").length);
  if (rest.includes("--help") || rest.includes("-h")) {
    console.log(`hs ${command.name} ${command.usage}\n\n${command.summary}`);
    return 0;
  }
  const code = await command.run(rest);
  return typeof code === "number" ? code : 0;
}

function find(name: string): Command | undefined {
  return commands.find((command) => command.name === name);
}

function help(): string {
  const width = Math.max(...commands.map((command) => `${command.name} ${command.usage}`.length));
  const lines = commands.map((command) => `  ${`${command.name} ${command.usage}`.padEnd(width)}  ${command.summary}`);
  return `HS Console: operations and green energy for fleets of GPU data centres.\n\nUsage: hs COMMAND [options]\n\n${lines.join("\n")}\n\nSettings come from the environment: docs/operations.md.`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`hs: ${error instanceof Error ? describe(error) : String(error)}`);
  process.exitCode = error instanceof UsageError || isParseArgsError(error) ? 2 : 1;
  // What failed half way may have left something running: it does not keep a process alive that has said why it ends.
  setTimeout(() => process.exit(), 3_000).unref();
}

/** node:util's parseArgs met an option that the command does not have. */
function isParseArgsError(error: unknown): boolean {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith("ERR_PARSE_ARGS");
}

/** The message with its causes; a stack only where DEBUG asks for one. */
function describe(error: Error): string {
  if (process.env.DEBUG) return error.stack ?? error.message;
  const cause = error.cause instanceof Error ? `\n  because: ${describe(error.cause)}` : "";
  return `${error.message}${cause}`;
}
