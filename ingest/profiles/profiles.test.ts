import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gpuFields } from "../pipeline/types.ts";
import { loadProfiles, ProfileError, profileOf } from "./index.ts";
import { parseProfile } from "./profile.ts";

const problemsOf = (text: string): string[] => {
  try {
    parseProfile(text, "meter.yaml");
  } catch (error) {
    if (error instanceof ProfileError) return error.problems;
    throw error;
  }
  return [];
};
const meter = (point: string, top = "base: 0") => `name: meter
version: 1
protocol: modbus
${top}
points:
  - name: activePowerW
    quantity: activePower
    unit: W
    kind: gauge
    register: 0
${point}`;

describe("the profiles that come with the product", () => {
  it("all load, and each point is named by its quantity and unit", () => {
    const profiles = loadProfiles();
    expect([...profiles.keys()]).toEqual(
      expect.arrayContaining([
        "sunspec-meter-203",
        "sunspec-inverter-103",
        "sunspec-storage-701-713",
        "generic-meter-float32",
        "gpu-json",
        "gpu-sparkplug",
      ]),
    );
    for (const { points } of profiles.values()) {
      for (const point of points) expect(point.name.startsWith(point.quantity), point.name).toBe(true);
    }
  });

  it.each(["gpu-json", "gpu-sparkplug"])("%s maps every field of a GPU sample, each with its blank", (name) => {
    const profile = profileOf(name);
    const fields = "gpus" in profile ? profile.gpus?.fields : undefined;
    expect(Object.keys(fields ?? {}).sort()).toEqual([...gpuFields].sort());
    expect(fields?.powerW).toEqual({ from: "powerW", scale: 1, blankFrom: 0x7ffffff0 });
    expect(fields?.energyJ?.blankFrom).toBe(140_737_488_355_328);
  });

  it("an unknown name is answered with the known ones", () => {
    expect(() => profileOf("no-such")).toThrow(/no profile "no-such"; known: .*weather-station/);
  });
});

describe("a wrong profile is refused with file, line and key", () => {
  it.each([
    ["an unknown key", meter("    type: int16\n    sclae: 2"), "meter.yaml:12: points.0.sclae: unknown key"],
    [
      "a missing base",
      meter("    type: int16", "# no base"),
      "meter.yaml:1: base: 0 when registers are printed as on the wire, 1 when one higher",
    ],
    [
      "an order that does not fit",
      meter("    type: int16\n    order: CDAB"),
      "meter.yaml:12: points.0.order: CDAB does not fit int16",
    ],
    [
      "a text",
      meter("    type: string\n    length: 4"),
      "meter.yaml:11: points.0.type: a reading is a number, never a text",
    ],
    [
      "a byte without its place",
      meter("    type: uint8"),
      "meter.yaml:6: points.0.byte: uint8 needs byte: high or low",
    ],
    [
      "a register beyond range",
      meter("    type: int16").replace("register: 0", "register: 65536"),
      "meter.yaml:10: points.0.register: 65536 is outside 0 to 65535",
    ],
    [
      "a register below base 1",
      meter("    type: int16", "base: 1"),
      "meter.yaml:10: points.0.register: 0 is outside 1 to 65536",
    ],
    [
      "a request too long",
      meter("    type: int16", "base: 0\nlimits: { maxRegisters: 126 }"),
      "meter.yaml:5: limits.maxRegisters: at most 125: a Modbus reply holds no more",
    ],
    [
      "a gauge that rolls over",
      meter("    type: int16\n    rolloverAt: 10"),
      "meter.yaml:12: points.0.rolloverAt: only a counter rolls over",
    ],
    [
      "broken YAML",
      "name: [",
      "meter.yaml:1: (yaml): Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
  ])("%s", (_, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it("names a SunSpec model or point that the catalogue does not hold", () => {
    const sunspec = (model: number, point: string) => `name: m
version: 1
protocol: sunspec
points:
  - { name: activePowerW, quantity: activePower, unit: W, kind: gauge, model: ${model}, point: ${point} }
`;
    expect(problemsOf(sunspec(203, "Watt"))).toEqual([
      'meter.yaml:5: points.0.point: model 203 has no fixed point "Watt"',
    ]);
    expect(problemsOf(sunspec(9_999, "W"))).toEqual([
      "meter.yaml:5: points.0.model: model 9999 is not in the catalogue",
    ]);
    expect(problemsOf(sunspec(203, "W_SF"))).toEqual([
      "meter.yaml:5: points.0.point: is a sunssf: a reading is a number",
    ]);
  });

  it("reports the problems of every file of a folder, and a name that is not the file's", () => {
    const folder = mkdtempSync(join(tmpdir(), "hs-profiles-"));
    try {
      writeFileSync(join(folder, "a.yaml"), meter("    type: uint8"));
      writeFileSync(join(folder, "b.yaml"), meter("    type: int16"));
      expect(() => loadProfiles(folder)).toThrow(
        /a\.yaml:6: points\.0\.byte[\s\S]*b\.yaml:1: name: "meter" must be the file's name/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("byte orders", () => {
  it("a profile's order is widened for 64 bits and narrowed for 16", () => {
    const text = `${meter("    type: int16", "base: 0\norder: CDAB")}
  - { name: energyImportWh, quantity: energyImport, unit: Wh, kind: counter, register: 4, type: uint64 }
  - { name: voltageV, quantity: voltage, unit: V, kind: gauge, register: 8, type: float32 }`;
    const profile = parseProfile(text, "meter.yaml");
    const orders = profile.protocol === "modbus" ? profile.points.map((point) => point.order) : [];
    expect(orders).toEqual(["ABCD", "GHEFCDAB", "CDAB"]);
  });
});
