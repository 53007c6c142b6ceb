import type { DeadLetterReason } from "../../pipeline/types.ts";
import type { Problem } from "./types.ts";

const mostNamed = 20;
const none: Problem[] = [];

/** Collects what is wrong with one message: one dead letter for each reason, naming every place (20 at most). */
export class Problems {
  #byReason: Map<DeadLetterReason, { named: string[]; more: number }> | undefined;

  add(reason: DeadLetterReason, place: string, why: string): void {
    this.#byReason ??= new Map();
    const found = this.#byReason.get(reason) ?? { named: [], more: 0 };
    if (found.named.length < mostNamed) found.named.push(`${place}: ${why}`);
    else found.more++;
    this.#byReason.set(reason, found);
  }

  get isEmpty(): boolean {
    return this.#byReason === undefined;
  }

  list(): Problem[] {
    if (!this.#byReason) return none;
    return [...this.#byReason].map(([reason, { named, more }]) => ({
      reason,
      detail: named.join("; ") + (more ? `; and ${more} more` : ""),
    }));
  }
}

/** A value as a message of ours repeats it: short, and never a secret's whole length. */
export function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
