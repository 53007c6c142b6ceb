import { registerHooks } from "node:module";

/*
 * postgres.js 3.4.9 throws from a callback, where nobody can catch it, when the server ends a connection in the middle of a
 * transaction (porsager/postgres issues 1066, 1154, 1208): one restart of the database would end every process. Until a
 * release mends it, four places of the driver's source are mended as it is loaded. See docs/decisions/0005.
 */
const driver = "/postgres/src/connection.js";
const edits: [from: string, to: string][] = [
  [
    "  function nextWrite(fn) {\n",
    `  function nextWrite(fn) {
    if (!socket) {
      nextWriteTimer !== null && clearImmediate(nextWriteTimer)
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options))
      return true
    }
`,
  ],
  [
    "    clearImmediate(nextWriteTimer)\n    socket.removeListener('data', data)\n    socket.removeListener('connect', connected)\n    idleTimer",
    "    clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    socket.removeListener('data', data)\n    socket.removeListener('connect', connected)\n    idleTimer",
  ],
  ["    !hadError && (query || sent.length) && error(", "    ;(query || sent.length) && error("],
  // Lost while the driver asked for array types: its half answer was given to the first query of the next connection.
  [
    "    if (initial)\n      return reconnect()\n",
    `    if (initial) {
      query = results = errorResponse = null
      result = new Result()
      while (sent.length) sent.shift()
      needsTypes = options.fetch_types
      return reconnect()
    }
`,
  ],
];

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(driver)) return loaded;
    return { ...loaded, source: mended(String(loaded.source)) };
  },
});

/** @throws Error when the source is not the one that the edits were written for: look at the release's notes and drop this file. */
function mended(source: string): string {
  return edits.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2)
      throw new Error("postgres.js is not version 3.4.9: see docs/decisions/0005-a-mended-driver.md");
    return text.replace(from, () => to);
  }, source);
}

/** The mended driver, and drizzle, which imports it as well. Loaded after the hook stands: a static import would come before it. */
export const { default: postgres } = await import("postgres");
export const { drizzle } = await import("drizzle-orm/postgres-js");
