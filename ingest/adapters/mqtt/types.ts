import type { JudgedTime } from "../../pipeline/clock.ts";
import type { DeadLetterReason, GpuSampleRow, ReadingRow } from "../../pipeline/types.ts";
import type { MqttJsonProfile, SparkplugProfile } from "../../profiles/types.ts";

/** A point as the database knows it: its key and its plausible range. */
export type KnownPoint = { id: number; minimum: number | null; maximum: number | null };

/** A device's rows as messages find them: points by name, GPUs of its rack by index. */
export type KnownRows = { points: Map<string, KnownPoint>; gpus: Map<number, number> };

export type JsonDevice = KnownRows & { id: string; profile: MqttJsonProfile };
export type SparkplugDevice = KnownRows & { id: string; profile: SparkplugProfile };

/** A message as it came from the broker. */
export type Incoming = {
  topic: string;
  payload: Uint8Array;
  receivedAtUs: number;
  /** The broker delivers it again, or may do so: it was not acknowledged the first time. */
  dup: boolean;
  /** Kept by the broker for newcomers: nobody knows for how long. */
  retain: boolean;
};

/** What a message cannot give, and why: a dead letter of its own beside the rows that it can give. */
export type Problem = { reason: DeadLetterReason; detail: string };

export type Decoded = {
  readings: ReadingRow[];
  gpuSamples: GpuSampleRow[];
  problems: Problem[];
  /** Whether the device said the time. */
  timed: boolean;
  /** Device clock − ours, where a live message says its time. */
  clockOffsetMs?: number | undefined;
};

/** Judges a device's time against the arrival of the message at hand. */
export type JudgeTime = (
  deviceTimeUs: number | undefined,
  receivedAtUs: number,
  options?: { historical?: boolean },
) => JudgedTime;
