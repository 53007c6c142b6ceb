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
    if (/CarbonG$/i.test(name)) return [name, signedIf(name, number, joined(format.mass(number)))];
    if (/MicroUsd$/.test(name)) return [name, signedIf(name, number, joined(format.usd(number)))];
    if (/waitS$/i.test(name)) return [name, format.duration(Math.abs(number) * 1_000, true)];
    if (/Share$/.test(name)) return [name, format.percent(number)];
    return [name, value];
  });
  return t(key, { ...Object.fromEntries(shown), count: Number(values.rivals ?? values.starts ?? 0) });
}

const signedIf = (name: string, value: number, text: string) =>
  name.startsWith("more") ? withSign(value, text) : text;
