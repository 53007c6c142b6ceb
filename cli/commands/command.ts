export type Command = {
  /** One or two words. */
  name: string;
  usage: string;
  summary: string;
  /** Resolves to the exit code when it is a number; anything else means 0. */
  run(args: string[]): Promise<unknown>;
};

/** The command was called wrongly: one line that says how to call it. */
export class UsageError extends Error {
  readonly code = "USAGE";
}
