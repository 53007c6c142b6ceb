import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { rules } from "./rules/index.ts";
import { type DeviceState, type Finding, hourMs, type MeterState, type RuleName, type Snapshot } from "./types.ts";

const now = Date.UTC(2025, 10, 24, 12, 30);

/** One centre that lacks nothing; each test breaks one thing. */
function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return {
    nowMs: now,
    sinceMs: now - hourMs,
    centres: [
      {
        id: "c",
        pueCategory: 2,
        storageCapacityWh: 400_000,
        targetPue: 1.2,
        targetStorageHours: 4,
        committedMs: now - 500,
      },
    ],
    devices: [
      device("grid", { role: "grid", gatewayId: "gw" }),
      device("pdu-a", { role: "rack_feed", gatewayId: "gw" }),
      device("pdu-b", { role: "rack_feed", gatewayId: "gw" }),
      device("battery", { role: "battery", gatewayId: "gw" }),
      device("gpus", { role: "gpu_rack", intervalS: 5 }),
      device("inlet", { role: "rack_environment", intervalS: 5 }),
    ],
    meters: [
      meter("grid", "activePower", 100_000),
      meter("pdu-a", "activePower", 40_000),
      meter("pdu-b", "activePower", 40_000),
      meter("battery", "activePower", -20_000),
      meter("battery", "stateOfCharge", 90),
      meter("inlet", "inletTemperature", 24),
    ],
    heat: [{ rackId: "c-01", hallId: "hall", centreId: "c", fresh: 8, hot: 0, hottestC: 62, hottestIndex: 3 }],
    faults: [],
    hours: [9, 10, 11].map((hour) => ({ centreId: "c", hourMs: Date.UTC(2025, 10, 24, hour), pue: 1.15, coverage: 1 })),
    letters: [],
    ...change,
  };
}
function device(id: string, more: Partial<DeviceState> = {}): DeviceState {
  return {
    id,
    centreId: "c",
    hallId: "hall",
    rackId: "c-01",
    gatewayId: null,
    role: "other",
    supply: null,
    intervalS: 1,
    seenMs: now - 700,
    clockOffsetMs: 12,
    ...more,
  };
}
function meter(deviceId: string, quantity: string, value: number | null, more: Partial<MeterState> = {}): MeterState {
  return { deviceId, quantity, value, quality: "good", receivedMs: now - 700, ...more };
}
const change = <Row extends { id: string }>(rows: Row[], id: string, more: Partial<Row>) =>
  rows.map((row) => (row.id === id ? { ...row, ...more } : row));
const silenced = (devices: DeviceState[], agoMs: number, ids: string[]) =>
  devices.map((row) => (ids.includes(row.id) ? { ...row, seenMs: now - agoMs } : row));

const find = (name: RuleName, of: Snapshot, open: string[] = []) =>
  rules.find((rule) => rule.name === name)!.find(of, new Set(open));
const causes = (name: RuleName, of: Snapshot, open: string[] = []) =>
  find(name, of, open).findings.map(({ cause }) => cause);

it("nothing is wrong with a fleet that lacks nothing", () => {
  for (const rule of rules) expect([rule.name, rule.find(snapshot(), new Set()).findings]).toEqual([rule.name, []]);
});

