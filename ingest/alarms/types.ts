import type { DeviceRole } from "#db/schema/fleet.ts";
import type { Quality } from "#db/schema/telemetry.ts";

/** Rules in the order of the documentation; stored in `alarm.rule`. */
export const ruleNames = [
  "silent",
  "ingestBehind",
  "deadLetters",
  "clockOff",
  "pueAboveTarget",
  "coverageLow",
  "storageLow",
  "inletHot",
  "gpuHot",
  "gpuFault",
] as const;
export type RuleName = (typeof ruleNames)[number];

/** Something that is wrong now. One open alarm per cause. */
export type Finding = {
  cause: string;
  severity: "watch" | "act";
  centreId: string;
  deviceId?: string;
  /** A key of app/locales/<language>/alarms.json and its values; instants as ISO 8601 text. */
  message: { key: string; values: Record<string, string | number> };
};

/** `undecided`: causes of which nothing can be said now; their alarms stay as they are. */
export type RuleResult = { findings: Finding[]; undecided?: string[] };

export type Rule = {
  name: RuleName;
  /** Must be found for this long before it opens, and be gone for this long before it closes. */
  opensAfterMs: number;
  closesAfterMs: number;
  /** Pure. `open`: causes whose alarm is open, for hysteresis. */
  find(snapshot: Snapshot, open: ReadonlySet<string>): RuleResult;
};

export type CentreState = {
  id: string;
  /** Where IT energy is measured (ISO/IEC 30134-2). */
  pueCategory: number;
  storageCapacityWh: number;
  targetPue: number;
  targetStorageHours: number;
  /** Newest time of arrival of what is committed. */
  committedMs: number | null;
};

export type DeviceState = {
  id: string;
  centreId: string;
  hallId: string | null;
  rackId: string | null;
  gatewayId: string | null;
  role: DeviceRole;
  /** `grid-contract`: a plant elsewhere that feeds the grid, not our bus. */
  supply: string | null;
  intervalS: number;
  seenMs: number | null;
  /** Device clock − ours. */
  clockOffsetMs: number | null;
};

/** The newest value of activePower (W), stateOfCharge (%) or inletTemperature (°C). */
export type MeterState = {
  deviceId: string;
  quantity: string;
  value: number | null;
  quality: Quality | null;
  receivedMs: number | null;
};

/** GPUs of one rack, over those with a sample of the last two minutes. */
export type RackHeat = {
  rackId: string;
  hallId: string;
  centreId: string;
  fresh: number;
  /** At or above the threshold of `gpuHot`. */
  hot: number;
  hottestC: number | null;
  hottestIndex: number | null;
};

/** A fault event that stands: the last of its kind and GPU, not gone back to 0. */
export type GpuFault = { rackId: string; centreId: string; index: number; kind: string; code: number; atMs: number };

export type ClosedHour = { centreId: string; hourMs: number; pue: number | null; coverage: number };

/** Letters of one source and reason in the last ten minutes. */
export type LetterCount = { source: string; reason: string; letters: number; centreId: string | null };

/** All that the rules look at, read at one moment. */
export type Snapshot = {
  nowMs: number;
  /** Since when we look: after a start everybody gets a moment to speak. */
  sinceMs: number;
  centres: CentreState[];
  devices: DeviceState[];
  meters: MeterState[];
  heat: RackHeat[];
  faults: GpuFault[];
  /** Closed hours of the last six, oldest first. */
  hours: ClosedHour[];
  letters: LetterCount[];
};

export const hourMs = 3_600_000;
export const iso = (ms: number): string => new Date(ms).toISOString();
/** One decimal: more would be false precision in a message. */
export const tenth = (value: number): number => Math.round(value * 10) / 10;
export const hundredth = (value: number): number => Math.round(value * 100) / 100;
