import { clamp } from "./units.ts";

/** One way, AC to cell or back. */
export const oneWayEfficiency = 0.955;
/** Own use of a battery system, share of its capacity an hour. */
const restShare = 0.0002;
/** The part above is for daily use; what is below waits for an outage (WP-F7: four hours). */
const dailyFloor = 0.72;
const ceiling = 0.96;

export type BatteryWish = { chargeW: number; dischargeW: number };

/**
 * What a battery would do at this hour of the centre: charge in the small hours and round noon, or from a surplus at any
 * time; discharge in the evening, from its daily part only. Soft at both ends, so that power does not jump.
 */
export function batteryWish(hour: number, share: number, ratedW: number, surplusW: number): BatteryWish {
  const room = clamp((ceiling - share) / 0.04, 0, 1);
  const stock = clamp((share - dailyFloor) / 0.04, 0, 1);
  const cheap = edge(hour, 0.5, 5.5) + edge(hour, 10.5, 14.5);
  const dear = edge(hour, 17.5, 21.5);
  const chargeW = room * Math.max(cheap * 0.16 * ratedW, Math.min(ratedW, surplusW));
  return { chargeW, dischargeW: chargeW > 0 ? 0 : stock * dear * 0.22 * ratedW };
}

/** Energy in the cells after a step. */
export function storedAfter(
  storedWh: number,
  capacityWh: number,
  chargeW: number,
  dischargeW: number,
  hours: number,
): number {
  const flow = chargeW * oneWayEfficiency - dischargeW / oneWayEfficiency - capacityWh * restShare;
  return clamp(storedWh + flow * hours, 0, capacityWh);
}

/** 1 inside [from, to], falling to 0 over half an hour outside. */
function edge(hour: number, from: number, to: number): number {
  const width = 0.5;
  return clamp(Math.min((hour - from) / width + 1, (to - hour) / width + 1), 0, 1);
}
