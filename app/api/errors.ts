/** Every code that an answer's `error.code` can have, with its status. */
export const errorStatus = {
  MALFORMED_JSON: 400,
  INVALID_BODY: 400,
  INVALID_QUERY: 400,
  INVALID_HEADER: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  IDEMPOTENCY_CONFLICT: 409,
  JOB_ENDED: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  JOB_REFUSED: 422,
  REPORT_REFUSED: 422,
  TOO_MANY_FAILURES: 429,
  INTERNAL: 500,
  NOT_AVAILABLE: 503,
} as const;
export type ErrorCode = keyof typeof errorStatus;

export type ErrorDetail = { path: string; message: string };

/** An answer that is an error. The message says what, where, and what to do; never what a secret was. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetail[];
  /** The rule that refused, with what stood against it (JOB_REFUSED, REPORT_REFUSED). */
  readonly reason: string | undefined;
  readonly headers: Record<string, string>;
  constructor(
    code: ErrorCode,
    message: string,
    more: { details?: ErrorDetail[]; reason?: string; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.code = code;
    this.details = more.details ?? [];
    this.reason = more.reason;
    this.headers = more.headers ?? {};
  }
  get status(): number {
    return errorStatus[this.code];
  }
}

/** Nothing there, or not in the client's scope: one answer for both. */
export const notFound = (what: string) => new ApiError("NOT_FOUND", `There is no ${what} that this token may see.`);
