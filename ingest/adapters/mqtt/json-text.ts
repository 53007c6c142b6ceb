import { isAscii } from "node:buffer";

/**
 * Parses JSON, and JSON with bare NaN and Infinity, which Python and others write: those become null, so that one
 * missing number does not cost a message its others. Keys such as `__proto__` are keys like any other.
 * @throws SyntaxError, and TypeError for bytes that are not UTF-8.
 */
export function parseJson(payload: Uint8Array): unknown {
  const text = isAscii(payload) ? latin1(payload) : utf8.decode(payload);
  try {
    return JSON.parse(text);
  } catch (error) {
    const mended = withoutNaN(text);
    if (mended === undefined) throw error;
    return JSON.parse(mended);
  }
}

/** What every ASCII text is, at a third of the price of decoding UTF-8. */
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
const utf8 = new TextDecoder("utf-8", { fatal: true });
const bareNumber = /-?(?:NaN|Infinity|nan|inf)(?![A-Za-z0-9_])/y;

/** undefined when there is nothing to mend. One pass, whatever the text. */
function withoutNaN(text: string): string | undefined {
  let mended = "";
  let copied = 0;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (inText) {
      if (character === "\\") at++;
      else if (character === '"') inText = false;
    } else if (character === '"') {
      inText = true;
    } else if ("-NIni".includes(character)) {
      bareNumber.lastIndex = at;
      const found = bareNumber.exec(text);
      if (!found) continue;
      mended += `${text.slice(copied, at)}null`;
      at += found[0].length - 1;
      copied = at + 1;
    }
  }
  return copied === 0 ? undefined : mended + text.slice(copied);
}

/** The value at a path of own keys; undefined where there is none. */
export function valueAt(root: unknown, keys: readonly string[]): unknown {
  let value = root;
  for (const key of keys) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
