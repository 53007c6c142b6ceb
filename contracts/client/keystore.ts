import { createDecipheriv, pbkdf2Sync, scryptSync, timingSafeEqual } from "node:crypto";
import { scrypt } from "@noble/hashes/scrypt";
import { bytesToHex, type Hex, hexToBytes, keccak256 } from "viem";
import { z } from "zod";

const hex = z.string().regex(/^(?:[0-9a-fA-F]{2})+$/, "hex without 0x");
const power = z.number().int().positive();

/** Web3 Secret Storage, version 3. */
const keystore = z.object({
  version: z.literal(3),
  crypto: z.object({
    cipher: z.literal("aes-128-ctr"),
    cipherparams: z.object({ iv: hex.length(32) }),
    ciphertext: hex.length(64),
    mac: hex.length(64),
    kdf: z.enum(["scrypt", "pbkdf2"]),
    kdfparams: z.object({
      dklen: z.literal(32),
      salt: hex,
      n: power.max(2 ** 20).optional(),
      r: power.max(64).optional(),
      p: power.max(64).optional(),
      c: power.max(10_000_000).optional(),
      prf: z.literal("hmac-sha256").optional(),
    }),
  }),
});

export class KeystoreError extends Error {
  readonly code = "KEYSTORE_INVALID";
}

/**
 * Private key of a keystore file (geth, Foundry's `cast wallet`, ethers).
 * @throws KeystoreError saying what is wrong, never what the file or the password holds.
 */
export function decryptKeystore(text: string, password: string): Hex {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new KeystoreError("The keystore file is not JSON.");
  }
  const parsed = keystore.safeParse(lowerCaseCrypto(content));
  if (!parsed.success) {
    const where = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
    throw new KeystoreError(`The keystore file is not a Web3 keystore of version 3: ${where}`);
  }
  const { crypto } = parsed.data;
  const derived = deriveKey(crypto.kdf, crypto.kdfparams, password);
  const ciphertext = Buffer.from(crypto.ciphertext, "hex");
  const mac = hexToBytes(keccak256(Buffer.concat([derived.subarray(16, 32), ciphertext])));
  if (!timingSafeEqual(mac, Buffer.from(crypto.mac, "hex")))
    throw new KeystoreError("The keystore's password is wrong.");
  const decipher = createDecipheriv("aes-128-ctr", derived.subarray(0, 16), Buffer.from(crypto.cipherparams.iv, "hex"));
  return bytesToHex(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
}

type KdfParameters = z.infer<typeof keystore>["crypto"]["kdfparams"];

function deriveKey(kdf: "scrypt" | "pbkdf2", { salt, n, r, p, c }: KdfParameters, password: string): Buffer {
  const saltBytes = Buffer.from(salt, "hex");
  if (kdf === "scrypt") {
    if (!n || !r || !p) throw new KeystoreError("The keystore's scrypt needs n, r and p.");
    // OpenSSL computes n < 2^(16·r) only; the standard's own example and older web3.py wallets have n = 2^18 with r = 1.
    if (16 * r < 53 && n >= 2 ** (16 * r))
      return Buffer.from(scrypt(Buffer.from(password, "utf8"), saltBytes, { N: n, r, p, dkLen: 32 }));
    // Node asks for twice what the algorithm needs before it refuses.
    return scryptSync(password, saltBytes, 32, { N: n, r, p, maxmem: 256 * n * r + 1_048_576 });
  }
  if (!c) throw new KeystoreError("The keystore's pbkdf2 needs c.");
  return pbkdf2Sync(password, saltBytes, c, 32, "sha256");
}

/** Old wallets write `Crypto`. */
function lowerCaseCrypto(content: unknown): unknown {
  if (typeof content !== "object" || content === null || !("Crypto" in content)) return content;
  const { Crypto, ...rest } = content;
  return { ...rest, crypto: Crypto };
}
