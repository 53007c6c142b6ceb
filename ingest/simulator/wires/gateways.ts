import type { Logger } from "pino";
import type { Database } from "#db/client.ts";
import type { PlanDevice } from "../plan.ts";
import type { SimulatedFleet } from "../types.ts";
import { startModbusServer } from "./modbus-server.ts";

export type RunningGateways = { stop(): Promise<void> };

/**
 * A Modbus server for each gateway that has simulated devices. The port is the one of the last time where it is free (so
 * that a restart finds its readers waiting), else any; it stands in the gateway's row while the server runs.
 */
export async function startGateways(
  db: Database,
  devices: PlanDevice[],
  fleet: SimulatedFleet,
  log: Logger,
): Promise<RunningGateways> {
  const ids = [...new Set(devices.flatMap((device) => device.gatewayId ?? []))];
  const rows = await db.sql<{ id: string; host: string; port: number | null }[]>`
    select id, host, port from gateway where id = any(${ids}) order by id`;
  const running: { id: string; stop(): Promise<void> }[] = [];
  const stop = async () => {
    await Promise.all(running.map((server) => server.stop()));
    await db.sql`update gateway set port = null where id = any(${running.map(({ id }) => id)})`;
  };
  try {
    for (const { id, host, port } of rows) {
      const units = devices
        .filter((device) => device.gatewayId === id)
        .map(({ id: deviceId, profile, address, ratedPowerW }) => ({
          id: deviceId,
          profile,
          unitId: Number(address.unitId),
          ratedPowerW,
        }));
      const server = await startModbusServer({ host, port: port ?? 0, devices: units, fleet }).catch(
        (error: unknown) => {
          if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
          log.info({ gateway: id, port }, "the gateway's last port is taken; another one is used");
          return startModbusServer({ host, port: 0, devices: units, fleet });
        },
      );
      running.push({ id, stop: server.stop });
      if (server.port !== port) await db.sql`update gateway set port = ${server.port} where id = ${id}`;
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}
