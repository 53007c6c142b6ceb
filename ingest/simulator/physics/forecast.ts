import { smooth, streamOf } from "./noise.ts";
import { hourMs } from "./units.ts";

/** How wrong a forecast of a day ahead is, one standard deviation: a share of the value, or in its own unit. */
type Skill = { share: number } | { absolute: number };
const skills: Record<string, Skill> = {
  carbonLocationGPerKwh: { share: 0.06 },
  carbonResidualGPerKwh: { share: 0.05 },
  priceUsdPerMwh: { share: 0.08 },
  wetBulbC: { absolute: 1.1 },
  cleanSupplyW: { share: 0.14 },
  ownSupplyW: { share: 0.14 },
};
/** Standard deviation of the sum of noises below. */
const spreadOfNoise = 0.46;
/** Half of the stated band in standard deviations: eight in ten values lie inside a normal one. */
const bandSigmas = 1.282;

export type ForecastValue = { value: number; lower: number; upper: number };

/**
 * What was foretold at `issuedAtMs` of a value that will be `actual` at `timeMs`. The error grows with the square root of
 * the lead; part of it stays from issue to issue, part is of the issue, so that the next one is better and not the same.
 */
export function foretell(
  seed: number,
  key: string,
  series: string,
  actual: number,
  timeMs: number,
  issuedAtMs: number,
): ForecastValue {
  const leadH = Math.max(0.5, (timeMs - issuedAtMs) / hourMs);
  const skill = skills[series] ?? { share: 0.1 };
  const dayAhead = "share" in skill ? skill.share * Math.abs(actual) : skill.absolute;
  const sigma = dayAhead * Math.sqrt(Math.min(leadH, 96) / 24);
  const lasting = smooth(streamOf(seed, `forecast ${key} ${series}`), timeMs, 11 * hourMs);
  const ofIssue = smooth(streamOf(seed, `issue ${key} ${series} ${issuedAtMs}`), timeMs, 7 * hourMs);
  const error = (sigma * (0.75 * lasting + 0.6 * ofIssue)) / spreadOfNoise;
  const floor = series === "wetBulbC" ? Number.NEGATIVE_INFINITY : 0;
  const held = (value: number) => Math.max(floor, value);
  return {
    value: held(actual + error),
    lower: held(actual + error - bandSigmas * sigma),
    upper: held(actual + error + bandSigmas * sigma),
  };
}
