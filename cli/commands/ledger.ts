import { parseArgs } from "node:util";
import { rebuildLedger } from "#ingest/ledger/worker.ts";
import { compareTruth } from "#ingest/simulator/truth.ts";
import { type Command, UsageError } from "./command.ts";
import { withDatabase } from "./with-database.ts";

export const ledgerCommands: Command[] = [
  {
    name: "ledger rebuild",
    usage: "--from ISO --to ISO",
    summary: "Derives every ledger hour of a period again from its readings.",
    run: (args) =>
      withDatabase(async (db) => {
        const { from, to } = readPeriod(args);
        const { entries, added, changed, removed, centreHours } = await rebuildLedger(db, from, to);
        const differing = added + changed + removed;
        console.log(
          differing === 0
            ? `the rebuilt ledger equals what stood before: ${entries} entries, 0 changed, ${centreHours} centre-hours derived`
            : `${differing} of ${entries} entries changed: ${added} added, ${changed} changed, ${removed} removed; ${centreHours} centre-hours derived`,
        );
      }),
  },
  {
    name: "ledger compare",
    usage: "--from ISO --to ISO",
    summary: "Compares the ledger with the simulator's own energy truth, device by device; fails above 0.1 %.",
    async run(args) {
      let worst = 0;
      await withDatabase(async (db, { dataDir }) => {
        const { from, to } = readPeriod(args);
        for (const row of await compareTruth(db, dataDir, from, to)) {
          worst = Math.max(worst, Math.abs(row.deviation));
          console.log(
            `${row.deviceId.padEnd(24)} truth ${row.truthWh.toFixed(1).padStart(14)} Wh  ledger ${row.ledgerWh.toFixed(1).padStart(14)} Wh  ${(row.deviation * 100).toFixed(4)} %`,
          );
        }
      });
      console.log(`worst ${(worst * 100).toFixed(4)} %`);
      return worst > 0.001 ? 1 : 0;
    },
  },
];

function readPeriod(args: string[]): { from: Date; to: Date } {
  const { values } = parseArgs({ args, strict: true, options: { from: { type: "string" }, to: { type: "string" } } });
  const from = new Date(values.from ?? "");
  const to = new Date(values.to ?? "");
  if (!(from.getTime() < to.getTime()))
    throw new UsageError("--from and --to take instants such as 2026-11-01T00:00:00Z, from before to");
  return { from, to };
}
