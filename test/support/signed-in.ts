import type { ServerResponse } from "node:http";
import type { AppLoadContext } from "@remix-run/node";
import pino from "pino";
import { Registry } from "prom-client";
import { sessionCookieName } from "#app/auth/cookies.ts";
import type { Database } from "#db/client.ts";
import { parseEnv } from "#db/config/env.ts";
import { createPerson, findSession, type Person, startSession } from "#db/queries/people.ts";
import type { Role } from "#db/schema/people.ts";

const env = parseEnv({ NODE_ENV: "test" });

/** What a loader or action is given; a new one for each request, as the server does. */
export function loadContext(db: Database, nowMs: number): AppLoadContext {
  return {
    db,
    env,
    log: pino({ level: "silent" }),
    clock: () => nowMs,
    nonce: "test",
    requestId: "test",
    res: undefined as unknown as ServerResponse,
    remoteAddress: "127.0.0.1",
    readiness: () => ({}),
    metrics: new Registry(),
  };
}

export type SignedIn = {
  person: Person;
  csrf: string;
  get(path: string): Request;
  /** A form of one of our pages; `csrf: null` leaves the token out. */
  post(path: string, fields: Record<string, string | string[]>, csrf?: string | null): Request;
};

/** A person of a role with an open session, and the requests that their browser would send. */
export async function signedIn(
  db: Database,
  role: Role,
  nowMs: number,
  centreIds: string[] | null = null,
): Promise<SignedIn> {
  const now = new Date(nowMs);
  const email = `${role}-${Math.random().toString(36).slice(2)}@example.org`;
  const person = await createPerson(db, { email, name: `The ${role}`, role, centreIds }, now);
  const { token } = await startSession(db, person.id, now);
  const session = await findSession(db, token, now);
  const headers = { Cookie: `${sessionCookieName(env)}=${token}`, "Accept-Language": "en" };
  const csrf = session!.csrfToken;
  return {
    person,
    csrf,
    get: (path) => new Request(`http://console.test${path}`, { headers }),
    post(path, fields, proof = csrf) {
      const body = new URLSearchParams();
      if (proof !== null) body.set("csrf", proof);
      for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
      return new Request(`http://console.test${path}`, { method: "POST", headers, body });
    },
  };
}

/** What a loader or action answered or threw: status, where it leads, and its data. */
export async function answerOf(
  run: () => Promise<unknown>,
): Promise<{ status: number; location: string | null; data: never }> {
  const result = await run().catch((thrown: unknown) => {
    if (thrown instanceof Response) return thrown;
    throw thrown;
  });
  if (result instanceof Response)
    return {
      status: result.status,
      location: result.headers.get("Location"),
      data: (result.headers.get("Content-Type")?.includes("json") ? await result.json() : await result.text()) as never,
    };
  const wrapped = result as { type?: string; data?: unknown; init?: ResponseInit | null };
  return wrapped?.type === "DataWithResponseInit"
    ? { status: wrapped.init?.status ?? 200, location: null, data: wrapped.data as never }
    : { status: 200, location: null, data: result as never };
}
