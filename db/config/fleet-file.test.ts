import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { FleetFileError, parseFleetFile } from "./fleet-file.ts";

const minimal = await readFile("examples/minimal.fleet.yaml", "utf8");
const demonstration = await readFile("examples/demonstration.fleet.yaml", "utf8");

/** The problems of a file, and how long it took to find them, ms. */
function problemsOf(text: string): { problems: string[]; tookMs: number } {
  const begun = performance.now();
  try {
    parseFleetFile(text, "f.yaml");
  } catch (error) {
    if (!(error instanceof FleetFileError)) throw error;
    return { problems: error.problems, tookMs: performance.now() - begun };
  }
  return { problems: [], tookMs: performance.now() - begun };
}
const firstRack = /- \{? ?id: (\S*\{\d+\.\.\d+\}\S*?)(?=,|\s)/;

describe("ranges of a fleet file", () => {
  it("stand for their entries", () => {
    expect(problemsOf(minimal).problems).toEqual([]);
    const fleet = parseFleetFile(demonstration, "f.yaml");
    expect(fleet.centres.flatMap(({ racks }) => racks).length).toBe(32);
  });

  it.each([
    ["{01..99999999}", /at most 1000 entries/],
    ["{1..1001}", /at most 1000 entries/],
    ["{9..1}", /goes upwards/],
    ["{1..2}-{1..2}", /at most one range/],
  ])("%s is refused with its line before anything is written out", (range, message) => {
    const [whole, id] = firstRack.exec(demonstration)!;
    const line = demonstration.slice(0, demonstration.indexOf(whole)).split("\n").length;
    const { problems, tookMs } = problemsOf(demonstration.replace(whole, whole.replace(id!, `rack-${range}`)));
    expect(problems[0]).toMatch(message);
    expect(problems[0]).toMatch(new RegExp(`^f\\.yaml:${line}: centres\\.0\\..*\\.id: `));
    expect(tookMs).toBeLessThan(1_000);
  });

  it("of racks with ranges of devices are counted before they are written out", () => {
    const device = (id: string) =>
      `{ id: "${id}", role: ups, protocol: mqtt-json, profile: meter-json, address: { topic: "hs/{i}" }, intervalS: 5 }`;
    const rack = (id: string, devices: string) =>
      `{ id: "${id}", row: A, powerLimitKw: 10, gpuClass: H100, gpus: 8, devices: [${devices}] }`;
    const centre = demonstration.slice(0, demonstration.search(/\n\s+halls:/));
    const file = `${centre}\n    halls:\n      - { id: h, name: h, cooling: air, racks: [${rack("r-{1..1000}", device("d-{1..1000}"))}] }\n`;
    const { problems, tookMs } = problemsOf(file);
    expect(problems).toEqual([
      expect.stringMatching(/^f\.yaml:\d+: centres: its ranges stand for 100\d{4} racks and devices/),
    ]);
    expect(tookMs).toBeLessThan(1_000);
  });
});
