/* How long from the command to /readyz: the first time (database made, console built), later, and to a full stop. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "#cli/build.ts";
import { startConsole, temporaryFolder } from "#test/support/console-process.ts";
import { printFigures } from "./report.ts";

const folder = await temporaryFolder();
const seconds = (begun: number) => Number(((performance.now() - begun) / 1_000).toFixed(2));
try {
  await rm(join(projectRoot, "build"), { recursive: true, force: true });
  const figures: Record<string, number> = {};
  let begun = performance.now();
  const first = await startConsole(folder.path, { SIM_HISTORY_DAYS: "30" });
  figures.firstStartSeconds = seconds(begun);
  figures.firstStopSeconds = Number((await first.interrupt()).toFixed(2));
  const later: number[] = [];
  const stops: number[] = [];
  for (let round = 0; round < 3; round++) {
    begun = performance.now();
    const again = await startConsole(folder.path, { SIM_HISTORY_DAYS: "30" });
    later.push(seconds(begun));
    stops.push(await again.interrupt());
  }
  figures.laterStartSecondsWorst = Math.max(...later);
  figures.stopSecondsWorst = Number(Math.max(...stops).toFixed(2));
  const killed = await startConsole(folder.path, { SIM_HISTORY_DAYS: "30" });
  await killed.kill();
  begun = performance.now();
  const recovered = await startConsole(folder.path, { SIM_HISTORY_DAYS: "30" });
  figures.startAfterKillSeconds = seconds(begun);
  await recovered.interrupt();
  printFigures("start", figures);
} finally {
  await folder.remove();
}
