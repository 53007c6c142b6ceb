/** A row that no database could take: its caller's rows are refused, nobody else's. */
export class InvalidRowError extends Error {
  readonly code = "INGEST_ROW_INVALID";
}

/** The pipeline was closed before these rows were committed: they must be sent again. */
export class PipelineClosedError extends Error {
  readonly code = "INGEST_CLOSED";
}

/**
 * SQLSTATE classes that say something of the server, not of the rows: connection, transaction state, authorisation,
 * unknown database, rollback (deadlock, serialisation), resources, object not in its state, operator's hand, system.
 */
const retryableClasses = new Set(["08", "25", "28", "3D", "40", "53", "55", "57", "58"]);

/**
 * Whether the same rows may succeed later. Without a SQLSTATE the error is one of the connection and so retryable,
 * except for what JavaScript itself throws.
 */
export function isRetryable(error: unknown): boolean {
  if (error instanceof InvalidRowError || error instanceof TypeError || error instanceof RangeError) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code)) {
    return retryableClasses.has(code.slice(0, 2));
  }
  return true;
}

export const isUniqueViolation = (error: unknown): boolean => (error as { code?: unknown })?.code === "23505";
