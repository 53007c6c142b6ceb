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

/** Wei (bigint) of an 18-decimal token as `1,234.5678`, cut (never rounded up) after `digits`. */
export function token(wei: bigint, digits = 4): string {
  const sign = wei < 0n ? minus : "";
  const size = wei < 0n ? -wei : wei;
  const whole = (size / 10n ** 18n).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const part = (size % 10n ** 18n).toString().padStart(18, "0").slice(0, digits).replace(/0+$/, "");
  return `${sign}${whole}${part ? `.${part}` : ""}`;
}
