import { floorHourMs, hourUs } from "../units.ts";
import type { EnergyEntry, LedgerMethod } from "./types.ts";

type Draft = { energyMilliWh: number; coveredUs: number; firstUs: number; lastUs: number };

/** An hour's readings stand at the first of these methods that the hour has, so that a sum over entries counts each once. */
const order: LedgerMethod[] = ["counter", "integrated", "counter_spread", "estimated"];

/** Start of the hour of an instant, µs. */
export const hourOfUs = (us: number) => Math.floor(us / hourUs) * hourUs;

/** Collects shares of energy by hour and method. Sums are of integers wherever the shares are. */
export class HourBook {
  readonly #hours = new Map<number, Map<LedgerMethod, Draft>>();
  readonly #readings = new Map<number, number>();
  readonly #notes = new Map<number, string[]>();

  add(hour: number, method: LedgerMethod, share: Draft): void {
    const methods = this.#hours.get(hour) ?? new Map<LedgerMethod, Draft>();
    this.#hours.set(hour, methods);
    const draft = methods.get(method);
    if (!draft) {
      methods.set(method, { ...share });
      return;
    }
    draft.energyMilliWh += share.energyMilliWh;
    draft.coveredUs += share.coveredUs;
    draft.firstUs = Math.min(draft.firstUs, share.firstUs);
    draft.lastUs = Math.max(draft.lastUs, share.lastUs);
  }

  count(timeUs: number, readings: number): void {
    const hour = hourOfUs(timeUs);
    this.#readings.set(hour, (this.#readings.get(hour) ?? 0) + readings);
  }

  note(hour: number, note: string): void {
    this.#notes.set(hour, [...(this.#notes.get(hour) ?? []), note]);
  }

  /** In order of hour and method. */
  entries(): EnergyEntry[] {
    return [...this.#hours]
      .sort(([a], [b]) => a - b)
      .flatMap(([hour, methods]) =>
        order
          .filter((method) => methods.has(method))
          .map((method, place) => {
            const { energyMilliWh, coveredUs, firstUs, lastUs } = methods.get(method)!;
            return {
              hourMs: floorHourMs(hour / 1_000),
              method,
              // + 0: never a negative zero.
              energyMilliWh: Math.round(energyMilliWh) + 0,
              coveredS: coveredUs / 1e6,
              readings: place === 0 ? (this.#readings.get(hour) ?? 0) : 0,
              firstReadingUs: firstUs,
              lastReadingUs: lastUs,
              notes: place === 0 ? (this.#notes.get(hour) ?? []) : [],
            };
          }),
      );
  }
}

/** The hours that [fromUs, toUs) touches, each cut to it. */
export function* hoursBetween(fromUs: number, toUs: number): Generator<{ hour: number; fromUs: number; toUs: number }> {
  for (let hour = hourOfUs(fromUs); hour < toUs; hour += hourUs)
    yield { hour, fromUs: Math.max(fromUs, hour), toUs: Math.min(toUs, hour + hourUs) };
}
