import { isTimeZone } from "./format/date.ts";

export const ranges = { "now-24h": 24, "now-7d": 168, "now-30d": 720 } as const;
export type RangeName = keyof typeof ranges;
export const refreshes = ["live", "10", "60", "off"] as const;
export type Refresh = (typeof refreshes)[number];
export const zoneCookie = "hs_zone";

/** What a page shows, as its URL says: `?from=now-24h&to=now&timezone=centre&refresh=live`. Half-open: [fromMs, toMs). */
export type View = {
  fromMs: number;
  toMs: number;
  /** The named range, or undefined for two instants. */
  range: RangeName | undefined;
  /** centre, mine, or an IANA zone as asked for. */
  zoneChoice: string;
  refresh: Refresh;
};

const hourMs = 3_600_000;
/** Longest range that a page draws. */
const maximumMs = 400 * 24 * hourMs;

/** Reads the view from a URL. What cannot be read is the default, never an error: URLs are shared and edited by hand. */
export function parseView(url: URL, nowMs: number): View {
  const from = url.searchParams.get("from") ?? "now-24h";
  const named = from in ranges ? (from as RangeName) : undefined;
  const fromMs = named ? nowMs - ranges[named] * hourMs : Date.parse(from);
  const to = url.searchParams.get("to");
  const toMs = named || to === null || to === "now" ? nowMs : Date.parse(to);
  const valid = Number.isFinite(fromMs) && Number.isFinite(toMs) && fromMs < toMs && toMs - fromMs <= maximumMs;
  const zone = url.searchParams.get("timezone") ?? "centre";
  const refresh = url.searchParams.get("refresh") as Refresh;
  return {
    ...(valid
      ? { fromMs, toMs, range: named }
      : { fromMs: nowMs - 24 * hourMs, toMs: nowMs, range: "now-24h" as const }),
    zoneChoice: zone === "centre" || zone === "mine" || isTimeZone(zone) ? zone : "centre",
    refresh: refreshes.includes(refresh) ? refresh : "live",
  };
}

/** The IANA zone to show times in. `mine` is what the browser told in a cookie; before it has, the centre's. */
export function resolveZone(choice: string, centreZone: string, browserZone: string | undefined): string {
  if (choice === "mine") return browserZone && isTimeZone(browserZone) ? browserZone : centreZone;
  return choice === "centre" ? centreZone : choice;
}
