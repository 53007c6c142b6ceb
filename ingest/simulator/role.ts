import { Gauge } from "prom-client";
import type { RoleDeps, StartRole } from "#db/config/role.ts";
import { channels } from "#db/notify.ts";
import { openWriter } from "../pipeline/writer.ts";
import { beginWithPast, goOn } from "./go-on.ts";
import { historyIsDue, writeHistory } from "./history.ts";
import { heldBy, readRuns } from "./jobs.ts";
import { type Live, runLive } from "./live.ts";
import { neverBack } from "./never-back.ts";
import { outlookFeed } from "./outlook-feed.ts";
import { hourMs } from "./physics/units.ts";
import { type PlanCentre, readPlan } from "./plan.ts";
import type { Simulation } from "./simulation.ts";
import { openStateFolder, readHours, type StateFolder } from "./state-folder.ts";
import { startGateways } from "./wires/gateways.ts";
import { startMqttPublisher } from "./wires/mqtt-publisher.ts";

const tickMs = 250;
const jobsEveryMs = 1_000;
const feedRetryMs = 5_000;

/**
 * The demonstration fleet: meters on real Modbus TCP, racks on real MQTT, over physics that is a function of seed and time.
 * Its GPUs draw what the jobs placed on them draw. A first start makes its past in the background; a later one goes on
 * as if the meters had never stopped.
 */
export const startSimulator: StartRole = async (deps) => {
  const { db, env, log, clock, metrics } = deps;
  const plan = await readPlan(db);
  const devices = plan.flatMap((centre) => centre.devices);
  const folder = openStateFolder(env.DATA_DIR);
  const { simulation, isFirst } = await resume(deps, plan, folder);
  if (!isFirst) await neverBack(db, simulation, log);
  folder.save(simulation.state());
  const live = runLive(simulation, folder, log);
  const feed = outlookFeed(db, env.SIM_SEED, simulation.centres);

  const gateways = await startGateways(db, devices, simulation, log);
  const broker = env.MQTT_URL;
  const publisher = broker
    ? startMqttPublisher({
        url: broker,
        ...(env.MQTT_USERNAME !== undefined && { username: env.MQTT_USERNAME }),
        ...(env.MQTT_PASSWORD !== undefined && { password: env.MQTT_PASSWORD }),
        devices,
        fleet: simulation,
        log,
      })
    : undefined;
  if (!publisher) log.warn("MQTT_URL is not set: the simulated racks' GPUs are silent");

  let stopped = false;
  let trouble: string | undefined;
  lagGauge(deps, simulation);
  const ticker = setInterval(() => {
    try {
      live.tick(clock());
      trouble = undefined;
    } catch (error) {
      if (!trouble)
        log.error({ err: error }, "the simulator cannot keep its state: its meters stand still until it can");
      trouble = "its state cannot be written";
      return;
    }
    publisher?.tick(clock());
  }, tickMs);
  const jobs = await watchJobs(deps, plan, live);
  const outlook = await keepIssuing(feed, deps);
  const history = writeThePast();

  async function writeThePast(): Promise<void> {
    try {
      if (!(await historyIsDue(db))) return;
      const lines = readHours(env.DATA_DIR, 0, simulation.historyEndMs);
      if (lines.length < 2) return;
      const writer = openWriter({ db, log, clock, metrics });
      try {
        await writeHistory({ db, writer, feed, plan, lines, clock, log, stopped: () => stopped });
      } finally {
        await writer.close();
      }
    } catch (error) {
      if (!stopped) log.error({ err: error }, "the history could not be written to its end; the next start goes on");
    }
  }

  return {
    name: "simulator",
    notReady: () => trouble ?? (publisher && !publisher.isConnected() ? "no connection to the MQTT broker" : undefined),
    async stop() {
      if (stopped) return;
      stopped = true;
      clearInterval(ticker);
      await Promise.allSettled([jobs.stop(), outlook.stop(), history]);
      await Promise.allSettled([publisher?.stop(), gateways.stop()]);
      live.save();
    },
  };
};

async function resume(
  { db, env, clock, log }: RoleDeps,
  plan: PlanCentre[],
  folder: StateFolder,
): Promise<{ simulation: Simulation; isFirst: boolean }> {
  const state = folder.load();
  if (state) {
    const runs = await readRuns(db, state.timeMs);
    const simulation = goOn(plan, env.SIM_SEED, state, clock(), runs, folder);
    log.info({ awayS: (simulation.timeMs - state.timeMs) / 1_000 }, "the simulated meters went on");
    return { simulation, isFirst: false };
  }
  // Readings without a state: its file was lost. The past is on record already and is not made up a second time.
  const [{ known }] = (await db.sql`
    select exists (select 1 from point_latest l join point p on p.id = l.point_id join device d on d.id = p.device_id where d.simulated) as known`) as unknown as [
    { known: boolean },
  ];
  const days = known ? 0 : env.SIM_HISTORY_DAYS;
  const begun = performance.now();
  const simulation = beginWithPast(plan, env.SIM_SEED, clock(), days, folder);
  log.info({ days, seconds: Math.round(performance.now() - begun) / 1_000 }, "the simulated fleet has a past");
  return { simulation, isFirst: !known };
}

/** Lets the GPUs draw what the jobs on them draw, within about a second of a run's start and end. */
async function watchJobs({ db, log, clock }: RoleDeps, plan: PlanCentre[], live: Live) {
  let running: Promise<void> | undefined;
  let again = false;
  let failed = false;
  const look = async () => {
    do {
      again = false;
      try {
        const now = clock();
        live.hold(heldBy(await readRuns(db, now), now, plan));
        failed = false;
      } catch (error) {
        if (!failed) log.warn({ err: error }, "the simulator cannot see the jobs; its GPUs go on as they are");
        failed = true;
      }
    } while (again);
    running = undefined;
  };
  const wake = () => {
    again = true;
    running ??= look();
  };
  const subscription = await db.listen(channels.job, wake, wake);
  const timer = setInterval(wake, jobsEveryMs);
  wake();
  return {
    async stop() {
      clearInterval(timer);
      await Promise.allSettled([subscription.stop(), running]);
    },
  };
}

/** Issues zone series and forecasts now and at each hour; the first issue is there when this returns. */
async function keepIssuing(feed: ReturnType<typeof outlookFeed>, { clock, log }: RoleDeps) {
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let stopped = false;
  const issue = async () => {
    let waitMs = feedRetryMs;
    try {
      await feed.issue(clock());
      waitMs = hourMs - (clock() % hourMs) + 500;
    } catch (error) {
      log.warn({ err: error }, "zone series and forecasts could not be written; tried again soon");
    }
    if (stopped) return;
    timer = setTimeout(() => {
      running = issue();
    }, waitMs);
  };
  await issue();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

function lagGauge({ clock, metrics }: RoleDeps, simulation: Simulation): void {
  new Gauge({
    name: "hs_simulator_lag_seconds",
    help: "How far the simulated meters are behind the clock.",
    registers: [metrics],
    collect() {
      this.set((clock() - simulation.timeMs) / 1_000);
    },
  });
}
