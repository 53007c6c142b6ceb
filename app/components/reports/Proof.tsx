import { useTranslation } from "react-i18next";
import type { ReportView } from "../../presenters/report-view.ts";
import { useFormat } from "../../use-format.ts";
import { energyUnit, inUnit } from "./format.ts";
import { Symbols } from "./Symbols.tsx";

/** The fleet's PUE with what it is made of, and how the report can be checked. */
export function Proof({
  report,
  stored,
}: {
  report: ReportView;
  stored?: { sha256: string; createdBy: string; createdAtMs: number };
}) {
  const { t } = useTranslation("reports");
  const format = useFormat();
  const { pue } = report.total;
  const unit = energyUnit(pue?.facilityMilliWh ?? 0);
  return (
    <section className="panel report-proof" aria-labelledby="report-proof">
      <div className="panel-head">
        <h2 id="report-proof">{t(report.centres.length > 1 ? "proof.fleet" : "proof.centre")}</h2>
      </div>
      {pue ? (
        <>
          <p className="report-hero">
            {format.number(pue.value, 3)}
            <span>{`\u00a0PUE${report.pueCategory ?? ""}`}</span>
          </p>
          <p className="meta">
            <Symbols
              text={`E_DC / E_IT = ${inUnit(pue.facilityMilliWh, unit, format)} / ${inUnit(pue.itMilliWh, unit, format)}\u00a0${unit.name}`}
            />
          </p>
        </>
      ) : (
        <p className="missing">{t("proof.noPue")}</p>
      )}
      <dl className="kv">
        <dt>{t("proof.coverage")}</dt>
        <dd>{format.percent(report.total.coverage)}</dd>
        <dt>{t("proof.estimated")}</dt>
        <dd>{format.percent(report.total.estimatedShare)}</dd>
        <dt>{t("proof.hoursInPue")}</dt>
        <dd>{t("proof.of", { part: format.number(pue?.hours ?? 0), whole: format.number(report.total.hours) })}</dd>
        <dt>{t("proof.simulated")}</dt>
        <dd>
          {t("proof.of", {
            part: format.number(report.total.simulatedHours),
            whole: format.number(report.total.hours),
          })}
        </dd>
      </dl>
      <h3>{t("proof.how")}</h3>
      <ol className="timeline report-chain">
        <li data-s="done">
          <b>{t("proof.figures")}</b>
          <span className="sub">{t("proof.format", { format: report.format })}</span>
        </li>
        <li data-s="done">
          <b>{t("proof.ledger", { count: report.inputs.hours, text: format.number(report.inputs.hours) })}</b>
          <span className="sub">
            {t("proof.runs", { count: report.inputs.runs, text: format.number(report.inputs.runs) })}
          </span>
          <span className="sub mono">{short(report.inputs.sha256)}</span>
        </li>
        {stored && (
          <li data-s="done">
            <b>{t("proof.frozen", { at: format.short(stored.createdAtMs) })}</b>
            <span className="sub">{t("proof.by", { name: stored.createdBy })}</span>
            <span className="sub mono" title={stored.sha256}>
              {short(stored.sha256)}
            </span>
          </li>
        )}
      </ol>
      {stored && <p className="foot">{t("proof.check")}</p>}
      <h3>{t("proof.sources")}</h3>
      {report.factors.length === 0 ? (
        <p className="missing">{t("proof.noSource")}</p>
      ) : (
        <ul className="report-sources">
          {report.factors.map(({ source, hours }) => (
            <li key={source}>{t("proof.source", { count: hours, source, hours: format.number(hours) })}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

const short = (hex: string) => `${hex.slice(0, 12)}…${hex.slice(-8)}`;
