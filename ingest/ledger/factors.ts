import type { Database } from "#db/client.ts";
import { ownSupplyFactors } from "#domain/indicators/factors.ts";

/** Writes the factors that the indicators use beside those of imports, once by version, so that a report can name them. */
export async function recordFactors(db: Database): Promise<void> {
  const { version, unit, basis, validFrom, factors } = ownSupplyFactors;
  for (const { id, value, source, licence } of factors)
    await db.sql`
      insert into emission_factor (id, version, value, unit, basis, source, licence, valid_from)
      values (${id}, ${version}, ${value}, ${unit}, ${basis}, ${source}, ${licence}, ${validFrom}) on conflict do nothing`;
}
