import { existsSync, readFileSync } from "node:fs";

type Vector = {
  id: string;
  in: Record<string, number>;
  expect: number | Record<string, number>;
  tol?: number;
  source: string;
};

const file =
  process.env.HS_ESG_VECTORS ?? new URL("../../../shared/data/esg/worked-vectors/vectors.json", import.meta.url);
const all: Vector[] | undefined = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
if (!all) console.log("Worked ESG vectors are not here (HS_ESG_VECTORS): tests against them are skipped.");

/** Public worked numbers of these ids; none where the pack is not on this machine. */
export function workedVectors(...ids: string[]): Vector[] {
  const found = all?.filter(({ id }) => ids.includes(id)) ?? [];
  if (all && found.length !== ids.length) throw new Error(`the worked vectors lack one of ${ids.join(", ")}`);
  return found;
}
