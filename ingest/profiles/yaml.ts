import { isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";

/** A profile file that cannot be used; each problem reads `file:line: key: what is expected`. */
export class ProfileError extends Error {
  readonly code = "PROFILE_INVALID";
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`Invalid device profile:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

export type Located<T> = {
  value: T;
  /** `file:line: key: message` for a path in the document. */
  problem(path: PropertyKey[], message: string): string;
};

/**
 * Parses YAML and checks it.
 * @throws ProfileError with every problem found, each naming file, line and key.
 */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
): Located<z.output<Schema>> {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, stringKeys: true });
  const lineOf = (path: PropertyKey[]): number => {
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lineCounter.linePos(node.range[0]).line;
    }
    return 1;
  };
  const problem = (path: PropertyKey[], message: string) =>
    `${file}:${lineOf(path)}: ${path.map(String).join(".") || "(top)"}: ${message}`;
  if (document.errors.length) {
    throw new ProfileError(
      document.errors.map(
        (error) => `${file}:${error.linePos?.[0].line ?? 1}: (yaml): ${error.message.split(/ at line \d+|\n/)[0]}`,
      ),
    );
  }
  const parsed = schema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!parsed.success) {
    throw new ProfileError(
      parsed.error.issues.map((issue) =>
        issue.code === "unrecognized_keys"
          ? problem([...issue.path, issue.keys[0] ?? ""], "unknown key")
          : problem(issue.path, issue.message),
      ),
    );
  }
  return { value: parsed.data, problem };
}
