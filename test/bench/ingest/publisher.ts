/*
 * A raw MQTT 3.1.1 publisher of QoS 1 messages, cheap enough that it is not what is measured: packets are patched
 * templates, written many at a time, acknowledgements are counted and not parsed.
 * Arguments: port, devices, messages, messages a second (0: as fast as the broker acknowledges), client id.
 */
import { connect } from "node:net";

const [port, devices, messages, perSecond] = process.argv.slice(2, 6).map(Number) as [number, number, number, number];
const clientId = process.argv[6] ?? "bench-publisher";
/** Unacknowledged at the broker, at most. */
const window = 4_000;
const inOneWrite = 500;

const socket = connect({ port, host: "127.0.0.1", noDelay: true });
let sent = 0;
let acknowledged = 0;
let begun = 0;
let connected = false;

/** One packet of each device: its time is patched in place. */
const templates = Array.from({ length: devices }, (_, at) => {
  const topic = `hs/bench/d-${String(at).padStart(4, "0")}`;
  const payload = `{"time":0000000000000000,"power":${(1_000 + at).toFixed(1)}}`;
  const length = 2 + topic.length + 2 + payload.length;
  const packet = Buffer.alloc(2 + length);
  packet[0] = 0x32;
  packet[1] = length;
  packet.writeUInt16BE(topic.length, 2);
  packet.write(topic, 4, "latin1");
  packet.write(payload, 4 + topic.length + 2, "latin1");
  return { packet, idAt: 4 + topic.length, timeAt: 4 + topic.length + 2 + '{"time":'.length };
});
if (templates[0]!.packet.length > 129) throw new Error("the remaining length must fit one byte");

socket.on("connect", () => {
  const id = Buffer.from(clientId);
  const variable = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, id.length]);
  socket.write(Buffer.concat([Buffer.from([0x10, variable.length + id.length]), variable, id]));
});
let head = 0;
socket.on("data", (data) => {
  if (!connected) {
    if (data[0] !== 0x20 || data[3] !== 0) throw new Error(`the broker refuses: ${data.toString("hex")}`);
    connected = true;
    head = 4;
    begun = performance.now();
    process.send!({ begun: Date.now() });
    data = data.subarray(4);
  }
  head += data.length;
  // Every PUBACK is four bytes.
  acknowledged = Math.floor((head - 4) / 4);
  if (acknowledged === messages) {
    process.send!({ acknowledged, seconds: (performance.now() - begun) / 1_000 });
    socket.end();
    clearInterval(timer);
    return;
  }
  if (perSecond === 0) publish();
});
socket.on("drain", () => publish());
const timer = setInterval(() => connected && publish(), 5);

function publish(): void {
  while (!socket.writableNeedDrain) {
    const due = perSecond === 0 ? messages : Math.min(messages, ((performance.now() - begun) / 1_000) * perSecond);
    const count = Math.min(inOneWrite, Math.floor(due) - sent, window - (sent - acknowledged));
    if (count <= 0 || (perSecond === 0 && count < inOneWrite / 2 && sent + count < messages)) return;
    const parts: Buffer[] = [];
    const nowUs = Math.round((performance.timeOrigin + performance.now()) * 1_000);
    for (let i = 0; i < count; i++, sent++) {
      const { packet, idAt, timeAt } = templates[sent % devices]!;
      packet.writeUInt16BE((sent % 65_535) + 1, idAt);
      // Distinct within the burst, so that no two messages of a device are one reading.
      packet.write(String(nowUs + i), timeAt, "latin1");
      parts.push(Buffer.from(packet));
    }
    socket.write(Buffer.concat(parts));
  }
}
