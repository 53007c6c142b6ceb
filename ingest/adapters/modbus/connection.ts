import { type Socket, connect as tcpConnect } from "node:net";
import { ModbusError } from "./errors.ts";
import { encodeReadRequest, type Frame, FrameReader, parseReply, type ReadRequest, type Reply } from "./frame.ts";

/** Registers of one reply, with the time of its arrival. */
export type RegisterBlock = { address: number; bytes: Uint8Array; receivedAtMs: number };

export type ConnectionOptions = {
  host: string;
  port: number;
  clock: () => number;
  connectTimeoutMs: number;
  /** A reply that answers no open request: its transaction id, unit or function is another one's. */
  onForeignReply: () => void;
  onClose: (reason: string) => void;
};

type Pending = {
  request: ReadRequest;
  timer: NodeJS.Timeout;
  resolve: (block: RegisterBlock) => void;
  reject: (error: ModbusError) => void;
};

/** Timeouts in a row, with foreign replies among them, after which the peer's transaction ids are out of step. */
const outOfStepAfter = 3;

/**
 * One TCP connection with any number of open requests. A reply is taken only when its transaction id, unit id, function
 * and length are those of an open request; everything else is dropped and counted.
 */
export class ModbusConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #reader = new FrameReader();
  #transactionId: number;
  #timeouts = 0;
  #foreign = 0;
  #closed = false;

  private constructor(socket: Socket, options: ConnectionOptions, firstTransactionId: number) {
    this.#socket = socket;
    this.#options = options;
    this.#transactionId = firstTransactionId;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000);
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => this.close(error.message));
    socket.on("close", () => this.close("closed by the other side"));
  }

  /**
   * @param firstTransactionId 0 to 65,535; a random one keeps an old connection's late replies apart.
   * @throws ModbusError `connection`.
   */
  static open(options: ConnectionOptions, firstTransactionId: number): Promise<ModbusConnection> {
    return new Promise((resolve, reject) => {
      const socket = tcpConnect({ host: options.host, port: options.port });
      const fail = (message: string) => {
        socket.destroy();
        reject(new ModbusError("connection", `${options.host}:${options.port}: ${message}`));
      };
      const timer = setTimeout(() => fail("no connection in time"), options.connectTimeoutMs);
      const onError = (error: Error) => {
        clearTimeout(timer);
        fail(error.message);
      };
      socket.once("error", onError);
      socket.once("connect", () => {
        clearTimeout(timer);
        socket.removeListener("error", onError);
        resolve(new ModbusConnection(socket, options, firstTransactionId));
      });
    });
  }

  /** @throws ModbusError; see its `failure`. */
  read(request: ReadRequest, timeoutMs: number): Promise<RegisterBlock> {
    if (this.#closed) return Promise.reject(new ModbusError("connection", "not connected"));
    const transactionId = this.#nextTransactionId();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(transactionId);
        reject(new ModbusError("timeout", `no answer within ${timeoutMs} ms`));
        this.#timeouts++;
        if (this.#timeouts >= outOfStepAfter && this.#foreign > 0) this.close("replies carry foreign transaction ids");
      }, timeoutMs);
      this.#pending.set(transactionId, { request, timer, resolve, reject });
      this.#socket.write(encodeReadRequest(transactionId, request));
    });
  }

  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new ModbusError("connection", `connection lost: ${reason}`));
    }
    this.#pending.clear();
    this.#options.onClose(reason);
  }

  #nextTransactionId(): number {
    do this.#transactionId = (this.#transactionId + 1) & 0xffff;
    while (this.#pending.has(this.#transactionId));
    return this.#transactionId;
  }

  #receive(chunk: Buffer): void {
    if (this.#closed) return;
    try {
      for (const frame of this.#reader.push(chunk)) this.#accept(frame);
    } catch (error) {
      this.close((error as Error).message);
    }
  }

  #accept(frame: Frame): void {
    const pending = this.#pending.get(frame.transactionId);
    const fc = frame.pdu[0]! & 0x7f;
    if (!pending || pending.request.unitId !== frame.unitId || pending.request.fc !== fc) {
      this.#foreign++;
      this.#options.onForeignReply();
      return;
    }
    const { request, resolve, reject } = pending;
    let reply: Reply;
    try {
      reply = parseReply(frame);
    } catch (error) {
      // The frame was whole, so the stream is in step: only this answer is lost.
      this.#settle(frame.transactionId, pending);
      reject(new ModbusError("retry", (error as Error).message));
      return;
    }
    if (reply.exception === undefined && reply.data.length !== request.count * 2) {
      // The length of another request's reply: an answer to a question that was not asked.
      this.#foreign++;
      this.#options.onForeignReply();
      return;
    }
    this.#settle(frame.transactionId, pending);
    if (reply.exception !== undefined) reject(ModbusError.ofException(reply.exception));
    // A copy: the frame is a view into the socket's buffer.
    else resolve({ address: request.address, bytes: Uint8Array.from(reply.data), receivedAtMs: this.#options.clock() });
  }

  #settle(transactionId: number, { timer }: Pending): void {
    this.#pending.delete(transactionId);
    clearTimeout(timer);
    this.#timeouts = 0;
    this.#foreign = 0;
  }
}
