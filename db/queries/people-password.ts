import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(argon2);

/** OWASP's second recommended profile of argon2id: 19 MiB, 2 passes, 1 lane. */
const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;
const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
const base64 = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");

/** argon2id (RFC 9106) in PHC form. The password is used as typed, normalised to NFKC. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive("argon2id", { message: Buffer.from(password.normalize("NFKC")), nonce, ...cost });
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(nonce)}$${base64(Buffer.from(tag))}`;
}

/** Compares in constant time. With no hash the same work is done, so that time does not tell whether a person exists. */
export async function passwordMatches(password: string, stored: string | null): Promise<boolean> {
  const match = phc.exec(stored ?? "");
  const message = Buffer.from(password.normalize("NFKC"));
  if (!match) {
    await derive("argon2id", { message, nonce: randomBytes(16), ...cost });
    return false;
  }
  const [, memory, passes, parallelism, nonce, tag] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const expected = Buffer.from(tag, "base64");
  const parameters = {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: expected.length,
  };
  const actual = await derive("argon2id", { message, nonce: Buffer.from(nonce, "base64"), ...parameters });
  return timingSafeEqual(Buffer.from(actual), expected);
}
