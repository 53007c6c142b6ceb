import { Counter, Gauge } from "prom-client";
import type { RoleDeps, RunningRole, StartRole } from "#db/config/role.ts";
import { Debounce } from "./debounce.ts";
import { readSnapshot } from "./read-snapshot.ts";
import { rules as everyRule } from "./rules/index.ts";
import { applyDecided, readOpenAlarms } from "./store.ts";
import type { Rule } from "./types.ts";

/** A role that has not looked for this long is not ready. */
const stuckMs = 30_000;

export type AlarmOptions = {
  everyMs: number;
  rules: Rule[] /** Since when devices could speak; default: now. */;
  sinceMs: number;
};

/** Alarms: looks at what arrives and what stays away, every 1.5 s, and keeps one open alarm for each cause. */
export const startAlarms: StartRole = (deps) => startAlarmsWith(deps, {});

export async function startAlarmsWith(
  { db, log, clock, metrics }: RoleDeps,
  { everyMs = 1_500, rules = everyRule, sinceMs = clock() }: Partial<AlarmOptions>,
): Promise<RunningRole> {
  const changes = new Counter({
    name: "hs_alarms_changes_total",
    help: "Alarms opened and closed by this process.",
    labelNames: ["change"],
    registers: [metrics],
  });
  const openNow = new Gauge({ name: "hs_alarms_open", help: "Open alarms of the rules.", registers: [metrics] });
  const debounce = new Debounce();
  let lookedMs: number | undefined;
  let failing = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const look = async () => {
    const nowMs = clock();
    const [snapshot, known] = await Promise.all([readSnapshot(db, nowMs, sinceMs), readOpenAlarms(db)]);
    const decided = debounce.decide(rules, snapshot, new Map(known.map(({ cause, rule }) => [cause, rule])));
    if (stopped) return;
    const { opened, closed } = await applyDecided(db, decided, known, nowMs);
    changes.inc({ change: "opened" }, opened);
    changes.inc({ change: "closed" }, closed);
    openNow.set(known.length + opened - closed);
    lookedMs = nowMs;
  };
  const round = async () => {
    try {
      await look();
      if (failing) log.info("alarms are looked after again");
      failing = false;
    } catch (error) {
      if (!failing && !stopped) log.warn({ err: error }, "alarms could not be looked after; tried again soon");
      failing = true;
    }
    if (!stopped) timer = setTimeout(() => (running = round()), everyMs);
  };
  let running = round();

  return {
    name: "alarms",
    notReady() {
      if (lookedMs === undefined) return "the first look was not made yet";
      const silentMs = clock() - lookedMs;
      return silentMs > stuckMs ? `no look for ${Math.round(silentMs / 1_000)} s` : undefined;
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
