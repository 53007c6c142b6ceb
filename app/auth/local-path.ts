/** A path of this console, for "go back there": never another site (`//evil`, `/\evil`), never a script. Default `/`. */
export function localPath(value: unknown): string {
  if (typeof value !== "string" || !/^\/(?![/\\])/.test(value) || value.length > 2_000) return "/";
  try {
    const url = new URL(value, "http://here.invalid");
    // Folding `/..//evil` leaves `//evil`: looked at again after parsing.
    return url.host === "here.invalid" && !url.pathname.startsWith("//") ? url.pathname + url.search : "/";
  } catch {
    return "/";
  }
}
