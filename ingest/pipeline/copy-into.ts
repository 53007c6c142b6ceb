import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";

/** Sends a finished binary COPY stream into a table; `columns` in the stream's order. */
export async function copyInto(client: pg.ClientBase, table: string, columns: string, data: Buffer): Promise<void> {
  const stream = client.query(copyFrom(`copy ${table} (${columns}) from stdin (format binary)`));
  await new Promise<void>((resolve, reject) => {
    stream.on("error", reject);
    stream.on("finish", resolve);
    stream.end(data);
  });
}
