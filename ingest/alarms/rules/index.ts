import type { Rule } from "../types.ts";
import { clockOff } from "./clock-off.ts";
import { coverageLow } from "./coverage-low.ts";
import { deadLetters } from "./dead-letters.ts";
import { gpuFault } from "./gpu-fault.ts";
import { gpuHot } from "./gpu-hot.ts";
import { ingestBehind } from "./ingest-behind.ts";
import { inletHot } from "./inlet-hot.ts";
import { pueAboveTarget } from "./pue-above-target.ts";
import { silent } from "./silent.ts";
import { storageLow } from "./storage-low.ts";

export const rules: Rule[] = [
  silent,
  ingestBehind,
  deadLetters,
  clockOff,
  pueAboveTarget,
  coverageLow,
  storageLow,
  inletHot,
  gpuHot,
  gpuFault,
];
