import { isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { deviceRoles } from "../schema/fleet.ts";

/*
 * The fleet file: what stands where and how it is reached. `hs fleet check FILE` validates one.
 * Ids may hold a range, `qh-a-{01..10}`: the entry then stands for each of them, and `{i}` (1, 2, …), `{01}` (zero-padded)
 * or `{i+10}` in its other texts and unit ids is replaced by its number.
 */

/** Entries that one range may stand for, and devices of a whole file: written out before anybody looks at them. */
const mostOfRange = 1_000;
const mostDevices = 50_000;

const id = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]|\{[0-9]+(?:\.\.[0-9]+)?\}){0,62}$/,
    "lower-case letters, digits and hyphens, with at most one range such as {01..12}",
  )
  .refine((text) => text.split("..").length <= 2, "at most one range such as {01..12}")
  .refine((text) => {
    const range = rangeOf(text);
    return !range || (range.last >= range.first && range.last - range.first < mostOfRange);
  }, `a range goes upwards and stands for at most ${mostOfRange} entries, such as {01..12}`);
const localized = z.strictObject({ en: z.string().min(1), "zh-Hant": z.string().min(1), "zh-Hans": z.string().min(1) });
const timeZone = z.string().refine((zone) => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}, "an IANA time zone such as Asia/Shanghai");
/** A number, or a formula of the entry's index: `{i}`, `{i+10}`, `{i*2+1}`. */
const indexed = z.union([
  z.number().int(),
  z.string().regex(/^\{i(?:\*\d+)?(?:[+-]\d+)?\}$/, "a whole number or {i}, {i+10}, {i*2+1}"),
]);

const address = z.strictObject({
  gateway: z.string().optional(),
  unitId: indexed.optional(),
  topic: z.string().max(256).optional(),
  group: z.string().optional(),
  edgeNode: z.string().optional(),
  device: z.string().optional(),
});

const deviceEntry = z.strictObject({
  id,
  role: z.enum(deviceRoles),
  protocol: z.enum(["modbus-tcp", "mqtt-json", "sparkplug"]),
  profile: z.string(),
  address,
  intervalS: z.number().min(0.1).max(86_400),
  ratedPowerKw: z.number().positive().optional(),
  supply: z.enum(["on-site", "direct-line", "grid-contract", "grid"]).optional(),
  feed: z.enum(["A", "B"]).optional(),
});
export type DeviceEntry = z.infer<typeof deviceEntry>;

const rackEntry = z.strictObject({
  id,
  row: z.string(),
  /** Slot in the row of the first rack of a range. */
  slot: z.number().int().positive().default(1),
  powerLimitKw: z.number().positive(),
  gpuClass: z.string(),
  gpus: z.number().int().min(0).max(144),
  gpusPerServer: z.number().int().positive().default(8),
  gpuRatedPowerW: z.number().positive().default(700),
  /** GPUs held by long contracts (WP-S9), not open to the scheduler. */
  reservedGpus: z.number().int().min(0).default(0),
  devices: z.array(deviceEntry).default([]),
});

