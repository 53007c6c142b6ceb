import { createHash, randomBytes } from "node:crypto";

/** Random text of `bytes` bytes, safe in URLs and cookies. */
export const newToken = (bytes: number) => randomBytes(bytes).toString("base64url");

/** SHA-256 in hex: what is kept of a token. Tokens are random and long, so a fast hash is enough. */
export const sha256Hex = (text: string) => createHash("sha256").update(text).digest("hex");
