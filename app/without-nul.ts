import { Transform } from "node:stream";

/**
 * Drops NUL bytes. React 18 writes a buffer whole where the next character no longer fits into it: up to two bytes
 * after it stay zero, and a browser shows them as U+FFFD. A page has no NUL of its own.
 */
export const withoutNul = () =>
  new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      done(null, chunk.includes(0) ? chunk.filter((byte) => byte !== 0) : chunk);
    },
  });
