/** What a failed query says, however deep drizzle and the drivers wrap it: an error and its causes, outermost first. */
function* causes(error: unknown): Generator<{ name?: unknown; code?: unknown; message?: unknown }> {
  for (let at = error, depth = 0; typeof at === "object" && at !== null && depth < 10; depth++) {
    yield at;
    at = (at as { cause?: unknown }).cause;
  }
}

/** PostgreSQL's 23505. */
export const isUniqueViolation = (error: unknown): boolean => [...causes(error)].some(({ code }) => code === "23505");

/**
 * Codes of a connection that could not be made or broke: of the system, of postgres.js, and SQLSTATE 08… (connection),
 * 57P01–57P03 (shut down, crashed, starting), 53300 (too many connections).
 */
const lostCodes =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|CONNECT_TIMEOUT|CONNECTION_\w+|08\w{3}|57P0[1-3]|53300)$/;
/** pg says these in words alone. */
const lostWords = /^(Connection terminated|timeout exceeded when trying to connect)/;

/** Whether a query failed because the database could not be reached: the same query may succeed when it is back. */
export function isDatabaseLost(error: unknown): boolean {
  return [...causes(error)].some(
    ({ code, message }) =>
      (typeof code === "string" && lostCodes.test(code)) || (typeof message === "string" && lostWords.test(message)),
  );
}

/** Whether an error is the database's answer to a query, or one of reaching it. */
export const isDatabaseError = (error: unknown): boolean =>
  isDatabaseLost(error) ||
  [...causes(error)].some(({ code }) => typeof code === "string" && /^(?!E[A-Z]{4}$)[0-9A-Z]{5}$/.test(code));
