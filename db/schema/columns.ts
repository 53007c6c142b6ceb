import { customType, timestamp } from "drizzle-orm/pg-core";

/** `timestamptz` read as a Date (ms). The time-series path keeps microseconds and does not use it. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** `bytea` as a Node Buffer. */
export const bytes = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** Wei and other 256-bit integers: `numeric(78,0)` in the database, `bigint` in TypeScript. */
export const uint256 = customType<{ data: bigint; driverData: string }>({
  dataType: () => "numeric(78,0)",
  fromDriver: (value) => BigInt(value),
  toDriver: (value) => value.toString(),
});

/** A name in the console's three languages. */
export type LocalizedText = { en: string; "zh-Hant": string; "zh-Hans": string };
