/** A warning that stands in the file, in every format. `message` is English; pages write it anew by code and values. */
export type Warning = {
  code: keyof typeof messages;
  centreId: string | null;
  values: Record<string, string | number>;
  message: string;
};

type Values = Record<string, string | number>;
const percent = (share: unknown) => `${(Number(share) * 100).toFixed(1)} %`;

const messages = {
  COVERAGE_BELOW_95: (v: Values) =>
    `Coverage of ${v.centre} is ${percent(v.coverage)}, below 95 %. Nothing was filled in.`,
  HOURS_NOT_COMPUTABLE: (v: Values) =>
    `${v.centre}: ${v.count} of ${v.hours} hours have no PUE; they stand in the list of gaps and in no ratio.`,
  ESTIMATED_ABOVE_5: (v: Values) => `${v.centre}: ${percent(v.share)} of the energy is estimated.`,
  CARBON_INCOMPLETE: (v: Values) =>
    `${v.centre}: ${v.count} hours with energy have no emission factor; their emissions are missing from Scope 2.`,
  COST_INCOMPLETE: (v: Values) => `${v.centre}: ${v.count} hours with energy have no price; their cost is missing.`,
  JOBS_NOT_METERED: (v: Values) =>
    `${v.count} runs of jobs have no metered energy yet; it stands under "not attributed".`,
  JOBS_EXCEED_METERS: (v: Values) =>
    `${v.centre}: the jobs' own meters show more energy than the IT meters; the remainder is negative.`,
  PERIOD_WIDENED: (v: Values) => `The period was widened to whole ledger hours: ${v.from} to ${v.to} was asked for.`,
  SIMULATED: (v: Values) => `${v.count} of ${v.hours} centre-hours were made by a simulator, not by real devices.`,
} as const;

export function warning(code: Warning["code"], centreId: string | null, values: Values): Warning {
  return { code, centreId, values, message: messages[code](values) };
}
