import { join } from "node:path";
import type { StartRole } from "#db/config/role.ts";
import { channels } from "#db/notify.ts";
import { device } from "#db/schema/fleet.ts";
import { startModbusAdapter } from "./adapters/modbus/adapter.ts";
import { startMqttAdapter } from "./adapters/mqtt/adapter.ts";
import { clientIdOf } from "./client-id.ts";
import { startLedger } from "./ledger/worker.ts";
import { startMaintenance } from "./pipeline/maintenance.ts";
import { openSink } from "./pipeline/sink.ts";
import { openSpool } from "./pipeline/spool.ts";

/** Several notifications of one change are one reload. */
const reloadAfterMs = 200;
const reloadAgainMs = 5_000;
const doorsFirstMs = 800;

/**
 * Ingest: devices → pipeline → database, and the energy ledger. Adapters work from the table `device` and follow it when
 * the fleet file is applied.
 */
export const startIngest: StartRole = async ({ db, env, log, clock, metrics }) => {
  if (!env.MQTT_URL) throw new Error("Ingest needs an MQTT broker: set MQTT_URL.");
  // What can fail comes before what would have to be stopped again.
  const clientId = await clientIdOf(env.DATA_DIR);
  const readDevices = () => db.orm.select().from(device);
  const devices = await readDevices();
  const sink = openSink({ db, log, clock, metrics, watchSilence: true });
  const spool = openSpool({ file: join(env.DATA_DIR, "spool", "readings.sqlite"), sink, log, metrics });
  const common = { db, devices, sink, clock, log, metrics };
  const modbus = await startModbusAdapter({ ...common, write: spool.write });
  const mqtt = await startMqttAdapter({
    ...common,
    url: env.MQTT_URL,
    ...(env.MQTT_USERNAME && { username: env.MQTT_USERNAME }),
    ...(env.MQTT_PASSWORD && { password: env.MQTT_PASSWORD }),
    clientId,
  });
  const ledger = await startLedger({ db, log, clock, metrics });
  const maintenance = startMaintenance({ db, log, clock });

  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let reloading: Promise<void> = Promise.resolve();
  const reload = async () => {
    try {
      const rows = await readDevices();
      if (stopping) return;
      sink.listenAnew();
      await Promise.all([modbus.reload(rows), mqtt.reload(rows)]);
      log.info({ devices: rows.filter(({ retiredAt }) => retiredAt === null).length }, "the fleet was read again");
    } catch (error) {
      log.warn({ err: error }, "the fleet could not be read again; tried again soon");
      reloadSoon(reloadAgainMs);
    }
  };
  const reloadSoon = (afterMs = reloadAfterMs) => {
    clearTimeout(timer);
    if (stopping) return;
    timer = setTimeout(() => {
      reloading = reloading.then(reload);
    }, afterMs);
  };
  // What was said while the connection was lost is unknown: read again.
  const fleet = await db.listen(
    channels.fleet,
    () => reloadSoon(),
    () => reloadSoon(),
  );

  let stopped: Promise<void> | undefined;
  return {
    name: "ingest",
    notReady: () => sink.notReady() ?? spool.notReady() ?? mqtt.notReady() ?? ledger.notReady(),
    stop() {
      stopped ??= (async () => {
        stopping = true;
        clearTimeout(timer);
        // Doors first. They wait for what came through them to be written, which a lost database would hold up: then the
        // pipeline's own patience ends it.
        const doors = Promise.all([fleet.stop().catch(() => {}), modbus.stop().then(() => spool.close()), mqtt.stop()]);
        await Promise.race([doors, pause(doorsFirstMs)]);
        await Promise.all([doors, sink.close(), ledger.stop(), maintenance.stop(), reloading]);
      })();
      return stopped;
    },
  };
};

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
