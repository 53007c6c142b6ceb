import { useMemo } from "react";
import type { Locale } from "../../i18n/locales.ts";
import type { PeriodName } from "../../presenters/report-view.ts";
import { type Format, makeFormat, useFormat } from "../../use-format.ts";

/** The page's format in the report's own zone: a report's days are cut there, wherever the reader is. */
export function useZoneFormat(timeZone: string): Format {
  const { locale, nowMs } = useFormat();
  return useMemo(() => makeFormat(locale, timeZone, nowMs), [locale, timeZone, nowMs]);
}

/** `October 2026`, `2026`, `1 Nov – 24 Nov 2026`: the last day stands inside. */
export function periodText({ kind, fromMs, toMs, timeZone }: PeriodName, locale: Locale): string {
  const format = makeFormat(locale, timeZone, toMs);
  if (kind !== "days") {
    const options = kind === "month" ? ({ year: "numeric", month: "long" } as const) : ({ year: "numeric" } as const);
    return new Intl.DateTimeFormat(locale === "en" ? "en-GB" : locale, { ...options, timeZone }).format(fromMs);
  }
  const [first, last] = [format.date(fromMs), format.date(toMs - 1)];
  if (first === last) return first;
  const year = (text: string) => text.match(/\d{4}/)?.[0];
  if (year(first) !== year(last)) return `${first} – ${last}`;
  return locale === "en" ? `${format.shortDate(fromMs)} – ${last}` : `${first} – ${format.shortDate(toMs - 1)}`;
}

/** A unit that all figures of a row share: chosen by the largest, so that they can be compared. */
export type Unit = { name: string; per: number; digits: number };

/** Milliwatt-hours: MWh from 10 MWh on, else kWh. */
export const energyUnit = (largest: number): Unit =>
  Math.abs(largest) >= 10e9
    ? { name: "MWh", per: 1e9, digits: 1 }
    : { name: "kWh", per: 1e6, digits: Math.abs(largest) >= 1e8 ? 1 : 3 };
/** Milligrams CO₂e: tonnes from 1 t on, else kilograms. */
export const massUnit = (largest: number): Unit =>
  Math.abs(largest) >= 1e9
    ? { name: "tCO₂e", per: 1e9, digits: Math.abs(largest) >= 1e11 ? 1 : 2 }
    : { name: "kgCO₂e", per: 1e6, digits: Math.abs(largest) >= 1e8 ? 1 : 3 };
export const moneyUnit: Unit = { name: "USD", per: 1e6, digits: 2 };

export const largestOf = (values: (number | null)[]) =>
  values.reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);

export const inUnit = (value: number | null, unit: Unit, format: Format) =>
  value === null ? null : format.number(value / unit.per, unit.digits);
