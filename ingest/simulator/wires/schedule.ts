/** Says which of some devices are due, each on the grid of its interval with a phase of its own. */
export class Schedule {
  readonly #dueMs = new Map<string, number>();

  /** True once for each slot of the grid. */
  isDue(id: string, intervalMs: number, nowMs: number): boolean {
    const phaseMs = phaseOf(id) * intervalMs;
    const due = this.#dueMs.get(id);
    if (due !== undefined && nowMs < due) return false;
    this.#dueMs.set(id, (Math.floor((nowMs - phaseMs) / intervalMs) + 1) * intervalMs + phaseMs);
    return true;
  }
}

/** 0 ≤ x < 1, by FNV-1a of the id. */
function phaseOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193) >>> 0;
  return hash / 2 ** 32;
}
