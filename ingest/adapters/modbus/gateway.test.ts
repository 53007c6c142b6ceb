import { afterEach, describe, expect, it } from "vitest";
import { ModbusError } from "./errors.ts";
import type { Frame } from "./frame.ts";
import { type ServerReply, startHostileServer, testGateway, until } from "./testing.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task();
});

const registers = (...values: number[]): number[] => [
  3,
  values.length * 2,
  ...values.flatMap((v) => [v >> 8, v & 0xff]),
];

async function serve(answer: (frame: Frame, nth: number) => ServerReply[] | undefined, timeoutMs?: number) {
  const server = await startHostileServer(answer);
  cleanUp.push(server.stop);
  const link = testGateway(server.port, timeoutMs);
  cleanUp.push(() => link.gateway.stop());
  await link.connected;
  const read = (unitId: number, address = 0, count = 1) => link.gateway.read({ unitId, fc: 3, address, count });
  return { server, ...link, read };
}
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "answered",
    (error: unknown) => (error instanceof ModbusError ? error.failure : String(error)),
  );
const first = (bytes: Uint8Array) => (bytes[0]! << 8) | bytes[1]!;

describe("replies that answer nothing", () => {
  it("drops a foreign transaction id, then takes the right reply", async () => {
    const { read, total } = await serve((frame) => [
      { transactionId: frame.transactionId + 1, pdu: registers(666) },
      { pdu: registers(7) },
    ]);
    expect(first((await read(1)).bytes)).toBe(7);
    expect(await total("hs_modbus_foreign_replies_total")).toEqual({ gw: 1 });
  });

  it.each([
    ["another unit's", (): ServerReply => ({ unitId: 9, pdu: registers(666) })],
    ["another function's", (): ServerReply => ({ pdu: [4, 2, 2, 154] })],
    ["another length's", (): ServerReply => ({ pdu: registers(666, 667) })],
  ])("drops a reply with the right transaction id that is %s", async (_, wrong) => {
    const { read } = await serve(() => [wrong()]);
    expect(await failureOf(read(1))).toBe("timeout");
  });

  it("a reply that contradicts itself costs one request, not the connection", async () => {
    const { read, server } = await serve((frame) => [{ pdu: frame.unitId === 1 ? [3, 200, 0] : registers(7) }]);
    expect(await Promise.all([failureOf(read(1)), failureOf(read(2))])).toEqual(["retry", "answered"]);
    expect(server.connections()).toBe(1);
  });

  it("never gives a late reply to the next request", async () => {
    let late: number | undefined;
    const { read } = await serve((frame) => {
      const before = late;
      late = frame.transactionId;
      return before === undefined ? undefined : [{ transactionId: before, pdu: registers(666) }, { pdu: registers(7) }];
    });
    expect(await failureOf(read(1))).toBe("timeout");
    await until(async () => (await failureOf(read(1))) === "answered", 3_000, "the unit is asked again");
    expect(first((await read(1)).bytes)).toBe(7);
  });

  it("reconnects when a gateway's transaction ids stay off by one", async () => {
    let healed = false;
    const { server, read } = await serve(
      (frame) => [{ transactionId: frame.transactionId + (healed ? 0 : 1), pdu: registers(7) }],
      60,
    );
    for (let unit = 1; unit <= 3; unit++) expect(await failureOf(read(unit))).toBe("timeout");
    healed = true;
    await until(() => server.connections() === 2, 3_000, "a second connection");
    await until(async () => (await failureOf(read(50))) === "answered", 3_000, "an answer");
  });

  it("comes back after a connection is dropped", async () => {
    const { server, gateway, read } = await serve(() => {
      server.dropConnections();
      return undefined;
    });
    expect(await failureOf(read(1))).toBe("connection");
    expect(gateway.isConnected).toBe(false);
    await until(() => gateway.isConnected, 3_000, "the connection is back");
  });
});

describe("units behind a gateway", () => {
  it("one dead unit does not stop the rest", async () => {
    const { read } = await serve(
      (frame) => (frame.unitId === 5 ? undefined : [{ pdu: registers(frame.unitId) }]),
      1_500,
    );
    let dead = "asked";
    const asking = failureOf(read(5)).then((failure) => {
      dead = failure;
    });
    for (let round = 0; round < 20; round++) {
      const blocks = await Promise.all([1, 2, 3, 4].map((unit) => read(unit)));
      expect(blocks.map(({ bytes }) => first(bytes))).toEqual([1, 2, 3, 4]);
    }
    // 80 answers came while the dead unit's first request still waited.
    expect(dead).toBe("asked");
    await asking;
    expect(dead).toBe("timeout");
    expect(await failureOf(read(5))).toBe("resting");
  });

  it("asks dead units one at a time, and leaves the gateway to the others in between", async () => {
    const asked = new Map<number, number>();
    const { read } = await serve((frame) => {
      asked.set(frame.unitId, (asked.get(frame.unitId) ?? 0) + 1);
      return undefined;
    }, 100);
    const units = [1, 2, 3, 4, 5, 6];
    await Promise.all(units.map((unit) => failureOf(read(unit))));
    // With jitter 0.5 a unit rests 750 ms first.
    await new Promise((resolve) => setTimeout(resolve, 800));
    const failures = await Promise.all(units.map((unit) => failureOf(read(unit))));
    expect(failures.filter((failure) => failure === "timeout")).toHaveLength(1);
    expect(failures.filter((failure) => failure === "resting")).toHaveLength(5);
    expect(await failureOf(read(6))).toBe("resting");
    expect([...asked.values()].reduce((sum, n) => sum + n)).toBe(7);
  });

  it("tells exceptions apart", async () => {
    const { read, total } = await serve((frame) => [{ pdu: [0x83, frame.unitId] }]);
    expect(await Promise.all([1, 2, 3, 4, 5, 6, 10, 11].map((code) => failureOf(read(code))))).toEqual([
      "permanent",
      "permanent",
      "permanent",
      "retry",
      "retry",
      "retry",
      "target_gone",
      "target_gone",
    ]);
    expect(await total("hs_modbus_requests_total")).toEqual({ permanent: 3, retry: 3, target_gone: 2 });
  });

  it("keeps a unit's requests in order, one at a time", async () => {
    const open: number[] = [];
    const { read } = await serve((frame) => {
      open.push(frame.pdu.readUInt16BE(1));
      return [{ pdu: registers(frame.pdu.readUInt16BE(1)) }];
    });
    const blocks = await Promise.all([3, 1, 2].map((address) => read(1, address)));
    expect(open).toEqual([3, 1, 2]);
    expect(blocks.map(({ bytes }) => first(bytes))).toEqual([3, 1, 2]);
  });
});

describe("the connection", () => {
  it("follows a gateway that moves to another port", async () => {
    const { gateway, read } = await serve(() => [{ pdu: registers(1) }]);
    expect(first((await read(1)).bytes)).toBe(1);
    const other = await startHostileServer(() => [{ pdu: registers(2) }]);
    cleanUp.push(other.stop);
    const again = new Promise<void>((resolve) => gateway.onConnected(resolve));
    gateway.setAddress("127.0.0.1", other.port);
    await again;
    expect(first((await read(1)).bytes)).toBe(2);
  });

  it("says why it is not there", async () => {
    const server = await startHostileServer(() => undefined);
    await server.stop();
    const { gateway } = testGateway(server.port);
    cleanUp.push(() => gateway.stop());
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(gateway.read({ unitId: 1, fc: 3, address: 0, count: 1 })).rejects.toThrow(
      /not connected: .*ECONNREFUSED/,
    );
  });
});