describe("silent", () => {
  const { devices } = snapshot();

  it("is three intervals, at least 5 s, and says since when", () => {
    const at = (agoMs: number, id: string) => causes("silent", snapshot({ devices: silenced(devices, agoMs, [id]) }));
    expect(at(5_000, "pdu-a")).toEqual([]);
    expect(at(5_001, "pdu-a")).toEqual(["silent:pdu-a"]);
    expect(at(15_000, "inlet")).toEqual([]);
    expect(at(15_001, "inlet")).toEqual(["silent:inlet"]);
    const [finding] = find("silent", snapshot({ devices: silenced(devices, 6_000, ["pdu-a"]) })).findings;
    expect(finding).toMatchObject({
      severity: "act",
      deviceId: "pdu-a",
      message: { key: "silent", values: { device: "pdu-a", since: new Date(now - 6_000).toISOString() } },
    });
    expect(find("silent", snapshot({ devices: silenced(devices, 60_000, ["inlet"]) })).findings[0]?.severity).toBe(
      "watch",
    );
  });

  it("gives everybody a moment after a start, but forgets no alarm", () => {
    const devices2 = change(silenced(devices, 600_000, ["grid"]), "battery", { seenMs: null });
    const fresh = snapshot({ devices: devices2, sinceMs: now - 14_000 });
    expect(causes("silent", fresh)).toEqual([]);
    expect(causes("silent", fresh, ["silent:grid"])).toEqual(["silent:grid"]);
    const later = find("silent", snapshot({ devices: devices2, sinceMs: now - 15_100 })).findings;
    expect(later.map(({ cause, message }) => [cause, message.key])).toEqual([
      ["silent:grid", "silent"],
      ["silent:battery", "neverHeard"],
    ]);
  });

  it("of a gateway is one alarm, from the first look on, whatever the intervals behind it", () => {
    const many = [
      ...Array.from({ length: 40 }, (_, at) =>
        device(`m-${at}`, { gatewayId: "gw", seenMs: now - 5_100 + (at % 10) * 90 }),
      ),
      device("slow", { gatewayId: "gw", intervalS: 60, seenMs: now - 30_000 }),
      device("elsewhere", { gatewayId: "other" }),
      device("gpus"),
    ];
    const { findings } = find("silent", snapshot({ devices: many }));
    expect(findings.map(({ cause }) => cause)).toEqual(["gateway:gw"]);
    expect(findings[0]).toMatchObject({
      severity: "act",
      message: {
        key: "gatewaySilent",
        values: { gateway: "gw", devices: 41, since: new Date(now - 4_290).toISOString() },
      },
    });
  });

  it("of one device is not its gateway's while another speaks", () => {
    expect(causes("silent", snapshot({ devices: silenced(devices, 9_000, ["pdu-a", "pdu-b"]) }))).toEqual([
      "silent:pdu-a",
      "silent:pdu-b",
    ]);
    const two = [
      device("fast", { gatewayId: "gw", seenMs: now - 6_000 }),
      device("slow", { gatewayId: "gw", intervalS: 60, seenMs: now - 20_000 }),
      device("gpus"),
    ];
    expect(causes("silent", snapshot({ devices: two }))).toEqual(["silent:fast"]);
  });

  it("of a device from before its gateway was lost stays an alarm of its own", () => {
    const lost = change(silenced(devices, 6_000, ["grid", "pdu-b", "battery"]), "pdu-a", { seenMs: now - 900_000 });
    expect(causes("silent", snapshot({ devices: lost }), ["silent:pdu-a"])).toEqual(["gateway:gw", "silent:pdu-a"]);
    // One that was found a look earlier than its gateway goes into the gateway's.
    const together = silenced(devices, 6_000, ["grid", "pdu-a", "pdu-b", "battery"]);
    expect(causes("silent", snapshot({ devices: together }), ["silent:pdu-a"])).toEqual(["gateway:gw"]);
  });

  it("of all MQTT devices, and of a whole centre, is one alarm each", () => {
    expect(causes("silent", snapshot({ devices: silenced(devices, 16_000, ["gpus", "inlet"]) }))).toEqual(["mqtt:c"]);
    const ids = devices.map(({ id }) => id);
    const { findings } = find("silent", snapshot({ devices: silenced(devices, 5_500, ids) }));
    expect(findings.map(({ cause, message }) => [cause, message.values.devices])).toEqual([["centre:c", 6]]);
  });

  it("of one centre says nothing of another", () => {
    const other = { ...snapshot().centres[0]!, id: "d" };
    const there = devices.map((row) => ({
      ...row,
      id: `d-${row.id}`,
      centreId: "d",
      gatewayId: row.gatewayId && "gw-d",
      seenMs: now - 60_000,
    }));
    expect(
      causes("silent", snapshot({ centres: [...snapshot().centres, other], devices: [...devices, ...there] })),
    ).toEqual(["centre:d"]);
  });
});