const centreEntry = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits and hyphens"),
  name: localized,
  locality: localized,
  country: z.string().regex(/^[A-Z]{2}$/, "an ISO 3166 country code such as CN"),
  jurisdiction: z.string().min(2),
  place: z.strictObject({
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    altitudeM: z.number().min(-430).max(6_000).default(0),
  }),
  timeZone,
  gridZone: z.string().min(2),
  tier: z.enum(["edge", "regional", "core"]),
  pueCategory: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  powerCapKw: z.number().positive(),
  storage: z.strictObject({ capacityKwh: z.number().min(0), powerKw: z.number().min(0) }).optional(),
  tariff: z.strictObject({
    /** Grid fee and taxes on top of the zone's price. */
    adderUsdPerMwh: z.number().min(0).default(0),
    /** What energy from plants on site or by a direct line costs; absent: nothing. */
    ownSupplyUsdPerMwh: z.number().min(0).optional(),
    /** WP-F11: a cost of the centre, in the price of a placement. */
    carbonTaxUsdPerTonne: z.number().min(0).default(0),
    /** What a buyer pays, in HS per GPU-hour (decimal text: money is never a float). */
    computeHsPerGpuHour: z.string().regex(/^\d+(\.\d{1,18})?$/, 'a decimal number as text, such as "1.25"'),
  }),
  /** Whitepaper targets unless said otherwise (WP-F3, WP-F5, WP-F7). */
  targets: z
    .strictObject({
      pue: z.number().min(1).default(1.2),
      cleanShare: z.number().min(0).max(1).default(0.8),
      storageHours: z.number().min(0).default(4),
      heatUplift: z.number().min(0).default(0.3),
    })
    .default({ pue: 1.2, cleanShare: 0.8, storageHours: 4, heatUplift: 0.3 }),
  engine: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("local") }),
    z.strictObject({ kind: z.literal("slurm"), url: z.url(), user: z.string() }),
    z.strictObject({
      kind: z.literal("kubernetes"),
      context: z.string().optional(),
      namespace: z.string().default("default"),
    }),
  ]),
  gateways: z
    .array(
      z.strictObject({
        id: z.string(),
        protocol: z.literal("modbus-tcp"),
        host: z.string().default("127.0.0.1"),
        /** `auto`: the simulator picks a free one. */
        port: z.union([z.number().int().min(1).max(65_535), z.literal("auto")]),
      }),
    )
    .default([]),
  halls: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      cooling: z.enum(["air", "liquid", "hybrid"]),
      racks: z.array(rackEntry).default([]),
      devices: z.array(deviceEntry).default([]),
    }),
  ),
  devices: z.array(deviceEntry).default([]),
});

const fleetFile = z.strictObject({
  version: z.literal(1),
  /** true: everything in this file is made by the simulator and is marked so down to the export. */
  simulated: z.boolean().default(false),
  centres: z.array(centreEntry).min(1),
});

export type FleetFile = z.infer<typeof fleetFile>;

/** A device with its place and its ranges resolved. */
export type FleetDevice = Omit<DeviceEntry, "address"> & {
  centreId: string;
  hallId?: string;
  rackId?: string;
  gatewayId?: string;
  address: { unitId?: number; topic?: string; group?: string; edgeNode?: string; device?: string };
};
export type FleetRack = Omit<z.infer<typeof rackEntry>, "devices"> & { centreId: string; hallId: string };
export type FleetCentre = Omit<z.infer<typeof centreEntry>, "halls" | "devices"> & {
  halls: { id: string; name: string; cooling: "air" | "liquid" | "hybrid" }[];
  racks: FleetRack[];
  devices: FleetDevice[];
};
/** The fleet with every range written out: what ingest, simulator and database work from. */
export type Fleet = { simulated: boolean; centres: FleetCentre[] };

