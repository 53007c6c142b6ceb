import type { PueModel } from "./types.ts";

/** Wet bulb that stands for an unknown one: the model then answers for a mild day. */
const mildWetBulbC = 10;

/**
 * PUE of a centre at a wet-bulb temperature and IT load (ISO/IEC 30134-2 ratio, forecast by the centre's own model).
 * @param itLoadW whole IT load, W; held at 1 kW or more.
 */
export function predictPue(model: PueModel, wetBulbC: number | null, itLoadW: number): number {
  const loadKw = Math.max(itLoadW / 1_000, 1);
  const value = model.base + model.perWetBulbC * (wetBulbC ?? mildWetBulbC) + model.perInverseLoadKw / loadKw;
  return Math.min(Math.max(value, model.minimum), model.maximum);
}
