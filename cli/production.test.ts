import { type ChildProcess, spawn } from "node:child_process";
import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hex, hexToBytes, keccak256 } from "viem";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { openRpc } from "#contracts/client/chain.ts";
import { type ChainWorld, startChainWorld } from "#test/support/chain-world.ts";
import { cloneDatabase } from "#test/support/database.ts";
import { projectRoot } from "./build.ts";
import { type EmbeddedBroker, startEmbeddedBroker } from "./embedded/mqtt-broker.ts";
import { freePort } from "./embedded/ports.ts";

/* What docker-compose.yml runs, each service by its own command and without a container: production mode on servers of our own. */

type Service = { command?: string[]; environment?: Record<string, string> };
const compose = parse(await readFile(join(projectRoot, "docker-compose.yml"), "utf8"), { merge: true }) as {
  services: Record<string, Service>;
};
const hasBuild = existsSync(join(projectRoot, "build", "server", "index.js"));
const services = Object.entries(compose.services)
  .filter(([, service]) => service.command?.[0] === "role")
  .filter(([name]) => hasBuild || name !== "console");

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let world: ChainWorld;
let broker: EmbeddedBroker;
let folder: string;
let child: ChildProcess | undefined;
let output = "";

beforeAll(async () => {
  [database, world, broker] = await Promise.all([cloneDatabase(), startChainWorld(), startEmbeddedBroker({ port: 0 })]);
  folder = await mkdtemp(join(tmpdir(), "hs-production-"));
  const key = generatePrivateKey();
  await writeFile(join(folder, "keystore.json"), JSON.stringify(keystoreOf(key, "secret")), { mode: 0o600 });
  await writeFile(join(folder, "keystore.password"), "secret\n", { mode: 0o600 });
  const params = [privateKeyToAddress(key), `0x${(10n ** 20n).toString(16)}`];
  await openRpc(world.url).request({ method: "anvil_setBalance", params } as never);
});
afterEach(() => child?.kill("SIGKILL"));
afterAll(async () => {
  await broker?.stop();
  await world?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Web3 Secret Storage of a key, as `cast wallet` writes it. */
function keystoreOf(key: Hex, password: string) {
  const [salt, iv, c] = [randomBytes(32), randomBytes(16), 1_024];
  const derived = pbkdf2Sync(password, salt, c, 32, "sha256");
  const cipher = createCipheriv("aes-128-ctr", derived.subarray(0, 16), iv);
  const ciphertext = Buffer.concat([cipher.update(hexToBytes(key)), cipher.final()]);
  return {
    version: 3,
    crypto: {
      cipher: "aes-128-ctr",
      cipherparams: { iv: iv.toString("hex") },
      ciphertext: ciphertext.toString("hex"),
      kdf: "pbkdf2",
      kdfparams: { c, dklen: 32, prf: "hmac-sha256", salt: salt.toString("hex") },
      mac: keccak256(Buffer.concat([derived.subarray(16), ciphertext])).slice(2),
    },
  };
}

/** A service's process with the variables that compose gives it, the servers being ours. */
async function launch(name: string, service: Service, without: string[] = []): Promise<number> {
  const port = await freePort();
  const ours: Record<string, string> = {
    DATABASE_URL: database.url,
    MQTT_URL: broker.url,
    MQTT_USERNAME: "",
    MQTT_PASSWORD: "",
    NODE_EXTRA_CA_CERTS: "",
    RPC_URL: world.url,
    FLEET_FILE: join(projectRoot, "examples", "minimal.fleet.yaml"),
    LOG_LEVEL: "info",
    // The console has one beside its own.
    OPS_PORT: String(name === "console" ? await freePort() : port),
    PORT: String(port),
    HOST: "127.0.0.1",
    PUBLIC_URL: "https://console.example.org",
    FARO_URL: "",
    KEYSTORE_FILE: join(folder, "keystore.json"),
    KEYSTORE_PASSWORD_FILE: join(folder, "keystore.password"),
  };
  const given = Object.keys(service.environment ?? {}).filter((key) => key in ours && !without.includes(key));
  output = "";
  child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "cli/main.ts", ...(service.command ?? [])],
    {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        NODE_ENV: "production",
        PATH: process.env.PATH,
        DATA_DIR: join(folder, name),
        // Of the image and not of compose: where the console listens.
        ...(name === "console" && { PORT: String(port) }),
        ...Object.fromEntries(given.map((key) => [key, ours[key]])),
      },
    },
  );
  child.stdout!.on("data", (chunk) => (output += chunk));
  child.stderr!.on("data", (chunk) => (output += chunk));
  return port;
}

it("migrate applies nothing twice", async () => {
  await launch("migrate", compose.services.migrate!);
  expect((await once(child!, "exit"))[0]).toBe(0);
  expect(output).toMatch(/nothing to apply; time series on (postgresql|timescaledb)/);
}, 120_000);

describe.each(services)("%s", (name, service) => {
  it("gets ready on what compose gives it, answers its health check, and stops when it is told to", async () => {
    const port = await launch(name, service);
    const status = async (path: string) =>
      (await fetch(`http://127.0.0.1:${port}/${path}`).catch(() => undefined))?.status;
    await expect
      .poll(() => (child!.exitCode === null ? status("healthz") : `ended: ${output}`), { timeout: 120_000 })
      .toBe(200);
    // The minimal fleet's meter is nobody's here: whoever reads it may say that it waits for it.
    if (!service.command![1]!.includes("ingest"))
      await expect.poll(() => status("readyz"), { timeout: 120_000, message: output }).toBe(200);
    const begun = performance.now();
    child!.kill("SIGTERM");
    expect((await once(child!, "exit"))[0]).toBe(0);
    expect((performance.now() - begun) / 1_000).toBeLessThan(10);
    // Nothing embedded was started.
    for (const part of ["postgres", "chain"]) expect(existsSync(join(folder, name, part))).toBe(false);
  }, 300_000);

  it("names what is missing, and starts nothing in its place", async () => {
    const needed = /ingest/.test(service.command![1]!) ? "MQTT_URL" : "DATABASE_URL";
    await launch(name, service, [needed]);
    expect((await once(child!, "exit"))[0]).toBe(1);
    expect(output).toContain(`In production mode nothing embedded starts; set ${needed}.`);
  }, 120_000);
});
