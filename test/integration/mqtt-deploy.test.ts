/* The broker of production as deploy/mosquitto sets it up: TLS, passwords, and each centre kept to its own topics. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { promisify } from "node:util";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "#cli/embedded/ports.ts";
import {
  hasMosquitto,
  memorySink,
  seedMqttFleet,
  startMosquitto,
  startTestAdapter,
  until,
} from "#ingest/adapters/mqtt/testing.ts";
import { cloneDatabase } from "#test/support/database.ts";

const exec = promisify(execFile);
const there = hasMosquitto && existsSync("/usr/bin/openssl") && existsSync("/usr/bin/mosquitto_passwd");
if (!there) console.log("The test of the production broker is skipped: mosquitto and openssl are needed.");

const passwords = { "hs-ingest": "of the worker", c: "of centre c", other: "of another centre" };

async function writeSecrets(folder: string): Promise<void> {
  const openssl = (...args: string[]) => exec("/usr/bin/openssl", args, { cwd: folder });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=Test CA");
  await openssl("req", ...key, "-keyout", "broker.key", "-out", "broker.csr", "-subj", "/CN=localhost");
  await writeFile(join(folder, "names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  await openssl(
    "x509",
    "-req",
    "-in",
    "broker.csr",
    "-CA",
    "ca.crt",
    "-CAkey",
    "ca.key",
    "-out",
    "broker.crt",
    "-days",
    "2",
    "-extfile",
    "names",
  );
  await writeFile(join(folder, "passwd"), "", { mode: 0o600 });
  for (const [user, password] of Object.entries(passwords)) {
    await exec("/usr/bin/mosquitto_passwd", ["-b", join(folder, "passwd"), user, password]);
  }
  await writeFile(join(folder, "acl"), await readFile("deploy/mosquitto/acl"), { mode: 0o600 });
}

describe.runIf(there)("the production broker", () => {
  let database: Awaited<ReturnType<typeof cloneDatabase>>;
  let broker: Awaited<ReturnType<typeof startMosquitto>>;
  let url: string;
  const cleanUp: (() => unknown)[] = [];
  const trusted = getCACertificates("default");

  beforeAll(async () => {
    database = await cloneDatabase();
    await seedMqttFleet(database.db, [
      { id: "meter", profile: "meter-json", address: { topic: "hs/c/meter" } },
      {
        id: "rack",
        profile: "gpu-sparkplug",
        protocol: "sparkplug",
        address: { group: "c", edgeNode: "edge" },
        inRack: true,
      },
    ]);
    const port = await freePort();
    broker = await startMosquitto(
      port,
      async (folder) => {
        await writeSecrets(folder);
        const text = await readFile("deploy/mosquitto/mosquitto.conf", "utf8");
        const placed = text
          .replaceAll("/mosquitto/config/", `${folder}/`)
          .replaceAll("/mosquitto/data/", `${folder}/`)
          .replace("listener 8883", `listener ${port} 127.0.0.1`);
        return placed.split("\n");
      },
      true,
    );
    url = `mqtts://localhost:${port}`;
    // As NODE_EXTRA_CA_CERTS does it for a process.
    setDefaultCACertificates([...trusted, await readFile(join(broker.folder, "ca.crt"), "utf8")]);
  });
  afterAll(async () => {
    for (const task of cleanUp.splice(0).reverse()) await task();
    setDefaultCACertificates(trusted);
    await broker?.stop();
    await database?.drop();
  });
  const connect = async (user: keyof typeof passwords): Promise<MqttClient> => {
    const client = await mqtt.connectAsync(url, { username: user, password: passwords[user], protocolVersion: 5 });
    cleanUp.push(() => client.endAsync(true));
    return client;
  };

  it("lets the worker read every centre, and a centre write its own topics only", async () => {
    const spy = memorySink();
    const { adapter } = await startTestAdapter(database.db, {
      url,
      sink: spy.sink,
      username: "hs-ingest",
      password: passwords["hs-ingest"],
    });
    cleanUp.push(() => adapter.stop());
    await until(
      () => adapter.notReady() === undefined,
      5_000,
      () => `the adapter: ${adapter.notReady()}`,
    );
    const [own, foreign] = [await connect("c"), await connect("other")];
    const commands: string[] = [];
    own.on("message", (topic) => commands.push(topic));
    await own.subscribeAsync("spBv1.0/c/NCMD/#", { qos: 1 });
    await expect(foreign.publishAsync("hs/c/meter", '{"power":666}', { qos: 1 })).rejects.toThrow(/Not authorized/i);
    await own.publishAsync("hs/c/meter", '{"power":5}', { qos: 1 });
    await until(() => spy.rows.length === 1, 5_000, "the meter's reading");
    expect(spy.rows[0]!.value).toBe(5);
    // The worker may ask a centre's edge node for its birth; the node may hear it.
    await until(() => commands.includes("spBv1.0/c/NCMD/edge"), 5_000, "the rebirth request");
  });

  it("lets nobody in without a password, or without trusting its certificate", async () => {
    const spy = memorySink();
    const wrong = await startTestAdapter(database.db, {
      url,
      sink: spy.sink,
      username: "hs-ingest",
      password: "guess",
      clientId: "w",
    });
    cleanUp.push(() => wrong.adapter.stop());
    await until(
      () => /not authorized|bad user/i.test(wrong.adapter.notReady() ?? ""),
      5_000,
      () => `${wrong.adapter.notReady()}`,
    );
    expect(wrong.adapter.notReady()).not.toContain("guess");
    setDefaultCACertificates(trusted);
    const stranger = await startTestAdapter(database.db, {
      url,
      sink: spy.sink,
      username: "hs-ingest",
      password: passwords["hs-ingest"],
      clientId: "s",
    });
    cleanUp.push(() => stranger.adapter.stop());
    await until(
      () => /self.signed|unable to verify|certificate/i.test(stranger.adapter.notReady() ?? ""),
      5_000,
      () => `${stranger.adapter.notReady()}`,
    );
  });
});
