import { valueNow } from "../fresh.ts";
import { type DeviceState, type Finding, type Rule, tenth } from "../types.ts";

/** Air at a server's inlet, °C: upper ends of the recommended and of class A1's allowable range (ASHRAE TC 9.9, 2021). */
const recommendedC = 27;
const allowableC = 32;
const hysteresisC = 1;

/** Air at racks' inlets is too warm. One alarm a hall: its racks breathe the same air. */
export const inletHot: Rule = {
  name: "inletHot",
  opensAfterMs: 60_000,
  closesAfterMs: 60_000,
  find({ devices, meters, nowMs }, open) {
    const byId = new Map(devices.map((device) => [device.id, device]));
    const halls = new Map<string, { device: DeviceState; value: number | undefined }[]>();
    for (const meter of meters) {
      const device = byId.get(meter.deviceId);
      if (meter.quantity !== "inletTemperature" || !device) continue;
      const hall = device.hallId ?? device.id;
      halls.set(hall, [...(halls.get(hall) ?? []), { device, value: valueNow(meter, device, nowMs) }]);
    }
    const findings: Finding[] = [];
    const undecided: string[] = [];
    for (const [hall, inlets] of halls) {
      const cause = `inletHot:${hall}`;
      const limitC = recommendedC - (open.has(cause) ? hysteresisC : 0);
      const known = inlets.flatMap(({ device, value }) => (value === undefined ? [] : [{ device, value }]));
      if (known.length === 0) undecided.push(cause);
      const hot = known.filter(({ value }) => value > limitC).sort((a, b) => b.value - a.value);
      const [hottest] = hot;
      if (!hottest) continue;
      const { device, value } = hottest;
      const act = value > allowableC;
      findings.push({
        cause,
        severity: act ? "act" : "watch",
        centreId: device.centreId,
        deviceId: device.id,
        message: {
          key: "inletHot",
          values: {
            place: device.rackId ?? device.id,
            temperature: tenth(value),
            limit: act ? allowableC : recommendedC,
            places: hot.length,
          },
        },
      });
    }
    return { findings, undecided };
  },
};