export class FleetFileError extends Error {
  readonly code = "FLEET_FILE_INVALID";
  readonly problems: string[];
  constructor(file: string, problems: string[]) {
    super(`${file} is not a valid fleet file:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

/**
 * Parses a fleet file and writes its ranges out.
 * @throws FleetFileError naming file, line, key and what is expected, all problems at once.
 */
export function parseFleetFile(text: string, file: string): Fleet {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, maxAliasCount: 100 } as never);
  const lineOf = (path: PropertyKey[]): number => {
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  if (document.errors.length) {
    throw new FleetFileError(
      file,
      document.errors.map((error) => `${file}:${error.linePos?.[0].line ?? 1}: ${error.message.split("\n")[0]}`),
    );
  }
  const parsed = fleetFile.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!parsed.success) {
    throw new FleetFileError(
      file,
      parsed.error.issues.map((issue) => {
        const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0] ?? ""] : issue.path;
        const message =
          issue.code === "unrecognized_keys" ? `unknown key; known here: ${knownKeys(issue.path)}` : issue.message;
        return `${file}:${lineOf(path)}: ${path.map(String).join(".") || "(top)"}: ${message}`;
      }),
    );
  }
  const say: Problem = (path, message) => `${file}:${lineOf(path)}: ${path.map(String).join(".")}: ${message}`;
  const devices = countDevices(parsed.data);
  if (devices > mostDevices)
    throw new FleetFileError(file, [
      say(
        ["centres"],
        `its ranges stand for ${devices} racks and devices, and a file holds at most ${mostDevices}; narrow them`,
      ),
    ]);
  const { fleet, problems } = expand(parsed.data, say);
  if (problems.length) throw new FleetFileError(file, problems);
  return fleet;
}

/** The keys that the schema knows at a path, for the error message. */
function knownKeys(path: PropertyKey[]): string {
  let schema: unknown = fleetFile;
  const unwrap = (value: unknown): unknown => {
    let current = value as { def?: { innerType?: unknown; element?: unknown; shape?: unknown } };
    while (current?.def?.innerType) current = current.def.innerType as typeof current;
    return current;
  };
  for (const key of path) {
    const { def } = unwrap(schema) as { def: { element?: unknown; shape?: Record<string, unknown> } };
    schema = typeof key === "number" ? def.element : def.shape?.[String(key)];
    if (!schema) return "see the documentation";
  }
  const shape = (unwrap(schema) as { def: { shape?: Record<string, unknown> } }).def.shape;
  return shape ? Object.keys(shape).join(", ") : "see the documentation";
}

type Problem = (path: PropertyKey[], message: string) => string;

/** How many devices a file stands for, counted without writing them out. */
function countDevices({ centres }: FleetFile): number {
  const times = (text: string) => {
    const range = rangeOf(text);
    return range ? range.last - range.first + 1 : 1;
  };
  const sum = <T>(entries: T[], count: (entry: T) => number) => entries.reduce((all, entry) => all + count(entry), 0);
  const own = (devices: DeviceEntry[]) => sum(devices, (device) => times(device.id));
  return sum(
    centres,
    (centre) =>
      own(centre.devices) +
      sum(
        centre.halls,
        (hall) => own(hall.devices) + sum(hall.racks, (rack) => times(rack.id) * (1 + own(rack.devices))),
      ),
  );
}

function expand(file: FleetFile, problem: Problem): { fleet: Fleet; problems: string[] } {
  const problems: string[] = [];
  const seen = new Map<string, string>();
  const claim = (kind: string, value: string, path: PropertyKey[]) => {
    const key = `${kind} ${value}`;
    const before = seen.get(key);
    if (before) problems.push(problem(path, `${kind} "${value}" is already defined at ${before}`));
    else seen.set(key, path.map(String).join("."));
  };
  const centres = file.centres.map((entry, c): FleetCentre => {
    const at: PropertyKey[] = ["centres", c];
    claim("centre", entry.id, [...at, "id"]);
    const gateways = new Set(entry.gateways.map((gateway) => gateway.id));
    for (const [g, gateway] of entry.gateways.entries()) claim("gateway", gateway.id, [...at, "gateways", g, "id"]);
    const racks: FleetRack[] = [];
    const devices: FleetDevice[] = [];
    const addDevices = (
      entries: DeviceEntry[],
      path: PropertyKey[],
      place: { hallId?: string; rackId?: string; n?: Index },
    ) => {
      entries.forEach((device, d) => {
        for (const n of indices(device.id) ?? [place.n]) {
          const here = [...path, d];
          const { gateway, unitId, ...rest } = device.address;
          const resolved: FleetDevice = {
            ...device,
            id: fill(device.id, n),
            centreId: entry.id,
            ...(place.hallId && { hallId: place.hallId }),
            ...(place.rackId && { rackId: place.rackId }),
            ...(gateway && { gatewayId: gateway }),
            address: {
              ...Object.fromEntries(Object.entries(rest).map(([key, text]) => [key, fill(String(text), n)])),
              ...(unitId !== undefined && { unitId: compute(unitId, n) }),
            },
          };
          claim("device", resolved.id, [...here, "id"]);
          if (device.protocol === "modbus-tcp") {
            if (!gateway) problems.push(problem([...here, "address"], "a modbus-tcp device needs address.gateway"));
            else if (!gateways.has(gateway))
              problems.push(
                problem(
                  [...here, "address", "gateway"],
                  `no gateway "${gateway}" in this centre; known: ${[...gateways].join(", ") || "none"}`,
                ),
              );
            const unit = resolved.address.unitId;
            if (unit === undefined || unit < 0 || unit > 255)
              problems.push(problem([...here, "address"], "a modbus-tcp device needs address.unitId from 0 to 255"));
          }
          if (device.protocol === "mqtt-json" && !resolved.address.topic)
            problems.push(problem([...here, "address"], "an mqtt-json device needs address.topic"));
          if (device.protocol === "sparkplug" && !(resolved.address.group && resolved.address.edgeNode))
            problems.push(problem([...here, "address"], "a sparkplug device needs address.group and address.edgeNode"));
          if (device.role === "rack_feed" && (!place.rackId || !device.feed))
            problems.push(problem(here, "a rack_feed device stands under a rack and names its feed, A or B"));
          devices.push(resolved);
        }
      });
    };
    addDevices(entry.devices, [...at, "devices"], {});
    entry.halls.forEach((hall, h) => {
      const inHall = [...at, "halls", h];
      claim("hall", hall.id, [...inHall, "id"]);
      addDevices(hall.devices, [...inHall, "devices"], { hallId: hall.id });
      hall.racks.forEach((rack, r) => {
        const { devices: rackDevices, ...rackRest } = rack;
        if (rack.reservedGpus > rack.gpus)
          problems.push(problem([...inHall, "racks", r, "reservedGpus"], `at most gpus (${rack.gpus})`));
        for (const n of indices(rack.id) ?? [undefined]) {
          const rackId = fill(rack.id, n);
          claim("rack", rackId, [...inHall, "racks", r, "id"]);
          racks.push({
            ...rackRest,
            id: rackId,
            centreId: entry.id,
            hallId: hall.id,
            slot: rack.slot + (n ? n.position : 0),
          });
          addDevices(rackDevices, [...inHall, "racks", r, "devices"], { hallId: hall.id, rackId, ...(n && { n }) });
        }
      });
    });
    const { halls, devices: _, ...rest } = entry;
    return {
      ...rest,
      halls: halls.map(({ id: hallId, name, cooling }) => ({ id: hallId, name, cooling })),
      racks,
      devices,
    };
  });
  return { fleet: { simulated: file.simulated, centres }, problems };
}

type Index = { position: number; value: number; text: string };

function rangeOf(text: string): { first: number; last: number; digits: number } | undefined {
  const match = /\{(\d+)\.\.(\d+)\}/.exec(text);
  return match ? { first: Number(match[1]), last: Number(match[2]), digits: match[1]!.length } : undefined;
}

/** The numbers of a range in an id, or undefined when it has none. */
function indices(text: string): Index[] | undefined {
  const range = rangeOf(text);
  return (
    range &&
    Array.from({ length: range.last - range.first + 1 }, (_, position) => ({
      position,
      value: range.first + position,
      text: String(range.first + position).padStart(range.digits, "0"),
    }))
  );
}

function fill(text: string, n: Index | undefined): string {
  if (!n) return text;
  return text
    .replace(/\{\d+(?:\.\.\d+)?\}/g, n.text)
    .replace(/\{i(?:\*\d+)?(?:[+-]\d+)?\}/g, (formula) => String(compute(formula, n)));
}

function compute(value: number | string, n: Index | undefined): number {
  if (typeof value === "number") return value;
  const match = /^\{i(?:\*(\d+))?([+-]\d+)?\}$/.exec(value);
  return (n?.value ?? 0) * Number(match?.[1] ?? 1) + Number(match?.[2] ?? 0);
}
