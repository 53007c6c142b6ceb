import { readFileSync } from "node:fs";

/** A process that cannot be mistaken for a later one with the same pid. */
export type ProcessIdentity = { pid: number; startTicks: string | null };

/** Kernel start time of a process in clock ticks since boot; null: gone, a zombie, or no /proc on this system. */
export function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name stands in parentheses and may hold anything: count the fields behind it (proc(5): state 3, starttime 22).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/** Whether exactly this process still runs. */
export function isAlive({ pid, startTicks: ticks }: ProcessIdentity): boolean {
  if (ticks !== null) return startTicks(pid) === ticks;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
