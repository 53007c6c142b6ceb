import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * The MQTT client id of this data folder, made once: the broker keeps a persistent session, with what came while we were
 * away, under it. Not the host's name: a container has another each time.
 */
export async function clientIdOf(dataDir: string): Promise<string> {
  const file = join(dataDir, "mqtt-client-id");
  const kept = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  if (/^hs-ingest-[0-9a-f]{12}$/.test(kept)) return kept;
  const made = `hs-ingest-${randomBytes(6).toString("hex")}`;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, made, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return made;
}
