import type { ServerResponse } from "node:http";
import { Gauge } from "prom-client";
import type { RoleDeps } from "#db/config/role.ts";
import { type Channel, channels } from "#db/notify.ts";
import { placeOfJob } from "#db/queries/job-pages.ts";

/**
 * One thing that changed. `centreIds` is absent when the change has no place (the chain, the fleet, a task): whoever sees
 * some centres is then told that something changed, and not what.
 */
export type LiveEvent = {
  id: number;
  kind: keyof typeof channels;
  centreIds?: string[];
  /** Whose thing it is, wherever its place. */
  personId?: string;
  atMs: number;
  data: Record<string, unknown>;
};
/** What a subscriber may know of. */
export type LiveScope = { centreIds: string[] | null; personId: string };

export type LiveHub = {
  /** Sends events to a browser until its response closes. `lastEventId` replays what it missed, as far as it is kept. */
  subscribe(response: ServerResponse, scope: LiveScope, lastEventId?: number): void;
  subscribers(): number;
  notReady(): string | undefined;
  stop(): Promise<void>;
};

/** Events kept for a browser that reconnects. */
const kept = 200;
const heartbeatMs = 15_000;

/** Listens to every channel on one connection and tells all browsers of this process. */
export async function createLiveHub({ db, clock, metrics, log }: RoleDeps): Promise<LiveHub> {
  const recent: LiveEvent[] = [];
  const open = new Map<ServerResponse, LiveScope>();
  // Ids go on from the clock, so that an id of an earlier process is never mistaken for one of ours.
  let nextId = clock();
  let gap = false;
  let stopped = false;
  const gauge =
    (metrics.getSingleMetric("hs_live_subscribers") as Gauge | undefined) ??
    new Gauge({ name: "hs_live_subscribers", help: "Browsers that listen to live events", registers: [metrics] });

  const write = (response: ServerResponse, event: LiveEvent) => {
    // A browser that does not read is dropped: it reconnects with its last id.
    if (response.writableLength > 256_000) response.destroy();
    else
      response.write(
        `id: ${event.id}\nevent: change\ndata: ${JSON.stringify({ kind: event.kind, atMs: event.atMs, ...event.data })}\n\n`,
      );
  };
  const publish = async (kind: keyof typeof channels, data: Record<string, unknown>) => {
    const named = Array.isArray(data.centreIds)
      ? data.centreIds
      : typeof data.centreId === "string"
        ? [data.centreId]
        : undefined;
    const place =
      kind === "job"
        ? await jobPlace(data.jobId)
        : named && { centreIds: named.filter((id) => typeof id === "string") };
    const event: LiveEvent = { id: ++nextId, kind, atMs: clock(), data, ...place };
    recent.push(event);
    if (recent.length > kept) recent.shift();
    for (const [response, scope] of open) {
      const seen = visibleTo(event, scope);
      if (seen) write(response, seen);
    }
  };

  /** A job that cannot be looked up is nobody's but of those who see all. */
  const jobPlace = async (jobId: unknown): Promise<Pick<LiveEvent, "centreIds" | "personId">> => {
    try {
      const found = typeof jobId === "string" ? await placeOfJob(db, jobId) : undefined;
      return { centreIds: found?.centreId ? [found.centreId] : [], ...(found && { personId: found.submittedBy }) };
    } catch (error) {
      log.warn({ err: error }, "the place of a job that changed could not be looked up");
      return { centreIds: [] };
    }
  };
  // One after the other: a look-up takes time, and events keep their order.
  let published: Promise<void> = Promise.resolve();
  const enqueue = (kind: keyof typeof channels, data: Record<string, unknown>) => {
    published = published.then(() => publish(kind, data));
  };

  const subscriptions: { stop(): Promise<void> }[] = [];
  for (const [kind, channel] of Object.entries(channels) as [keyof typeof channels, Channel][]) {
    subscriptions.push(
      await db.listen(
        channel,
        (data) => enqueue(kind, data),
        // What was said while we did not listen is unknown: tell every page to look again.
        () => {
          gap = true;
        },
      ),
    );
  }
  const timer = setInterval(() => {
    if (gap) {
      gap = false;
      log.warn("the connection for live events was lost and is back");
      enqueue("readings", {});
    }
    for (const response of open.keys()) response.write(`event: beat\ndata: ${clock()}\n\n`);
  }, heartbeatMs);
  timer.unref();

  return {
    subscribe(response, scope, lastEventId) {
      // The browser may have left while its session was looked up: its "close" has passed and will not come again.
      if (stopped || response.closed || response.destroyed) {
        response.end();
        return;
      }
      open.set(response, scope);
      gauge.set(open.size);
      response.once("close", () => {
        open.delete(response);
        gauge.set(open.size);
      });
      response.write(`retry: 1000\nevent: beat\ndata: ${clock()}\n\n`);
      if (lastEventId !== undefined) {
        for (const event of recent) {
          const seen = event.id > lastEventId ? visibleTo(event, scope) : undefined;
          if (seen) write(response, seen);
        }
      }
    },
    subscribers: () => open.size,
    notReady: () => undefined,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await Promise.allSettled(subscriptions.map((subscription) => subscription.stop()));
      for (const response of open.keys()) response.end();
      open.clear();
    },
  };
}

/** The event as a person of this scope may see it, without other centres' names; undefined: nothing of it. */
export function visibleTo(event: LiveEvent, scope: LiveScope): LiveEvent | undefined {
  const { centreIds } = scope;
  if (centreIds === null || event.personId === scope.personId) return event;
  if (event.centreIds === undefined) return { ...event, data: {} };
  const seen = event.centreIds.filter((id) => centreIds.includes(id));
  if (seen.length === 0) return undefined;
  return {
    ...event,
    centreIds: seen,
    data: { ...event.data, ...(event.data.centreIds !== undefined && { centreIds: seen }) },
  };
}
