import type { TFunction } from "i18next";
import type { Format } from "../../use-format.ts";

const withSign = (value: number, text: string) => (value > 0 ? `+${text}` : text);
const joined = ({ text, unit }: { text: string; unit: string }) => `${text}\u00a0${unit}`;

/** A sentence of `explain` in the reader's language: its values get their units by the names that they carry. */
export function whyText(
  { key, values }: { key: string; values: Record<string, string | number> },
  names: Record<string, string>,
  t: TFunction<"jobs">,
  format: Format,
): string {
  const shown = Object.entries(values).map(([name, value]): [string, string | number] => {
    if (/centreId$/i.test(name)) return [name, names[String(value)] ?? String(value)];
    if (/At$/.test(name)) return [name, format.short(Date.parse(String(value)))];
    const number = Number(value);
    if (/CarbonG$/i.test(name)) return [name, signedIf(name, number, joined(format.mass(sizeIf(name, number))))];
    if (/MicroUsd$/.test(name)) return [name, signedIf(name, number, joined(format.usd(sizeIf(name, number))))];
    if (/waitS$/i.test(name)) return [name, format.duration(Math.abs(number) * 1_000, true)];
    if (/Share$/.test(name)) return [name, format.percent(number)];
    return [name, value];
  });
  return t(saidKey(key, values), { ...Object.fromEntries(shown), count: Number(values.rivals ?? values.starts ?? 0) });
}

const signedIf = (name: string, value: number, text: string) =>
  name.startsWith("more") ? withSign(value, text) : text;

/** What was saved is said as a size: `saidKey` says which way. */
const sizeIf = (name: string, value: number) => (name.startsWith("saved") ? Math.abs(value) : value);

/** Waiting that saves one of carbon and cost and takes more of the other is not said to save both. */
function saidKey(key: string, { savedCarbonG, savedCostMicroUsd }: Record<string, string | number>): string {
  if (key !== "placement.later.best") return key;
  if (Number(savedCostMicroUsd) < 0 && Number(savedCarbonG) >= 0) return "placement.later.dearer";
  return Number(savedCarbonG) < 0 ? "placement.later.dirtier" : key;
}
