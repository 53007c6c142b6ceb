import { join } from "node:path";
import type { RoleDeps, RunningRole, StartRole } from "#db/config/role.ts";
import { channels } from "#db/notify.ts";
import { seedPolicies } from "#db/queries/policies.ts";
import type { Engine } from "./dispatch/engine.ts";
import { localEngine } from "./dispatch/local/engine.ts";
import { centreInputsReader } from "./forecast/centre-inputs.ts";
import type { SchedulerContext } from "./loop/context.ts";
import { advisoryLeader } from "./loop/leader.ts";
import { meterRuns } from "./loop/meter.ts";
import { schedulerMetrics } from "./loop/metrics.ts";
import { noNodeMemory } from "./loop/pending.ts";
import { planPass } from "./loop/plan-pass.ts";
import { stopRuns, watchRuns } from "./loop/runs.ts";
import { presets } from "./policy/presets.ts";

export type SchedulerOptions = {
  /** Runs are watched this often. */
  tickMs: number;
  /** Without news the plan is made again this often. */
  replanMs: number;
  meterPatienceMs: number;
  /** Engines beside or in place of the local one, which is always there. */
  engines: Engine[];
};
const defaults: SchedulerOptions = { tickMs: 2_000, replanMs: 20_000, meterPatienceMs: 45_000, engines: [] };
const heartbeatMs = 5_000;
/** A loop that has not gone round for this long is not ready. */
const stuckMs = 60_000;

/** The scheduler: plans, commits what starts now, dispatches, watches and meters. One at a time plans; others stand by. */
export const startScheduler: StartRole = (deps) => startSchedulerWith(deps, {});

export async function startSchedulerWith(deps: RoleDeps, options: Partial<SchedulerOptions>): Promise<RunningRole> {
  const { tickMs, replanMs, meterPatienceMs, engines: given } = { ...defaults, ...options };
  const { db, log, clock } = deps;
  await seedPolicies(db, presets, new Date(clock()));
  const local = localEngine({ jobsFolder: join(deps.env.DATA_DIR, "jobs"), mostRuns: deps.env.LOCAL_RUNS });
  const engines = new Map<string, Engine>([local, ...given].map((engine) => [engine.kind, engine]));
  const context: SchedulerContext = {
    db,
    log,
    clock,
    engines,
    meterPatienceMs,
    startedAtMs: clock(),
    metrics: schedulerMetrics(deps.metrics),
  };
  const readCentres = centreInputsReader(db, new Set(engines.keys()));
  const noNode = noNodeMemory();
  const leader = advisoryLeader(db);

  let [changed, stopping, led] = [true, false, false];
  let plannedAtMs = Number.NEGATIVE_INFINITY;
  let lastRoundMs: number | undefined;
  let wake = () => {};

  const round = async () => {
    led = await leader.isLeader();
    context.metrics.leader.set(led ? 1 : 0);
    if (!led) return;
    if (await watchRuns(context)) changed = true;
    await meterRuns(context);
    if (stopping || !(changed || clock() - plannedAtMs >= replanMs)) return;
    changed = false;
    plannedAtMs = clock();
    if ((await planPass(context, readCentres, noNode)).length && !stopping) await watchRuns(context);
  };
  const loop = async () => {
    while (!stopping) {
      try {
        await round();
        lastRoundMs = clock();
      } catch (error) {
        changed = true;
        context.metrics.errors.inc({ stage: "round" });
        log.error({ err: error }, "a round of the scheduler failed");
      }
      if (!stopping) await nap(tickMs, (resolve) => (wake = resolve));
    }
  };
  const news = () => {
    changed = true;
    wake();
  };
  // A notification of our own making finds nothing to do and sends none: the rounds come to rest.
  const subscriptions = await Promise.all([db.listen(channels.job, news, news), db.listen(channels.fleet, news, news)]);
  // By its own clock: a database that answers slowly must not end the jobs.
  const heart = setInterval(() => {
    if (led)
      for (const engine of engines.values())
        engine.keepAlive().catch((error: unknown) => log.warn({ err: error }, "keep-alive failed"));
  }, heartbeatMs);
  const running = loop();

  let stopped: Promise<void> | undefined;
  return {
    name: "scheduler",
    notReady() {
      if (lastRoundMs === undefined) return "the first round has not been made";
      const silentMs = clock() - lastRoundMs;
      return silentMs > stuckMs ? `no round for ${Math.round(silentMs / 1_000)} s` : undefined;
    },
    stop() {
      stopped ??= (async () => {
        stopping = true;
        wake();
        await Promise.allSettled(subscriptions.map((subscription) => subscription.stop()));
        await running;
        clearInterval(heart);
        if (led) await stopRuns(context, "the scheduler was stopped");
        await leader.release();
      })();
      return stopped;
    },
  };
}

/** Waits, or until `onWake`'s function is called. */
function nap(ms: number, onWake: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    onWake(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
