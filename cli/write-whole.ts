import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file that is there whole or not at all, also after a power cut; readable by its owner only.
 * @param beforeRename what is to happen when the new content is on the disk and the old file still in its place.
 */
export async function writeWhole(
  path: string,
  content: string | Buffer,
  beforeRename: () => Promise<void> = async () => {},
): Promise<void> {
  const draft = `${path}.draft`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await beforeRename();
  await rename(draft, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
