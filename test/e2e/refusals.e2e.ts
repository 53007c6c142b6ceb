/* Bad input at every door of a running console: a clear answer, a count in /metrics, and nothing else disturbed. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConsoleProcess, startConsole, temporaryFolder, waitUntil } from "#test/support/console-process.ts";
import { hs } from "#test/support/hs.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: ConsoleProcess;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startConsole(folder.path, { SIM_HISTORY_DAYS: "1" });
  for (const role of ["operator", "scheduling", "sustainability", "governance"])
    tokens[role] = await hs(["token", "create", "--role", role], { DATA_DIR: folder.path });
}, 240_000);
afterAll(async () => {
  await server?.interrupt();
  await folder?.remove();
});

/** Sum of a counter's series whose labels contain `label`. */
const counted = async (name: string, label: string): Promise<number> => {
  const headers = { authorization: `Bearer ${tokens.operator}` };
  const text = await (await fetch(`${server.url}/metrics`, { headers })).text();
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
};

const submit = (body: unknown, token = tokens.scheduling!) =>
  fetch(`${server.url}/api/v1/jobs`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const errorOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string; message: string } }).error;

describe("bad input", () => {
  it("on MQTT is counted by reason, kept as a dead letter, and readings go on", async () => {
    const broker = `mqtt://127.0.0.1:${server.mqttPort}`;
    const before = {
      malformed: await counted("hs_ingest_dead_letters_total", 'reason="malformed"'),
      tooLarge: await counted("hs_ingest_dead_letters_total", 'reason="too_large"'),
      unknown: await counted("hs_ingest_dead_letters_total", 'reason="unknown_topic"'),
    };
    const client = await mqtt.connectAsync(broker);
    await client.publishAsync("hs/qinghai/qh-a-01/gpu", "{not json", { qos: 1 });
    await client.publishAsync("hs/nowhere/nothing", '{"power":1}', { qos: 1 });
    await client.publishAsync("hs/qinghai/qh-a-01/gpu", Buffer.alloc(10 * 1024 * 1024, 0x20), { qos: 1 });
    await waitUntil(
      async () => (await counted("hs_ingest_dead_letters_total", 'reason="malformed"')) > before.malformed,
      15_000,
      "malformed to be counted",
    );
    await waitUntil(
      async () => (await counted("hs_ingest_dead_letters_total", 'reason="too_large"')) > before.tooLarge,
      15_000,
      "too_large to be counted",
    );
    await waitUntil(
      async () => (await counted("hs_ingest_dead_letters_total", 'reason="unknown_topic"')) > before.unknown,
      15_000,
      "unknown_topic to be counted",
    );
    await client.endAsync();
    const readings = await counted("hs_ingest_readings_total", 'quality="good"');
    await waitUntil(
      async () => (await counted("hs_ingest_readings_total", 'quality="good"')) > readings + 50,
      20_000,
      "readings to go on",
    );
  });

  it("in a fleet file names file, line, key and what is expected", async () => {
    const file = join(folder.path, "wrong.yaml");
    await writeFile(file, "version: 1\ncentres:\n  - id: a\n    colour: green\n    timeZone: Mars/Base\n");
    const failure = await hs(["fleet", "check", file], { DATA_DIR: folder.path }).catch(
      (error: { stderr: string; code: number }) => error,
    );
    expect(failure).toMatchObject({ code: 1 });
    const { stderr } = failure as { stderr: string };
    expect(stderr).toMatch(/wrong\.yaml:4: centres\.0\.colour: unknown key; known here: id, name/);
    expect(stderr).toMatch(/wrong\.yaml:5: centres\.0\.timeZone: an IANA time zone/);
  });

  it("in a job is refused with the rule that refuses it", async () => {
    const valid = { name: "x", gpus: 1, durationS: 60, deadlineInS: 3_600, policy: "balanced" };
    const tooMany = await submit({ ...valid, gpus: 100_000 });
    expect(tooMany.status).toBeGreaterThanOrEqual(400);
    expect(tooMany.status).toBeLessThan(500);
    expect((await errorOf(tooMany)).message).toMatch(/gpu/i);
    const nowhere = await submit({ ...valid, residency: ["EU"] });
    expect(nowhere.status).toBe(422);
    expect((await errorOf(nowhere)).message).toMatch(/residency|EU/);
    const late = await submit({ ...valid, deadlineInS: 30 });
    expect(late.status).toBeGreaterThanOrEqual(400);
    expect((await errorOf(late)).message).toMatch(/deadline/i);
    expect((await submit("{")).status).toBe(400);
    expect((await submit({ ...valid, surprise: true })).status).toBe(400);
    expect((await submit({ ...valid, name: "x".repeat(3_000_000) })).status).toBe(413);
  });

  it("by a stranger or a wrong role is refused and counted", async () => {
    const valid = { name: "x", gpus: 1, durationS: 60, deadlineInS: 3_600, policy: "balanced" };
    expect((await fetch(`${server.url}/api/v1/centres`)).status).toBe(401);
    expect((await submit(valid, "hs_wrong")).status).toBe(401);
    expect((await submit(valid, tokens.governance)).status).toBe(403);
    expect((await fetch(`${server.url}/jobs`, { redirect: "manual" })).status).toBe(302);
    expect(await counted("hs_http_requests_total", 'status="401"')).toBeGreaterThanOrEqual(2);
    expect(await counted("hs_http_requests_total", 'status="403"')).toBeGreaterThanOrEqual(1);
  });

  it("at sign-in never tells whether the person exists, and a form from elsewhere is refused", async () => {
    const post = (origin: string) =>
      fetch(`${server.url}/sign-in`, {
        method: "POST",
        redirect: "manual",
        headers: { origin, "content-type": "application/x-www-form-urlencoded" },
        body: "email=nobody@example.org&password=wrong-password",
      });
    expect((await post("https://evil.example")).status).toBe(403);
    expect((await post(server.url)).status).toBeGreaterThanOrEqual(400);
  });
});
