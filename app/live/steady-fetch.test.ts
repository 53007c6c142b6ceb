import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { steadyFetch } from "./steady-fetch.ts";
import { connection } from "./use-connection.ts";

type Step = number | "gone" | "torn" | "portal";

const idle = { navigation: { state: "idle" }, revalidation: "idle" };
const refresh = { ...idle, revalidation: "loading" };
const goingElsewhere = { ...idle, navigation: { state: "loading" } };
const address = "http://console.test/_root.data";

/** A network that answers as told, one step a request, and what was asked of it. */
function network(steps: Step[], state = refresh) {
  const asked: string[] = [];
  const fetch = steadyFetch({
    router: () => ({ state }),
    origin: "http://console.test",
    fetch: async (input, init) => {
      asked.push(`${init?.method ?? "GET"} ${input}`);
      init?.signal?.throwIfAborted();
      const step = steps.shift() ?? 200;
      if (step === "gone") throw new TypeError("Failed to fetch");
      if (step === "portal") return new Response("<html>", { headers: { "Content-Type": "text/html" } });
      if (step === "torn") return new Response(new ReadableStream({ start: (body) => body.error(new Error("torn")) }));
      return new Response("data", { status: step, headers: { "X-Request-Id": `ref-${step}` } });
    },
  });
  return { fetch, asked };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  connection.streamClosed();
  connection.answered();
  vi.useRealTimers();
});

const minutes = () => vi.advanceTimersByTimeAsync(120_000);

describe("a refresh", () => {
  for (const step of [500, 503, "gone", "torn", "portal"] as const) {
    it(`is held over ${step} until it is answered`, async () => {
      const { fetch, asked } = network([step, step]);
      const answer = fetch(address);
      await vi.advanceTimersByTimeAsync(0);
      expect(connection.now().lostSinceMs).toBe(Date.now());
      await minutes();
      expect(await (await answer).text()).toBe("data");
      expect(asked).toHaveLength(3);
      expect(connection.now()).toMatchObject({ lostSinceMs: undefined, reference: undefined });
    });
  }

  it("shows what is no failure of the console's: 404", async () => {
    expect((await network([404]).fetch(address)).status).toBe(404);
  });

  it("ends when Remix gives it up", async () => {
    const over = new AbortController();
    const { fetch, asked } = network(["gone", "gone"]);
    const answer = fetch(address, { signal: over.signal });
    const failure = expect(answer).rejects.toThrow("elsewhere");
    await vi.advanceTimersByTimeAsync(10);
    over.abort(new Error("elsewhere"));
    await failure;
    await minutes();
    expect(asked).toHaveLength(1);
  });

  it("is asked at once when somebody asks for it", async () => {
    const { fetch } = network([503]);
    const answer = fetch(address);
    await vi.advanceTimersByTimeAsync(10);
    connection.tryNow();
    await vi.advanceTimersByTimeAsync(10);
    expect((await answer).status).toBe(200);
  });

  it("does not end a break while the stream is still lost", async () => {
    connection.streamLost();
    await network([]).fetch(address);
    expect(connection.now().lostSinceMs).toBeDefined();
    connection.streamOpened();
    expect(connection.now().lostSinceMs).toBeDefined();
    await network([]).fetch(address);
    expect(connection.now().lostSinceMs).toBeUndefined();
  });
});

describe("a new page", () => {
  it("shows its own failure, with its id, and holds only while the console is away", async () => {
    const { fetch, asked } = network(["gone", 503, 500], goingElsewhere);
    const answer = fetch(address);
    await minutes();
    expect((await answer).status).toBe(500);
    expect(asked).toHaveLength(3);
    expect(connection.now().reference).toBe("ref-500");
  });
});

describe("a form", () => {
  it("is sent once, and fails as it fails", async () => {
    const { fetch, asked } = network(["gone"], idle);
    await expect(fetch(address, { method: "POST" })).rejects.toThrow("Failed to fetch");
    expect(asked).toHaveLength(1);
  });

  it("is not sent before the console answers again", async () => {
    connection.notAnswered();
    const { fetch, asked } = network(["gone"], idle);
    const answer = fetch(address, { method: "POST" });
    await vi.advanceTimersByTimeAsync(10);
    expect(asked).toEqual(["GET /healthz"]);
    await minutes();
    expect((await answer).status).toBe(200);
    expect(asked).toEqual(["GET /healthz", "GET /healthz", `POST ${address}`]);
  });
});

it("leaves any other request alone", async () => {
  const { fetch, asked } = network(["gone"]);
  await expect(fetch("http://console.test/settlements/1/proof.json")).rejects.toThrow("Failed to fetch");
  expect(asked).toHaveLength(1);
});
