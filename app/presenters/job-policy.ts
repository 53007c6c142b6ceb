import { policyDocument } from "#scheduler/policy/document.ts";
import { type PresetId, presetIds, presets } from "#scheduler/policy/presets.ts";
import { policySentences } from "#scheduler/policy/sentence.ts";
import type { Say } from "./fleet.server.ts";

export const isPreset = (id: string): id is PresetId => (presetIds as readonly string[]).includes(id);

/** A policy's name: a preset has one in every language, any other is called by its id. */
export const policyName = (id: string, { t }: Say) => (isPreset(id) ? t(`jobs:policy.name.${id}`) : id);

/** A policy in plain sentences. `document` undefined: the preset's own, when no scheduler has stored it yet. */
export function policyTexts(id: string, document: unknown, say: Say, centre: (id: string) => string): string[] {
  const parsed = policyDocument.safeParse(document ?? (isPreset(id) ? presets[id] : undefined));
  if (!parsed.success) return [];
  const { format, t } = say;
  return policySentences(parsed.data).map(({ key, values }) =>
    t(`jobs:${key}`, {
      ...Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          typeof value === "number" ? format.number(value, value % 1 ? 3 : 0) : value,
        ]),
      ),
      ...(typeof values.centreIds === "string" && {
        centreIds: new Intl.ListFormat(format.locale, { type: "disjunction" }).format(
          values.centreIds.split(", ").map(centre),
        ),
      }),
      ...(typeof values.maxWaitS === "number" && { maxWaitS: format.duration(values.maxWaitS * 1_000, true) }),
    }),
  );
}
