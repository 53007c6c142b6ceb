export type Command = {
  /** One or two words. */
  name: string;
  usage: string;
  summary: string;
  /** Resolves to the exit code; nothing means 0. */
  run(args: string[]): Promise<number | undefined | void>;
};

/** The command was called wrongly: one line that says how to call it. */
export class UsageError extends Error {
  readonly code = "USAGE";
}
