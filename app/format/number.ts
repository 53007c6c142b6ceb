/** U+2212, so that a minus is as wide as a plus. */
const minus = "\u2212";
/** U+00A0: a number never parts from its unit. */
export const nbsp = "\u00a0";

const formats = new Map<string, Intl.NumberFormat>();
function format(digits: number, plus: boolean): Intl.NumberFormat {
  const key = `${digits}${plus}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.NumberFormat("en", {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: plus ? "exceptZero" : "negative",
    });
    formats.set(key, found);
  }
  return found;
}

/** `5,860`, `−0.5`. The same digits and separators in all three languages. */
export function number(value: number, digits = 0): string {
  return format(digits, false).format(value).replace("-", minus);
}

/** A change: `+0.21`, `−0.01`, `0.00`. */
export function signed(value: number, digits = 0): string {
  return format(digits, true).format(value).replace("-", minus);
}

/** A share 0–1 as `84.3%`: no space before %. */
export function percent(share: number, digits = 1): string {
  return `${number(share * 100, digits)}%`;
}

/** A number with its unit, not parted: `5,860 kW`. */
export const withUnit = (value: number, unit: string, digits = 0) => `${number(value, digits)}${nbsp}${unit}`;

export type Scaled = { text: string; unit: string };

/** Watts in the unit a reader takes in at a glance: W below 1 kW, kW below 10 MW, MW above. */
export function power(powerW: number): Scaled {
  const size = Math.abs(powerW);
  if (size < 1_000) return { text: number(powerW), unit: "W" };
  if (size < 10_000) return { text: number(powerW / 1_000, 2), unit: "kW" };
  if (size < 100_000) return { text: number(powerW / 1_000, 1), unit: "kW" };
  if (size < 10_000_000) return { text: number(powerW / 1_000), unit: "kW" };
  return { text: number(powerW / 1_000_000, 2), unit: "MW" };
}

/** Milliwatt-hours as Wh, kWh or MWh. */
export function energy(energyMilliWh: number): Scaled {
  const wh = energyMilliWh / 1_000;
  const size = Math.abs(wh);
  if (size < 1_000) return { text: number(wh), unit: "Wh" };
  if (size < 10_000_000) return { text: number(wh / 1_000, size < 100_000 ? 1 : 0), unit: "kWh" };
  return { text: number(wh / 1_000_000, size < 100_000_000 ? 1 : 0), unit: "MWh" };
}

/** Grams CO₂e as g, kg or t. */
export function mass(grams: number): Scaled {
  const size = Math.abs(grams);
  if (size < 1_000) return { text: number(grams), unit: "gCO₂e" };
  if (size < 1_000_000) return { text: number(grams / 1_000, 1), unit: "kgCO₂e" };
  return { text: number(grams / 1_000_000, 1), unit: "tCO₂e" };
}

/** Integer micro-USD as `1,234.56` USD; below a cent with four digits. */
export function usd(microUsd: number): Scaled {
  const value = microUsd / 1_000_000;
  return { text: number(value, value !== 0 && Math.abs(value) < 0.1 ? 4 : 2), unit: "USD" };
}

/** Wei in a unit of what is shown: the fourth decimal of an 18-decimal token. */
const shownWei = 10n ** 14n;
const oneWei = 10n ** 18n;
const grouped = (whole: bigint) => whole.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** Floor division and its remainder, also below 0. */
function divided(value: bigint, by: bigint): [bigint, bigint] {
  const rest = ((value % by) + by) % by;
  return [(value - rest) / by, rest];
}

function shownToken(units: bigint, wei: bigint): string {
  const size = units < 0n ? -units : units;
  const whole = grouped(size / 10_000n);
  const sign = units < 0n ? minus : "";
  return wei % oneWei === 0n ? `${sign}${whole}` : `${sign}${whole}.${(size % 10_000n).toString().padStart(4, "0")}`;
}

/** Wei of an 18-decimal token as every page shows it: four decimals, rounded half up; a whole amount has none. */
export function token(wei: bigint): string {
  const [units, rest] = divided(wei, shownWei);
  return shownToken(units + (rest * 2n >= shownWei ? 1n : 0n), wei);
}

/**
 * The parts of a sum, each as `token` but so that they add up as shown: what rounding leaves over goes to the parts with
 * the largest remainders.
 */
export function tokenParts(parts: readonly bigint[]): string[] {
  const cut = parts.map((wei) => divided(wei, shownWei));
  const [units, rest] = divided(
    parts.reduce((sum, wei) => sum + wei, 0n),
    shownWei,
  );
  const target = units + (rest * 2n >= shownWei ? 1n : 0n);
  const left = target - cut.reduce((sum, [floor]) => sum + floor, 0n);
  const first = cut
    .map(([, remainder], at) => ({ remainder, at }))
    .sort((a, b) => (a.remainder === b.remainder ? a.at - b.at : a.remainder > b.remainder ? -1 : 1))
    .slice(0, Number(left))
    .map(({ at }) => at);
  return cut.map(([floor], at) => shownToken(floor + (first.includes(at) ? 1n : 0n), parts[at] as bigint));
}

/** Wei as a token with every decimal that it has. */
export function exactToken(wei: bigint): string {
  const size = wei < 0n ? -wei : wei;
  const part = (size % oneWei).toString().padStart(18, "0").replace(/0+$/, "");
  return `${wei < 0n ? minus : ""}${grouped(size / oneWei)}${part ? `.${part}` : ""}`;
}
