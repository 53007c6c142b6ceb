import { createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { type Gauge, Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseEnv } from "#db/config/env.ts";
import { channels } from "#db/notify.ts";
import { createPerson, startSession } from "#db/queries/people.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { seedFleet } from "../api/testing.ts";
import { liveHandler } from "./handler.ts";
import { createLiveHub, type LiveHub, visibleTo } from "./hub.ts";

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let hub: LiveHub;
let server: Server;
let cookie: string;
/** Of somebody who sees some centres only. */
let scopedCookie: string;
let scopedId: string;
let port: number;
const metrics = new Registry();

beforeAll(async () => {
  database = await cloneDatabase();
  const { db } = database;
  const env = parseEnv({ NODE_ENV: "test" });
  const deps = { db, env, log: pino({ level: "silent" }), clock: Date.now, metrics };
  hub = await createLiveHub(deps);
  const handler = liveHandler(deps, hub);
  server = createServer((request, response) => {
    // The parts of Express that the handler uses.
    Object.assign(response, {
      status: (code: number) => Object.assign(response, { statusCode: code }),
      type: () => response,
      send: (text: string) => response.end(text),
    });
    void handler(request as never, response as never, () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
  const now = new Date();
  const signIn = async (email: string, centreIds: string[] | null) => {
    const person = await createPerson(db, { email, name: "A", role: "operator", centreIds }, now);
    return { id: person.id, cookie: `hs_session=${(await startSession(db, person.id, now)).token}` };
  };
  ({ cookie } = await signIn("all@example.org", null));
  ({ cookie: scopedCookie, id: scopedId } = await signIn("north@example.org", ["north"]));
});

afterAll(async () => {
  await hub.stop();
  await new Promise((resolve) => server.close(resolve));
  await database.drop();
});

type Stream = { response: IncomingMessage; text: () => string; leave(): void };

function connect(headers: Record<string, string> = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const request = get({ port, host: "127.0.0.1", path: "/live", agent: false, headers: { cookie, ...headers } });
    request.once("error", reject);
    request.once("response", (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("error", () => {});
      resolve({ response, text: () => text, leave: () => request.destroy() });
    });
  });
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; !(await condition()); tries++) {
    if (tries > 200) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const connections = () =>
  new Promise<number>((resolve, reject) => server.getConnections((error, n) => (error ? reject(error) : resolve(n))));
const gauge = async () => (await (metrics.getSingleMetric("hs_live_subscribers") as Gauge).get()).values[0]?.value;

describe("live events", () => {
  it("leave no handle behind after a thousand browsers have come and gone", async () => {
    for (let round = 0; round < 20; round++) {
      const streams = await Promise.all(Array.from({ length: 50 }, () => connect()));
      for (const stream of streams) stream.leave();
    }
    await until(() => hub.subscribers() === 0, "no subscriber");
    await until(async () => (await connections()) === 0, "no connection");
    expect(await gauge()).toBe(0);
  });

  it("leave none for browsers that go before they are answered", async () => {
    await Promise.all(
      Array.from(
        { length: 200 },
        () =>
          new Promise<void>((resolve) => {
            const request = get({ port, host: "127.0.0.1", path: "/live", agent: false, headers: { cookie } });
            request.on("error", () => {});
            request.once("close", () => resolve());
            request.once("socket", (socket) => socket.once("connect", () => setImmediate(() => request.destroy())));
          }),
      ),
    );
    await until(async () => (await connections()) === 0, "no connection");
    await until(() => hub.subscribers() === 0, "no subscriber");
  });

  it("tell a browser of its own centres only, once, and of what has no place nothing but that it changed", async () => {
    const { db } = database;
    await seedFleet(db, Date.now(), 1, []);
    // A job where somebody else's centre is; one that was planned at theirs and is no more; and one of their own.
    await db.sql`update job_run set centre_id = 'north' where job_id = 'job-00000002'`;
    await db.sql`update job set submitted_by = ${scopedId} where id = 'job-00000003'`;
    const stream = await connect({ cookie: scopedCookie });
    const all = await connect();
    await db.notify(channels.readings, { centreIds: ["north", "south"] });
    await db.notify(channels.alarm, { centreId: "south", alarmId: 1 });
    for (const jobId of ["job-00000001", "job-00000002", "job-00000003", "job-none"])
      await db.notify(channels.job, { jobId });
    await db.notify(channels.progress, { taskId: "history:south" });
    await until(() => stream.text().includes("progress"), "the last event");
    const told = ({ text }: Stream) =>
      [...text().matchAll(/^data: (\{.*\})$/gm)].map((match) => {
        const { atMs: _, ...rest } = JSON.parse(match[1] as string);
        return rest;
      });
    expect(told(stream)).toEqual([
      { kind: "readings", centreIds: ["north"] },
      { kind: "job", jobId: "job-00000002" },
      { kind: "job", jobId: "job-00000003" },
      { kind: "progress" },
    ]);
    await until(() => told(all).length === 7, "every event");
    stream.leave();
    all.leave();
  });

  it("go on after a break from the last event that the browser has", async () => {
    const before = await connect();
    await database.db.notify(channels.job, { jobId: "seen" });
    await until(() => before.text().includes('"seen"'), "the first event");
    const lastId = [...before.text().matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] as string;
    before.leave();
    await until(() => hub.subscribers() === 0, "the break");
    await database.db.notify(channels.job, { jobId: "missed" });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const after = await connect({ "last-event-id": lastId });
    await until(() => after.text().includes('"missed"'), "what was missed");
    expect(after.text()).not.toContain('"seen"');
    after.leave();
  });

  it("are refused without a session", async () => {
    const stream = await connect({ cookie: "hs_session=nobody" });
    expect(stream.response.statusCode).toBe(401);
    stream.leave();
    expect(hub.subscribers()).toBe(0);
  });
});

describe("visibleTo", () => {
  const event = { id: 1, kind: "readings" as const, atMs: 0, data: { centreIds: ["a", "b"] }, centreIds: ["a", "b"] };

  it("takes away the names of centres out of sight", () => {
    const personId = "person-1";
    expect(visibleTo(event, { centreIds: ["b", "c"], personId })?.data).toEqual({ centreIds: ["b"] });
    expect(visibleTo(event, { centreIds: ["c"], personId })).toBeUndefined();
    expect(visibleTo(event, { centreIds: null, personId })).toBe(event);
  });
});
