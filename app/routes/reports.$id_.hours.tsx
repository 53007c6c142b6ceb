import type { LoaderFunctionArgs } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { requirePermission } from "../auth/person.server.ts";
import { energyUnit, inUnit, largestOf, massUnit, useZoneFormat } from "../components/reports/format.ts";
import { Symbols } from "../components/reports/Symbols.tsx";
import { ButtonLink } from "../components/ui/Button.tsx";
import { DataTable } from "../components/ui/DataTable.tsx";
import { Panel } from "../components/ui/Panel.tsx";
import { translator } from "../i18n/texts.server.ts";
import { pageMeta } from "../page.ts";
import { type HourItem, presentReportHours } from "../presenters/report-hours.server.ts";
import "../components/reports/reports.css";

export const meta = pageMeta;

/** The ledger hours under a report's figures: one day, one centre or all. */
export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const person = await requirePermission(request, context, "report.view");
  const hours = await presentReportHours(context, person.centreIds, params.id ?? "", new URL(request.url));
  if (!hours) throw new Response("Not found", { status: 404 });
  return { title: translator(request)("reports:hours.title"), ...hours };
}

export default function ReportHours() {
  const { t } = useTranslation("reports");
  const page = useLoaderData<typeof loader>();
  const format = useZoneFormat(page.timeZone);
  const energy = energyUnit(largestOf(page.rows.map(({ facilityMilliWh }) => facilityMilliWh)));
  const mass = massUnit(largestOf(page.rows.map(({ scope2LocationMg }) => scope2LocationMg)));
  const known = (text: string | null) => text ?? <span className="missing">{t("table.unknown")}</span>;
  const number = (value: number | null, digits: number) => (value === null ? null : format.number(value, digits));
  const to = (change: { day?: string; centre?: string | null }) => {
    const { day, centre } = { day: page.day, centre: page.centre, ...change };
    return `/reports/${page.id}/hours?day=${day}${centre === null ? "" : `&centre=${centre}`}`;
  };
  const name = (id: string) => format.name((page.centres.find((one) => one.id === id)?.name ?? { en: id }) as never);
  const date = `${format.weekday(page.fromMs)} ${format.date(page.fromMs)}`;
  return (
    <>
      <div className="head">
        <div>
          <h1>{t("hours.title")}</h1>
          <p className="lead">
            <b>{date}.</b>{" "}
            {t("hours.lead", {
              count: page.known,
              known: format.number(page.known),
              all: format.number(page.expected),
            })}
          </p>
        </div>
        <div className="acts">
          <ButtonLink quiet to={`/reports/${page.id}`}>
            {t("hours.back")}
          </ButtonLink>
          {page.previous && <ButtonLink to={to({ day: page.previous })}>{t("hours.previous")}</ButtonLink>}
          {page.next && <ButtonLink to={to({ day: page.next })}>{t("hours.next")}</ButtonLink>}
        </div>
      </div>
      <div className="sheet">
        <Panel
          flush
          title={t("hours.panel")}
          meta={`${date}${format.comma}${format.offset(page.fromMs)}`}
          tools={
            page.centres.length > 1 && (
              <nav className="seg" aria-label={t("hours.which")}>
                <Link to={to({ centre: null })} aria-current={page.centre === null ? "true" : undefined}>
                  {t("hours.all")}
                </Link>
                {page.centres.map(({ id }) => (
                  <Link key={id} to={to({ centre: id })} aria-current={page.centre === id ? "true" : undefined}>
                    {name(id)}
                  </Link>
                ))}
              </nav>
            )
          }
          foot={t("hours.foot")}
        >
          <DataTable<HourItem>
            caption={t("hours.panel")}
            rows={page.rows}
            rowKey={({ centreId, atMs }) => `${centreId} ${atMs}`}
            columns={[
              {
                key: "hour",
                head: t("hours.hour"),
                cell: ({ atMs, centreId }) => (
                  <Link
                    to={`/centres/${centreId}?from=${new Date(atMs).toISOString()}&to=${new Date(atMs + 3_600_000).toISOString()}`}
                  >
                    {format.time(atMs)}–{format.time(atMs + 3_600_000)}
                    <span className="vh"> {name(centreId)}</span>
                  </Link>
                ),
              },
              { key: "centre", head: t("jobs.centre"), cell: ({ centreId }) => name(centreId) },
              {
                key: "coverage",
                head: t("days.coverage"),
                num: true,
                cell: ({ coverage }) => known(coverage === null ? null : format.percent(coverage)),
              },
              {
                key: "facility",
                head: <Symbols text={t("days.facility", { unit: energy.name })} />,
                label: t("days.facility", { unit: energy.name }),
                num: true,
                cell: (row) => known(inUnit(row.facilityMilliWh, energy, format)),
              },
              {
                key: "it",
                head: <Symbols text={t("days.it", { unit: energy.name })} />,
                label: t("days.it", { unit: energy.name }),
                num: true,
                cell: (row) => known(inUnit(row.itMilliWh, energy, format)),
              },
              { key: "pue", head: "PUE", num: true, cell: (row) => known(number(row.pue, 3)) },
              {
                key: "clean",
                head: t("days.clean"),
                num: true,
                cell: (row) => known(row.cleanShare === null ? null : format.percent(row.cleanShare)),
              },
              {
                key: "location",
                head: t("days.location", { unit: mass.name }),
                num: true,
                cell: (row) => known(inUnit(row.scope2LocationMg, mass, format)),
              },
              {
                key: "contract",
                head: t("days.contract", { unit: mass.name }),
                num: true,
                cell: (row) => known(inUnit(row.scope2ContractMg, mass, format)),
              },
            ]}
          />
        </Panel>
      </div>
    </>
  );
}
