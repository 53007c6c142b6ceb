import { cpus } from "node:os";

/** Prints a benchmark's figures: JSON with --json, else a table. */
export function printFigures(name: string, figures: Record<string, number | string>): void {
  const all = {
    benchmark: name,
    node: process.version,
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? "unknown",
    ...figures,
  };
  if (process.argv.includes("--json")) console.log(JSON.stringify(all, null, 2));
  else console.table(all);
}
