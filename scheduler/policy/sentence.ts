import type { PolicyDocument } from "./document.ts";

/** What a page says of a policy: the key of its text and the values in it. */
export type PolicySentence = { key: string; values: Record<string, string | number> };

/** Every key that `policySentences` can give. */
export const policySentenceKeys = [
  "policy.sentence.cleanest",
  "policy.sentence.cheapest",
  "policy.sentence.balanced",
  "policy.sentence.fastest",
  "policy.sentence.weights",
  "policy.sentence.allowedCentres",
  "policy.sentence.maxWait",
  "policy.sentence.carbonLocation",
  "policy.sentence.carbonContract",
] as const;

/** A policy in sentences: what it aims at, its limits, and which carbon it counts. */
export function policySentences(document: PolicyDocument): PolicySentence[] {
  const { alphaUsdPerTonne, beta, gammaUsdPerGpuHour, allowedCentreIds, maxWaitS } = document;
  return [
    { key: `policy.sentence.${document.preset ?? "weights"}`, values: { alphaUsdPerTonne, beta, gammaUsdPerGpuHour } },
    ...(allowedCentreIds
      ? [{ key: "policy.sentence.allowedCentres", values: { centreIds: allowedCentreIds.join(", ") } }]
      : []),
    ...(maxWaitS === null ? [] : [{ key: "policy.sentence.maxWait", values: { maxWaitS } }]),
    {
      key: document.carbonView === "location" ? "policy.sentence.carbonLocation" : "policy.sentence.carbonContract",
      values: {},
    },
  ];
}