describe("what arrives", () => {
  it("ingest is behind when devices are heard and nothing is stored", () => {
    const centres = (committedMs: number | null) => [{ ...snapshot().centres[0]!, committedMs }];
    expect(causes("ingestBehind", snapshot({ centres: centres(now - 30_000) }))).toEqual([]);
    expect(causes("ingestBehind", snapshot({ centres: centres(now - 31_000) }))).toEqual(["ingestBehind:c"]);
    expect(causes("ingestBehind", snapshot({ centres: centres(null) }))).toEqual([]);
    const mute = snapshot().devices.map((row) => ({ ...row, seenMs: null }));
    expect(causes("ingestBehind", snapshot({ centres: centres(now - 90_000), devices: mute }))).toEqual([]);
  });

  it("a flood of dead letters is one alarm, with the source that sends most; it ends when it is calm", () => {
    const letters = (one: number, two: number) => [
      { source: "hs/c/x", reason: "malformed", letters: one, centreId: "c" },
      { source: "hs/nowhere", reason: "unknown_topic", letters: two, centreId: null },
    ];
    expect(causes("deadLetters", snapshot({ letters: letters(20, 29) }))).toEqual([]);
    const { findings } = find("deadLetters", snapshot({ letters: letters(20, 30) }));
    expect(findings[0]?.message.values).toEqual({ letters: 50, source: "hs/nowhere", reason: "unknown_topic" });
    expect(causes("deadLetters", snapshot({ letters: letters(10, 0) }), ["deadLetters:c"])).toEqual(["deadLetters:c"]);
    expect(causes("deadLetters", snapshot({ letters: letters(9, 0) }), ["deadLetters:c"])).toEqual([]);
  });

  it("wrong clocks are one alarm a centre, of devices that speak", () => {
    let { devices } = snapshot();
    devices = change(devices, "grid", { clockOffsetMs: -310_000 });
    devices = change(devices, "inlet", { clockOffsetMs: 1.7e12 });
    devices = change(devices, "gpus", { clockOffsetMs: 9e9, seenMs: now - 60_000 });
    devices = change(devices, "pdu-a", { clockOffsetMs: 300_000 });
    const { findings } = find("clockOff", snapshot({ devices }));
    expect(findings.map(({ cause, message }) => [cause, message.values.device, message.values.devices])).toEqual([
      ["clockOff:c", "inlet", 2],
    ]);
  });
});

describe("figures of whole hours", () => {
  const hours = (pues: (number | null)[], coverage = 1, lastHour = 11) =>
    pues.map((pue, at) => ({
      centreId: "c",
      hourMs: Date.UTC(2025, 10, 24, lastHour - pues.length + 1 + at),
      pue,
      coverage,
    }));

  it("PUE must be above its target for three covered hours in a row", () => {
    const at = (rows: Snapshot["hours"], open: string[] = []) =>
      causes("pueAboveTarget", snapshot({ hours: rows }), open);
    expect(at(hours([1.3, 1.25, 1.221]))).toEqual(["pueAboveTarget:c"]);
    expect(at(hours([1.3, 1.22, 1.3]))).toEqual([]);
    expect(at(hours([1.3, null, 1.3]))).toEqual([]);
    expect(at(hours([1.3, 1.3]))).toEqual([]);
    expect(at(hours([1.3, 1.3, 1.3], 0.8))).toEqual([]);
  });

  it("and comes back below it before the alarm ends; without a new hour it stays as it is", () => {
    const open = ["pueAboveTarget:c"];
    const at = (pue: number, lastHour = 11) =>
      find("pueAboveTarget", snapshot({ hours: hours([pue], 1, lastHour) }), open);
    expect(at(1.215).findings).toHaveLength(1);
    expect(at(1.209)).toEqual({ findings: [], undecided: [] });
    expect(at(1.1, 10)).toEqual({ findings: [], undecided: [] });
    expect(at(1.1, 9)).toEqual({ findings: [], undecided: open });
    expect(find("pueAboveTarget", snapshot({ hours: hours([null, null]) }), open).undecided).toEqual(open);
  });

  it("coverage counts when the hour has settled", () => {
    const at = (nowMs: number, coverage: number) =>
      find("coverageLow", snapshot({ nowMs, hours: hours([1.1], coverage) }));
    const settled = Date.UTC(2025, 10, 24, 12, 10);
    expect(at(settled - 1, 0.5)).toEqual({ findings: [], undecided: ["coverageLow:c"] });
    expect(at(settled, 0.949).findings[0]?.message.values).toEqual({
      coverage: 94.9,
      from: "2025-11-24T11:00:00.000Z",
      to: "2025-11-24T12:00:00.000Z",
    });
    expect(at(settled, 0.95)).toEqual({ findings: [], undecided: [] });
  });
});

