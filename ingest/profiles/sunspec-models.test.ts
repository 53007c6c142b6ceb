import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadProfiles } from "./index.ts";
import { sunspecModel, sunspecSize } from "./sunspec-models.ts";

type PublishedPoint = { name: string; type: string; size: number; sf?: string | number };
type Published = { id: number; group: { name: string; points: PublishedPoint[]; groups?: unknown[] } };

/** The JSON of the public repository sunspec/models, where it is at hand. */
const folder = process.env.SUNSPEC_MODELS ?? join(import.meta.dirname, "../../../shared/data/sunspec/json");
const published = existsSync(folder);
if (!published)
  console.log("SunSpec catalogue is not compared with sunspec/models: set SUNSPEC_MODELS to its json folder.");

const ours = readdirSync(join(import.meta.dirname, "sunspec"))
  .map((file) => Number(/^model-(\d+)\.yaml$/.exec(file)?.[1]))
  .sort((a, b) => a - b);

describe("SunSpec catalogue", () => {
  it("holds the models that telemetry needs", () => {
    const needed = [1, 101, 102, 103, 111, 112, 113, 120, 160, 201, 202, 203, 204, 211, 212, 213, 214];
    for (let id = 701; id <= 714; id++) needed.push(id);
    for (let id = 801; id <= 809; id++) needed.push(id);
    expect(ours).toEqual(needed);
  });

  it("has points that do not overlap and stay inside their model", () => {
    for (const id of ours) {
      const model = sunspecModel(id)!;
      let end = 2;
      for (const point of model.points.values()) {
        expect(point.offset, `${id}.${point.name}`).toBeGreaterThanOrEqual(end);
        end = point.offset + sunspecSize(point);
        if (typeof point.sf === "string")
          expect(model.points.get(point.sf)?.type, `${id}.${point.name}`).toBe("sunssf");
      }
      expect(end).toBeLessThanOrEqual(model.length + 2);
    }
  });

  it.skipIf(!published)("agrees with sunspec/models in every offset, type, size and scale factor", () => {
    for (const id of ours) {
      const { group } = JSON.parse(readFileSync(join(folder, `model_${id}.json`), "utf8")) as Published;
      const model = sunspecModel(id)!;
      let offset = 0;
      const seen: string[] = [];
      for (const point of group.points) {
        if (point.type !== "pad" && offset >= 2) {
          const known = model.points.get(point.name);
          expect(known, `${id}.${point.name}`).toMatchObject({ offset, type: point.type });
          expect(sunspecSize(known!), `${id}.${point.name}`).toBe(point.size);
          expect(known!.sf, `${id}.${point.name}`).toBe(point.sf);
          seen.push(point.name);
        }
        offset += point.size;
      }
      expect([...model.points.keys()]).toEqual(seen);
      expect(model.length).toBe(offset - 2);
      expect(model.repeats).toBe((group.groups ?? []).length > 0);
    }
  });

  it("gives every SunSpec profile the unit and scale factor that its points need", () => {
    for (const profile of loadProfiles().values()) {
      if (profile.protocol !== "sunspec") continue;
      for (const point of profile.points) {
        const known = sunspecModel(point.model)!.points.get(point.point)!;
        const said: Record<string, string[]> = {
          "%": ["Pct", "%", "%WHRtg"],
          "1": ["Pct"],
          Wh: ["Wh", "WH"],
          "°C": ["C"],
        };
        expect(said[point.unit] ?? [point.unit], `${profile.name}.${point.name}`).toContain(known.unit);
      }
    }
  });
});
