/** SQL for an instant from an expression of whole microseconds since 1970, exact to the microsecond. */
export const microseconds = (expression: string): string =>
  `(timestamptz 'epoch' + ${expression}::bigint * interval '1 microsecond')`;
