import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import type { FleetData } from "../../presenters/fleet.server.ts";
import type { Window } from "../../presenters/outlook.ts";
import { useFormat } from "../../use-format.ts";
import { carbonClass } from "../charts/scales.ts";
import { DataTable } from "../ui/DataTable.tsx";
import { Empty } from "../ui/states.tsx";

type Line = FleetData["outlook"][number];

/** The next 24 hours: carbon of what each centre draws, own supply counted, and its grid price, hour by hour, and the best windows. */
export function Outlook({ lines }: { lines: Line[] }) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  const known = lines.filter(({ hours }) =>
    hours.some(({ carbon, usdPerMwh }) => carbon !== null || usdPerMwh !== null),
  );
  const first = known[0];
  if (!first) return <Empty title={t("outlook.none")}>{t("outlook.noneWhy")}</Empty>;
  const issued = Math.max(...known.map(({ issuedAtMs }) => issuedAtMs ?? 0));
  const window = (span: Window, unit: string) =>
    span ? (
      <>
        {format.time(span.fromMs)}–{format.time(span.toMs)} <b>{format.number(span.mean)}</b>
        <span className="unit"> {unit}</span>
      </>
    ) : (
      t("outlook.tooShort")
    );
  const said = (carbon: number | null) =>
    carbon === null ? t("table.noData") : `${format.number(carbon)}\u00a0gCO₂e/kWh`;
  return (
    <figure>
      <figcaption className="sum">{summary(known, t, format)}</figcaption>
      <table className="outlook">
        <caption className="vh">{t("outlook.title")}</caption>
        <thead>
          <tr>
            <th scope="col">
              <span className="vh">{t("table.centre")}</span>
            </th>
            {first.hours.map(({ timeMs }, index) => (
              <th key={timeMs} scope="col">
                <span className={index % 3 ? "vh" : undefined}>{format.time(timeMs).slice(0, 2)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {known.map((line) => (
            <Fragment key={line.id}>
              <tr>
                <th scope="row">
                  {format.name(line.name)}
                  <RowNote line={line} />
                </th>
                {line.hours.map(({ timeMs, carbon, gridCarbon }) => (
                  <td
                    key={timeMs}
                    className={carbon === null ? "cell gap" : `cell ${carbonClass(carbon)}`}
                    title={t("outlook.hour", {
                      time: format.time(timeMs),
                      value: said(carbon),
                      grid: said(gridCarbon),
                    })}
                  >
                    {carbon === null ? <span className="vh">{t("table.noData")}</span> : format.number(carbon)}
                  </td>
                ))}
              </tr>
              <tr className="price">
                <th scope="row" className="plain ink-2">
                  <span className="vh">{format.name(line.name)} </span>USD/MWh
                </th>
                {line.hours.map(({ timeMs, usdPerMwh }) => (
                  <td key={timeMs}>
                    {usdPerMwh === null ? <span className="vh">{t("table.noData")}</span> : format.number(usdPerMwh)}
                  </td>
                ))}
              </tr>
            </Fragment>
          ))}
        </tbody>
      </table>
      <div className="windows">
        <DataTable
          caption={t("outlook.window")}
          rows={known}
          rowKey={({ id }) => id}
          columns={[
            { key: "centre", head: t("outlook.window"), className: "plain", cell: ({ name }) => format.name(name) },
            { key: "clean", head: t("outlook.cleanest"), cell: ({ cleanest }) => window(cleanest, "gCO₂e/kWh") },
            { key: "cheap", head: t("outlook.cheapest"), cell: ({ cheapest }) => window(cheapest, "USD/MWh") },
          ]}
        />
      </div>
      <p className="foot">
        {issued > 0 && t("outlook.issued", { time: format.short(issued) })}
        <i className="dot" />
        {t("outlook.basis")}
      </p>
    </figure>
  );
}

/** Beside a centre's name the range of its bare grid; where cells are too narrow for numbers, now and the lowest too. */
function RowNote({ line: { now, hours } }: { line: Line }) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  const grid = hours.flatMap(({ gridCarbon }) => (gridCarbon === null ? [] : [gridCarbon]));
  const range = grid.length
    ? t("outlook.grid", { range: `${format.number(Math.min(...grid))}–${format.number(Math.max(...grid))}` })
    : "";
  const brief = (current: number | null, pick: (hour: Line["hours"][number]) => number | null, unit: string) => {
    const known = hours.filter((hour) => pick(hour) !== null);
    if (known.length === 0) return "";
    const best = known.reduce((least, hour) => ((pick(hour) as number) < (pick(least) as number) ? hour : least));
    const values = { best: format.number(pick(best) as number), time: format.time(best.timeMs) };
    const text =
      current === null ? t("outlook.best", values) : t("outlook.nowBest", { ...values, now: format.number(current) });
    return `${unit}${format.colon}${text}`;
  };
  return (
    <>
      <span className="sub wide">{range}</span>
      <span className="sub narrow">
        {brief(now.carbon, ({ carbon }) => carbon, "gCO₂e/kWh")}
        {range && (
          <>
            <i className="dot" />
            <span className="keep">{range}</span>
          </>
        )}
      </span>
      <span className="sub narrow">{brief(now.usdPerMwh, ({ usdPerMwh }) => usdPerMwh, "USD/MWh")}</span>
    </>
  );
}

/** Where a flexible job would be cleanest, in one sentence. */
function summary(
  lines: Line[],
  t: (key: string, values: Record<string, string>) => string,
  format: ReturnType<typeof useFormat>,
): string {
  const best = lines
    .filter(({ cleanest }) => cleanest)
    .sort((a, b) => (a.cleanest?.mean ?? 0) - (b.cleanest?.mean ?? 0))[0];
  const cheap = lines
    .filter(({ cheapest }) => cheapest)
    .sort((a, b) => (a.cheapest?.mean ?? 0) - (b.cheapest?.mean ?? 0))[0];
  if (!best?.cleanest || !cheap?.cheapest) return "";
  return t("outlook.summary", {
    clean: format.name(best.name),
    cleanTime: `${format.time(best.cleanest.fromMs)}–${format.time(best.cleanest.toMs)}`,
    cheap: format.name(cheap.name),
    cheapTime: `${format.time(cheap.cheapest.fromMs)}–${format.time(cheap.cheapest.toMs)}`,
  });
}
