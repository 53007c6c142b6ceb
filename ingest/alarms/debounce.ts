import type { Finding, Rule, RuleName, Snapshot } from "./types.ts";

export type Decided = {
  open: (Finding & { rule: RuleName })[];
  /** Open already and still found. */
  keep: (Finding & { rule: RuleName })[];
  /** Causes whose alarm is over. */
  close: string[];
};

/**
 * What to open, keep and close: a finding opens after it was found long enough, an alarm closes after it was gone long
 * enough. What it remembers between looks is lost with the process; open alarms are not, they stand in the database.
 */
export class Debounce {
  /** cause → since when it is found, or gone. */
  #found = new Map<string, number>();
  #gone = new Map<string, number>();

  /** @param open causes with an open alarm, by rule. */
  decide(rules: Rule[], snapshot: Snapshot, open: ReadonlyMap<string, string>): Decided {
    const decided: Decided = { open: [], keep: [], close: [] };
    const [found, gone] = [new Map<string, number>(), new Map<string, number>()];
    const causes = new Set(open.keys());
    for (const rule of rules) {
      const { findings, undecided = [] } = rule.find(snapshot, causes);
      const current = new Set(findings.map(({ cause }) => cause));
      for (const finding of findings) {
        const { cause } = finding;
        if (open.has(cause)) {
          decided.keep.push({ ...finding, rule: rule.name });
          continue;
        }
        const sinceMs = this.#found.get(cause) ?? snapshot.nowMs;
        if (snapshot.nowMs - sinceMs >= rule.opensAfterMs) decided.open.push({ ...finding, rule: rule.name });
        else found.set(cause, sinceMs);
      }
      const held = new Set(undecided);
      for (const [cause, ofRule] of open) {
        if (ofRule !== rule.name || current.has(cause) || held.has(cause)) continue;
        const sinceMs = this.#gone.get(cause) ?? snapshot.nowMs;
        if (snapshot.nowMs - sinceMs >= rule.closesAfterMs) decided.close.push(cause);
        else gone.set(cause, sinceMs);
      }
    }
    this.#found = found;
    this.#gone = gone;
    return decided;
  }
}
