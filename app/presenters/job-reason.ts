import type { Say } from "./fleet.server.ts";

/** A reason as the scheduler wrote it, taken apart: the key of its text, what it names, and which rule stands at which centre. */
export type Reason = {
  key: string;
  values: Record<string, string>;
  rules: { centreId: string; rule: string }[];
};

const patterns: [RegExp, string, string[]][] = [
  [/^metering$/, "metering", []],
  [/^released later$/, "releasedLater", []],
  [/^no allowed place now \((.*)\)$/, "noPlace", ["rules"]],
  [/^the deadline can no longer be met \((.*)\)$/, "deadlineLost", ["rules"]],
  [/^failed and may run nowhere else \((.*)\)$/, "nowhereElse", ["rules"]],
  [/^cancelled by (.+)$/, "cancelledBy", ["actor"]],
  [/^interrupted \((.*)\); it starts again from its beginning$/, "interrupted", ["detail"]],
  [/^exit code (\d+) at ([^;:]+); tried again elsewhere$/, "exitAgain", ["code", "centre"]],
  [/^exit code (\d+) at ([^;:]+)$/, "exit", ["code", "centre"]],
  [/^lost at ([^;:]+): (.*); tried again elsewhere$/, "lostAgain", ["centre", "detail"]],
  [/^lost at ([^;:]+): (.*)$/, "lost", ["centre", "detail"]],
];

/** Every key that `readReason` can give, so that the catalogue of texts can be checked for them. */
export const reasonKeys = [...patterns.map(([, key]) => key), "other"];

/** Takes a stored reason apart; one that nobody here knows is shown as it stands. */
export function readReason(text: string): Reason {
  for (const [pattern, key, names] of patterns) {
    const match = pattern.exec(text);
    if (!match) continue;
    const values = Object.fromEntries(names.map((name, at) => [name, match[at + 1] as string]));
    return { key, values, rules: rulesOf(values.rules) };
  }
  return { key: "other", values: { text }, rules: [] };
}

function rulesOf(text: string | undefined): Reason["rules"] {
  return (text ?? "")
    .split(", ")
    .map((part) => part.split(": "))
    .filter((part): part is [string, string] => part.length === 2)
    .map(([centreId, rule]) => ({ centreId, rule: rule === "beyond the horizon" ? "horizon" : rule }));
}

/** A stored reason as a sentence of the reader's language. `names` gives centres and people their names. */
export function reasonSentence(
  text: string,
  { t, format }: Say,
  names: { centre: (id: string) => string; actor: (id: string) => string },
): string {
  const { key, values, rules } = readReason(text);
  return t(`jobs:reason.${key}`, {
    ...values,
    ...(values.centre !== undefined && { centre: names.centre(values.centre) }),
    ...(values.actor !== undefined && { actor: names.actor(values.actor) }),
    rules: rules
      .map(({ centreId, rule }) =>
        t("jobs:ruleAt", {
          centre: names.centre(centreId),
          rule: t(`jobs:rule.${rule}.short`, { defaultValue: rule }),
        }),
      )
      .join(format.comma),
  });
}
