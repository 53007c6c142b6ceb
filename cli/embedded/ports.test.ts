import { createServer } from "node:net";
import { expect, it } from "vitest";
import { freePort, listen } from "./ports.ts";

it("takes the wanted port when it is free, and another when it is not", async () => {
  const wanted = await freePort();
  const first = createServer();
  expect(await listen(first, "127.0.0.1", wanted)).toBe(wanted);
  const second = createServer();
  expect(await listen(second, "127.0.0.1", wanted)).not.toBe(wanted);
  expect(await freePort(wanted)).not.toBe(wanted);
  first.close();
  second.close();
});

it("says why when the address cannot be listened on at all", async () => {
  await expect(listen(createServer(), "203.0.113.1", 0)).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
});
