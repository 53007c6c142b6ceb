import { expect, it } from "vitest";
import { frameOf, layout, placed } from "./map-layout.ts";

const guangzhou = { longitude: 113.5, latitude: 23.2, sizePx: 64, words: ["Guangzhou", "44.1 kW"] };
const qinghai = { longitude: 100.6, latitude: 36.3, sizePx: 76, words: ["Qinghai", "93.4 kW"] };
const xinjiang = { longitude: 93.5, latitude: 42.8, sizePx: 68, words: ["Xinjiang", "65.9 kW"] };
const fleet = [guangzhou, qinghai, xinjiang];

it("holds every centre in the plane, with degrees as long as they are on the ground", () => {
  const frame = frameOf(fleet);
  for (const { longitude, latitude } of fleet)
    for (const at of placed(frame, longitude, latitude)) {
      expect(at).toBeGreaterThanOrEqual(-1e-9);
      expect(at).toBeLessThanOrEqual(100 + 1e-9);
    }
  expect((frame.width / frame.height) * Math.cos((33 * Math.PI) / 180)).toBeCloseTo(1.6, 6);
});

it("gives one centre a frame of its own", () => {
  for (const at of placed(frameOf([qinghai]), qinghai.longitude, qinghai.latitude)) expect(at).toBeCloseTo(50, 6);
});

it("turns a name away from its neighbour and from the map's edge", () => {
  const side = (places: typeof fleet) => layout(frameOf(places), places, [], []).sides;
  expect(side([qinghai, { ...qinghai, longitude: 104 }, guangzhou, xinjiang])[0]).toBe("left");
  const west = { ...xinjiang, longitude: 76, latitude: 36 };
  expect(side([west, { ...guangzhou, longitude: 124, latitude: 36 }])).toEqual(["right", "left"]);
});

it("leaves out a river's name that would lie on a degree, a ring or another name", () => {
  const frame = frameOf(fleet);
  const word = (longitude: number, latitude: number) => ({ longitude, latitude, word: "River" });
  const { fits } = layout(
    frame,
    fleet,
    [40, 30],
    [word(frame.west + 0.2, 40), word(qinghai.longitude, qinghai.latitude), word(112, 33), word(140, 33)],
  );
  expect(fits).toEqual(["never", "never", "always", "never"]);
});