describe("storage", () => {
  const { meters } = snapshot();
  const with_ = (...rows: MeterState[]) =>
    snapshot({
      meters: [
        ...meters.filter(
          (meter) => !rows.some((row) => row.deviceId === meter.deviceId && row.quantity === meter.quantity),
        ),
        ...rows,
      ],
    });

  it("carries the facility for charge × capacity ÷ facility power", () => {
    // 400 kWh at 90 % over 80 kW (100 from the grid, 20 of them into the battery): 4.5 h. At 79 %: 3.95 h.
    expect(find("storageLow", with_(meter("battery", "stateOfCharge", 79))).findings[0]).toMatchObject({
      cause: "storageLow:c",
      severity: "watch",
      message: { values: { hours: 4, target: 4 } },
    });
    expect(find("storageLow", with_(meter("battery", "stateOfCharge", 19))).findings[0]?.severity).toBe("act");
    const barely = with_(meter("battery", "stateOfCharge", 82));
    expect(causes("storageLow", barely)).toEqual([]);
    expect(causes("storageLow", barely, ["storageLow:c"])).toEqual(["storageLow:c"]);
    expect(causes("storageLow", with_(meter("battery", "stateOfCharge", 85)), ["storageLow:c"])).toEqual([]);
  });

  it("counts what reaches the bus: own plants, not those under contract elsewhere, and not IT alone", () => {
    const wind = (supply: string | null) => ({
      ...with_(meter("wind", "activePower", 20_000), meter("battery", "stateOfCharge", 82)),
      devices: [...snapshot().devices, device("wind", { role: "wind", supply })],
    });
    expect(causes("storageLow", wind("grid-contract"))).toEqual([]);
    // 82 % of 400 kWh over 100 kW: 3.3 h.
    expect(causes("storageLow", wind("on-site"))).toEqual(["storageLow:c"]);
    expect(causes("storageLow", with_(meter("pdu-a", "activePower", 1e9)))).toEqual([]);
  });

  it("is not guessed from meters that are silent or say nonsense", () => {
    for (const broken of [
      meter("battery", "stateOfCharge", 10, { receivedMs: now - 31_000 }),
      meter("battery", "stateOfCharge", null, { quality: "sentinel" }),
      meter("battery", "stateOfCharge", 10, { quality: "out_of_range" }),
      meter("grid", "activePower", 1e9, { quality: "stale" }),
    ])
      expect(find("storageLow", with_(broken))).toEqual({ findings: [], undecided: ["storageLow:c"] });
    const none = [{ ...snapshot().centres[0]!, storageCapacityWh: 0 }];
    expect(find("storageLow", snapshot({ centres: none, meters: [] }))).toEqual({ findings: [], undecided: [] });
  });
});

