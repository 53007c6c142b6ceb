import type { ServerResponse } from "node:http";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Database } from "#db/client.ts";
import type { Env } from "#db/config/env.ts";

/** What every loader and action is given as `context`. One object a request. */
export type LoadContext = {
  db: Database;
  env: Env;
  log: Logger;
  /** Now, in milliseconds since 1970. */
  clock: () => number;
  /** The request's CSP nonce. */
  nonce: string;
  /** Short id of this request: shown with an error, written with the log. */
  requestId: string;
  /** The raw response: its "close" is the only sign that a browser left (Remix's `request.signal` never fires). */
  res: ServerResponse;
  /** Address of the peer, for rate limits. */
  remoteAddress: string;
  /** What of this process is not ready, by part; empty when all is. */
  readiness: () => Record<string, string>;
  metrics: Registry;
};

declare module "@remix-run/server-runtime" {
  interface AppLoadContext extends LoadContext {}
}
