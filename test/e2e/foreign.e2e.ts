/* Devices that nobody here wrote: a python3-pymodbus server and mosquitto_pub through a real Mosquitto, on one centre's page. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "#cli/embedded/ports.ts";
import { launchBrowser, openPage, type Watched } from "#test/support/browser.ts";
import {
  type ConsoleProcess,
  firstSignInLink,
  startConsole,
  temporaryFolder,
  waitUntil,
} from "#test/support/console-process.ts";
import { redeemLink } from "#test/support/sign-in.ts";

const exec = promisify(execFile);
const mosquitto = "/usr/sbin/mosquitto";
const there =
  existsSync(mosquitto) &&
  existsSync("/usr/bin/mosquitto_pub") &&
  (await exec("/usr/bin/python3", ["-c", "import pymodbus"]).then(
    () => true,
    () => false,
  ));
if (!there) console.log("Foreign devices are skipped: mosquitto, mosquitto-clients and python3-pymodbus are needed.");

describe.runIf(there)("foreign devices", () => {
  const children: ChildProcess[] = [];
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ConsoleProcess;
  let browser: Browser;
  let watched: Watched;
  let modbus: ChildProcess;
  let mqttPort: number;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const modbusPort = await freePort();
    mqttPort = await freePort();
    await writeFile(join(folder.path, "mosquitto.conf"), `listener ${mqttPort} 127.0.0.1\nallow_anonymous true\n`);
    children.push(spawn(mosquitto, ["-c", join(folder.path, "mosquitto.conf")], { stdio: "ignore" }));
    modbus = spawn("/usr/bin/python3", ["test/fixtures/settable_meter.py", String(modbusPort)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    children.push(modbus);
    await new Promise((resolve) => modbus.stdout!.once("data", resolve));
    const fleet = join(folder.path, "fleet.yaml");
    await writeFile(fleet, foreignFleet(modbusPort));
    server = await startConsole(join(folder.path, "data"), {
      FLEET_FILE: fleet,
      MQTT_URL: `mqtt://127.0.0.1:${mqttPort}`,
    });
    browser = await launchBrowser();
    watched = await openPage(browser);
    const link = await firstSignInLink(join(folder.path, "data"));
    await redeemLink(watched.page, link, "Operator", "operator@example.org");
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await server?.interrupt();
    for (const child of children) child.kill();
    await folder?.remove();
  });

  it("appear on the centre's page within 3 s of a change", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/centres/plant`);
    for (const [watts, celsius] of [
      [41_234, 23.4],
      [52_345, 31.2],
    ] as const) {
      modbus.stdin!.write(`${watts}\n`);
      await exec("/usr/bin/mosquitto_pub", [
        "-p",
        String(mqttPort),
        "-q",
        "1",
        "-t",
        "hs/plant/hall/temperature",
        "-m",
        JSON.stringify({ inlet: celsius }),
      ]);
      const begun = performance.now();
      const shows = async (text: RegExp) => text.test((await page.locator("main").textContent()) ?? "");
      await waitUntil(
        () =>
          shows(new RegExp(watts === 41_234 ? "41[.,]?234|41\\.23|41\\.2 kW" : "52[.,]?345|52\\.35|52\\.34|52\\.3 kW")),
        10_000,
        `the meter's ${watts} W on the page`,
      );
      await waitUntil(
        () => shows(new RegExp(String(celsius).replace(".", "\\."))),
        10_000,
        `the sensor's ${celsius} °C on the page`,
      );
      const seconds = (performance.now() - begun) / 1_000;
      console.log(`change to page: ${seconds.toFixed(2)} s`);
      expect(seconds).toBeLessThan(3);
    }
  });

  it("say what is silent, and since when, instead of a number", async () => {
    const { page } = watched;
    modbus.kill("SIGKILL");
    await waitUntil(
      async () => /silent since/i.test((await page.locator("main").textContent()) ?? ""),
      60_000,
      "“silent since” on the page",
    );
    expect(watched.problems).toEqual([]);
  });
});

function foreignFleet(modbusPort: number): string {
  return `version: 1
centres:
  - id: plant
    name: { en: Plant, zh-Hant: 廠房, zh-Hans: 厂房 }
    locality: { en: Somewhere, zh-Hant: 某地, zh-Hans: 某地 }
    country: DE
    jurisdiction: EU
    place: { latitude: 50.1, longitude: 8.7 }
    timeZone: Europe/Berlin
    gridZone: DE
    tier: regional
    pueCategory: 2
    powerCapKw: 200
    tariff: { computeHsPerGpuHour: "1" }
    engine: { kind: local }
    gateways:
      - { id: plant-gateway, protocol: modbus-tcp, host: 127.0.0.1, port: ${modbusPort} }
    halls:
      - id: plant-hall
        name: Hall
        cooling: air
        devices:
          - { id: plant-temperature, role: rack_environment, protocol: mqtt-json, profile: temperature-json, address: { topic: hs/plant/hall/temperature }, intervalS: 10 }
    devices:
      - { id: plant-meter, role: grid, protocol: modbus-tcp, profile: generic-meter-float32, address: { gateway: plant-gateway, unitId: 1 }, intervalS: 1 }
`;
}
