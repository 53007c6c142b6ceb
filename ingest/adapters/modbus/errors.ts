/**
 * What a failure means for the next attempt.
 * - `retry`: ask again soon (exceptions 4, 5 and 6, a malformed reply);
 * - `permanent`: this request will never work on this device (exceptions 1, 2 and 3);
 * - `target_gone`: the gateway does not reach the unit (exceptions 10 and 11);
 * - `timeout`: no answer in time;
 * - `resting`: the unit did not answer lately and is not asked yet;
 * - `connection`: there is no connection.
 */
export type ModbusFailure = "retry" | "permanent" | "target_gone" | "timeout" | "resting" | "connection";

const exceptionNames: Record<number, string> = {
  1: "illegal function",
  2: "illegal data address",
  3: "illegal data value",
  4: "device failure",
  5: "acknowledge, still working",
  6: "device busy",
  10: "gateway path unavailable",
  11: "gateway target does not respond",
};

/** A failed Modbus request. `failure` says whether and how it may be tried again. */
export class ModbusError extends Error {
  readonly failure: ModbusFailure;
  /** Exception code of the reply, when there was one. */
  readonly exception: number | undefined;

  constructor(failure: ModbusFailure, message: string, exception?: number) {
    super(message);
    this.name = "ModbusError";
    this.failure = failure;
    this.exception = exception;
  }

  /** The error that an exception code stands for (Modbus Application Protocol 1.1b3, section 7). */
  static ofException(code: number): ModbusError {
    const name = exceptionNames[code] ?? "unknown exception";
    const failure = code >= 1 && code <= 3 ? "permanent" : code === 10 || code === 11 ? "target_gone" : "retry";
    return new ModbusError(failure, `exception ${code} (${name})`, code);
  }
}
