import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HourLine, SimulationState } from "./simulation.ts";

/*
 * DATA_DIR/simulator. `state.json`: the simulation at its newest save, replaced whole by a rename. `hours.ndjson`: a line
 * for each hour's start, only ever added to; of two lines for one hour the later counts. Written by one process at a
 * time (the data folder is locked); a kill leaves at most one torn last line, which is left out.
 */

const stateFile = "state.json";
const hoursFile = "hours.ndjson";
const folderOf = (dataDir: string) => join(dataDir, "simulator");

export type StateFolder = {
  /** undefined: a first start, or a file that cannot be read. */
  load(): SimulationState | undefined;
  save(state: SimulationState): void;
  appendHour(line: HourLine): void;
  /** Begins the record anew. */
  replaceHours(lines: HourLine[]): void;
};

export function openStateFolder(dataDir: string): StateFolder {
  const folder = folderOf(dataDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, `${name}.new`), text, { mode: 0o600 });
    renameSync(join(folder, `${name}.new`), join(folder, name));
  };
  let mayBeTorn = true;
  return {
    load() {
      const text = readText(join(folder, stateFile));
      try {
        const state = JSON.parse(text ?? "") as SimulationState;
        return state.version === 1 ? state : undefined;
      } catch {
        return undefined;
      }
    },
    save: (state) => write(stateFile, JSON.stringify(state)),
    appendHour(line) {
      if (mayBeTorn) closeLastLine(join(folder, hoursFile));
      mayBeTorn = false;
      appendFileSync(join(folder, hoursFile), `${JSON.stringify(line)}\n`, { mode: 0o600 });
    },
    replaceHours: (lines) => write(hoursFile, lines.map((line) => `${JSON.stringify(line)}\n`).join("")),
  };
}

/** Hours of the record inside [fromMs, toMs], oldest first. */
export function readHours(dataDir: string, fromMs: number, toMs: number): HourLine[] {
  const hours = new Map<number, HourLine>();
  for (const text of (readText(join(folderOf(dataDir), hoursFile)) ?? "").split("\n")) {
    const at = Number(/^\{"hourMs":(\d+)/.exec(text)?.[1] ?? Number.NaN);
    if (!(at >= fromMs && at <= toMs)) continue;
    try {
      hours.set(at, JSON.parse(text) as HourLine);
    } catch {
      // Torn by a kill: the hour is written again when the simulation is replayed over it.
    }
  }
  return [...hours.values()].sort((a, b) => a.hourMs - b.hourMs);
}

/** A torn last line gets its end, so that the next one stands by itself. */
function closeLastLine(file: string): void {
  const text = readText(file);
  if (text && !text.endsWith("\n")) appendFileSync(file, "\n");
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
