/** A text (made harmless), or a number that is already written with a point and without an exponent. */
export type CsvCell = string | { number: string } | null;

/** What a spreadsheet takes for the start of a formula, also in full width and behind blanks that it skips. */
const formula = /^[\s\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
const decimal = /^-?\d+(\.\d+)?$/;

/** A text that no spreadsheet runs: what looks like a formula is led by an apostrophe (OWASP, CSV injection). */
export const neutral = (text: string) => (formula.test(text) ? `'${text}` : text);

/**
 * Rows as CSV by RFC 4180: CRLF, quotes where needed, numbers without locale. `bom` leads with U+FEFF, without which
 * some spreadsheets misread UTF-8. @throws TypeError for a number cell that is no plain decimal.
 */
export function toCsv(rows: CsvCell[][], { bom = false } = {}): string {
  return (bom ? "\ufeff" : "") + rows.map((row) => `${row.map(cellText).join(",")}\r\n`).join("");
}

function cellText(cell: CsvCell): string {
  if (cell === null) return "";
  if (typeof cell === "object") {
    if (!decimal.test(cell.number)) throw new TypeError(`"${cell.number}" is not a plain decimal`);
    return cell.number;
  }
  const text = neutral(cell);
  return /[",\r\n\t;]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

/** An integer count of millionths as an exact decimal: 1234567 → "1.234567", 2000000 → "2". */
export function millionths(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`${value} is not an exact integer`);
  const digits = String(Math.abs(value)).padStart(7, "0");
  const whole = digits.slice(0, -6);
  const part = digits.slice(-6).replace(/0+$/, "");
  return `${value < 0 ? "-" : ""}${whole}${part && `.${part}`}`;
}
