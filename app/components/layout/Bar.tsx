import { Form, Link, useLocation, useSearchParams, useSubmit } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { LiveState } from "../../live/use-live.ts";
import { useFormat, useRootData, useStale } from "../../use-format.ts";
import { ranges, refreshes } from "../../view.ts";
import { Mark } from "../ui/Mark.tsx";
import { Brand, GoTo } from "./Nav.tsx";
import { showsRange } from "./pages.ts";

/** Centres with their status always in sight; range, zone and refresh as a GET form; live. */
export function Bar({ live, palette }: { live: LiveState; palette: () => void }) {
  const data = useRootData();
  return (
    <header className="bar">
      <div className="mob">
        <Brand short />
        <LiveMark live={live} />
        {data?.simulated && <Simulated />}
        <GoTo palette={palette} />
      </div>
      <Switcher />
      <ViewForm />
      {data?.simulated && <Simulated />}
      <LiveMark live={live} />
    </header>
  );
}

function Switcher() {
  const { t } = useTranslation("common");
  const { name } = useFormat();
  const { pathname } = useLocation();
  const centres = useRootData()?.centres ?? [];
  // Of an old answer nobody knows whether it still holds.
  const stale = useStale();
  return (
    <nav className="switcher" aria-label={t("nav.centres")}>
      <Link to="/" aria-current={pathname === "/" ? "page" : undefined}>
        {t("nav.all")}
      </Link>
      {centres.map((centre) => {
        const to = `/centres/${centre.id}`;
        const status = stale ? "stale" : centre.status;
        return (
          <Link key={centre.id} to={to} prefetch="intent" aria-current={pathname === to ? "page" : undefined}>
            <Mark s={status} label={t(`status.${status}`)} />
            {name(centre.name)}
          </Link>
        );
      })}
    </nav>
  );
}

function ViewForm() {
  const { t } = useTranslation("common");
  const format = useFormat();
  const data = useRootData();
  const { pathname } = useLocation();
  const [parameters] = useSearchParams();
  const submit = useSubmit();
  const zones = [
    { value: "centre", text: t("zone.centre") },
    { value: "mine", text: t("zone.mine") },
    { value: "UTC", text: "UTC" },
  ];
  const ranged = showsRange(pathname);
  const shown = ranged ? ["from", "to", "timezone", "refresh"] : ["timezone", "refresh"];
  const choice = data?.zoneChoice ?? "centre";
  const withOffset = (value: string, text: string) =>
    value === choice && text !== "UTC" ? t("zone.with", { zone: text, offset: format.offset(format.nowMs) }) : text;
  return (
    <Form
      className="range"
      method="get"
      action={pathname}
      preventScrollReset
      onChange={(event) => submit(event.currentTarget, { replace: true, preventScrollReset: true })}
    >
      {[...parameters]
        .filter(([name]) => !shown.includes(name))
        .map(([name, value]) => (
          <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
        ))}
      {ranged && <RangeSelect />}
      <select name="timezone" aria-label={t("zone.label")} value={choice} onChange={() => {}}>
        {zones.map((zone) => (
          <option key={zone.value} value={zone.value}>
            {withOffset(zone.value, zone.text)}
          </option>
        ))}
        {!zones.some((zone) => zone.value === choice) && <option value={choice}>{withOffset(choice, choice)}</option>}
      </select>
      <select name="refresh" aria-label={t("refresh.label")} value={data?.refresh ?? "live"} onChange={() => {}}>
        {refreshes.map((refresh) => (
          <option key={refresh} value={refresh}>
            {t(`refresh.${refresh}`)}
          </option>
        ))}
      </select>
      <noscript>
        <button className="btn small" type="submit">
          {t("range.apply")}
        </button>
      </noscript>
    </Form>
  );
}

function RangeSelect() {
  const { t } = useTranslation("common");
  const range = useRootData()?.range;
  const [parameters] = useSearchParams();
  const from = parameters.get("from") ?? "";
  const to = parameters.get("to");
  return (
    <>
      <select name="from" aria-label={t("range.label")} value={range ?? from} onChange={() => {}}>
        {Object.keys(ranges).map((name) => (
          <option key={name} value={name}>
            {t(`range.${name}`)}
          </option>
        ))}
        {!range && <option value={from}>{t("range.own")}</option>}
      </select>
      {!range && to && <input type="hidden" name="to" value={to} />}
    </>
  );
}

function Simulated() {
  const { t } = useTranslation("common");
  return (
    <span className="simulated" title={t("simulated.why")}>
      <Mark s="unknown" />
      <span className="t">{t("simulated.word")}</span>
      <span className="vh">{t("simulated.why")}</span>
    </span>
  );
}

function LiveMark({ live }: { live: LiveState }) {
  const { t } = useTranslation("common");
  const format = useFormat();
  const word = live.kind === "live" ? t("live.live") : live.kind === "lost" ? t("live.lost") : t("live.asOf");
  return (
    <span className="live">
      <Mark s={live.kind === "live" ? "good" : live.kind === "lost" ? "stale" : "unknown"} />
      {word}
      <span className="t">{format.timeSeconds(format.answeredAtMs)}</span>
    </span>
  );
}
