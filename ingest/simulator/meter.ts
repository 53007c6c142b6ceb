/**
 * A counter that is the exact integral of whole-number power: milliwatts over milliseconds give microjoules, which are
 * carried over as a whole number. However time is cut into steps, equal power gives the equal count.
 */
export class Meter {
  /** Counted units: milliwatt-hours, joules or millilitres. */
  whole: number;
  /** What does not fill a unit yet. */
  rest: number;
  readonly #perUnit: number;

  /** @param perUnit power × ms that make one unit. */
  constructor(perUnit: number, whole = 0, rest = 0) {
    this.#perUnit = perUnit;
    this.whole = whole;
    this.rest = rest;
  }

  add(power: number, ms: number): void {
    const sum = this.rest + power * ms;
    const units = Math.floor(sum / this.#perUnit);
    this.whole += units;
    this.rest = sum - units * this.#perUnit;
  }
}

/** mW × ms = µJ; a milliwatt-hour is 3.6 J. A millilitre at ml/h is 3.6e6 ms just so. */
export const perMilliWh = 3_600_000;
export const perJoule = 1_000_000;