describe("heat and faults", () => {
  it("warm inlets are one alarm a hall, with the warmest", () => {
    const devices = [
      device("i-1", { rackId: "r-1" }),
      device("i-2", { rackId: "r-2" }),
      device("i-3", { hallId: "other" }),
    ];
    const at = (values: (number | null)[], open: string[] = []) =>
      find(
        "inletHot",
        snapshot({ devices, meters: values.map((value, n) => meter(`i-${n + 1}`, "inletTemperature", value)) }),
        open,
      );
    expect(at([27, 26, 20]).findings).toEqual([]);
    const [warm] = at([27.1, 28.26, 20]).findings;
    expect(warm).toMatchObject({
      cause: "inletHot:hall",
      severity: "watch",
      message: { values: { place: "r-2", temperature: 28.3, limit: 27, places: 2 } },
    });
    expect(at([32.1, 20, 20]).findings[0]).toMatchObject({ severity: "act", message: { values: { limit: 32 } } });
    expect(at([26.5, 20, 20], ["inletHot:hall"]).findings).toHaveLength(1);
    expect(at([25.9, 20, 20], ["inletHot:hall"]).findings).toEqual([]);
    expect(at([null, null, 20]).undecided).toEqual(["inletHot:hall"]);
  });

  it("hot GPUs are one alarm a hall; a rack that says nothing decides nothing", () => {
    const rack = (rackId: string, hot: number, hottestC: number | null, fresh = 8) => ({
      rackId,
      hallId: "hall",
      centreId: "c",
      fresh,
      hot,
      hottestC,
      hottestIndex: 5,
    });
    const { findings } = find(
      "gpuHot",
      snapshot({ heat: [rack("r-1", 2, 86), rack("r-2", 1, 91.4), rack("r-3", 0, 60)] }),
    );
    expect(findings).toMatchObject([
      {
        cause: "gpuHot:hall",
        severity: "act",
        message: { values: { rack: "r-2", index: 5, temperature: 91, gpus: 3 } },
      },
    ]);
    expect(find("gpuHot", snapshot({ heat: [rack("r-1", 0, null, 0)] }))).toEqual({
      findings: [],
      undecided: ["gpuHot:hall"],
    });
  });

  it("a GPU's fault is an alarm by kind, severe where the GPU must be reset or replaced", () => {
    const fault = (kind: string, code: number) => ({ rackId: "c-01", centreId: "c", index: 3, kind, code, atMs: now });
    const { findings } = find(
      "gpuFault",
      snapshot({
        faults: [
          fault("xid", 79),
          fault("xid", 31),
          fault("ecc_double", 1),
          fault("remap_failed", 1),
          fault("unheard_of", 1),
        ],
      }),
    );
    expect(findings.map(({ cause, severity, message }) => [cause, severity, message.key])).toEqual([
      ["gpuFault:c-01/3:xid", "act", "gpuXid"],
      ["gpuFault:c-01/3:xid", "watch", "gpuXid"],
      ["gpuFault:c-01/3:ecc_double", "act", "gpuEccDouble"],
      ["gpuFault:c-01/3:remap_failed", "act", "gpuRemapFailed"],
    ]);
  });
});

it("every message has its text, with exactly the values that the rule gives", () => {
  const texts = JSON.parse(readFileSync("app/locales/en/alarms.json", "utf8")) as Record<string, string>;
  const { devices, meters } = snapshot();
  const broken: Snapshot[] = [
    snapshot({ devices: silenced(devices, 9_000, ["pdu-a"]) }),
    snapshot({ devices: change(devices, "grid", { seenMs: null }) }),
    snapshot({ devices: silenced(devices, 9_000, ["grid", "pdu-a", "pdu-b", "battery"]) }),
    snapshot({ devices: silenced(devices, 90_000, ["gpus", "inlet"]) }),
    snapshot({
      devices: silenced(
        devices,
        90_000,
        devices.map(({ id }) => id),
      ),
    }),
    snapshot({ centres: [{ ...snapshot().centres[0]!, committedMs: now - 99_000, targetPue: 1 }] }),
    snapshot({ letters: [{ source: "s", reason: "malformed", letters: 99, centreId: "c" }] }),
    snapshot({ devices: change(devices, "grid", { clockOffsetMs: 1e9 }) }),
    snapshot({ hours: [{ centreId: "c", hourMs: Date.UTC(2025, 10, 24, 11), pue: null, coverage: 0.2 }] }),
    snapshot({
      meters: [...meters.slice(0, 2), meter("battery", "stateOfCharge", 1), meter("inlet", "inletTemperature", 40)],
    }),
    snapshot({ heat: [{ ...snapshot().heat[0]!, hot: 1, hottestC: 88 }] }),
    snapshot({
      faults: ["xid", "ecc_double", "remap_failed"].map((kind) => ({
        rackId: "r",
        centreId: "c",
        index: 0,
        kind,
        code: 48,
        atMs: now,
      })),
    }),
  ];
  const found = broken.flatMap((one) => rules.flatMap((rule) => rule.find(one, new Set()).findings));
  const placeholders = (text: string) => new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]));
  for (const { message } of found as Finding[]) {
    expect([message.key, new Set(Object.keys(message.values))]).toEqual([
      message.key,
      placeholders(texts[message.key] ?? "no text"),
    ]);
  }
  const ours = Object.keys(texts).filter((key) => key !== "chainMismatch");
  expect(new Set(found.map(({ message }) => message.key))).toEqual(new Set(ours));
});
