import { useTranslation } from "react-i18next";
import { type MixPart, mixParts } from "#domain/report/types.ts";
import type { ReportView } from "../../presenters/report-view.ts";
import { Panel } from "../ui/Panel.tsx";
import { energyUnit, inUnit, useZoneFormat } from "./format.ts";
import { Symbols } from "./Symbols.tsx";

const fills: Record<MixPart, string> = {
  hydro: "hydro",
  wind: "wind",
  solar: "solar",
  otherRenewable: "other",
  nuclear: "nuclear",
  storage: "storage",
  fossil: "grid",
  generator: "generator",
  unknown: "unknown",
};
/** Stacking order of the look: clean first. */
const order: MixPart[] = [
  "hydro",
  "wind",
  "solar",
  "otherRenewable",
  "nuclear",
  "storage",
  "fossil",
  "generator",
  "unknown",
];

/** Facility energy by source; the parts are integers and sum to the total. */
export function MixTable({ report, span }: { report: ReportView; span: number }) {
  const { t } = useTranslation("reports");
  const format = useZoneFormat(report.period.timeZone);
  const { mix, facilityMilliWh } = report.total;
  if (!mix || !facilityMilliWh)
    return (
      <Panel title={t("mix.title")} span={span}>
        <p className="missing">{t("mix.none")}</p>
      </Panel>
    );
  const unit = energyUnit(facilityMilliWh);
  const rows = order
    .filter((part) => mix[part] !== 0)
    .map((part) => ({ part, value: mix[part], share: mix[part] / facilityMilliWh }));
  const none = mixParts.filter((part) => mix[part] === 0).map((part) => t(`source.${part}`));
  const list = new Intl.ListFormat(format.locale, { style: "narrow" });
  return (
    <Panel
      title={t("mix.title")}
      span={span}
      foot={none.length > 0 ? t("mix.zero", { sources: list.format(none) }) : undefined}
    >
      <div className="mix tall" aria-hidden="true">
        {rows
          .filter(({ value }) => value > 0)
          .map(({ part, share }) => (
            <i key={part} className={`bg-${fills[part]}`} style={{ flex: share }} />
          ))}
      </div>
      <table>
        <caption className="vh">{t("mix.title")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("mix.source")}</th>
            <th scope="col" className="num">
              {unit.name}
            </th>
            <th scope="col" className="num">
              {t("mix.share")}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ part, value, share }) => (
            <tr key={part}>
              <th scope="row" className="plain">
                <span className={`swatch bg-${fills[part]}`} aria-hidden="true" />
                {t(`source.${part}`)}
              </th>
              <td className="num">{inUnit(value, unit, format)}</td>
              <td className="num">{format.percent(share)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">
              <Symbols text={t("mix.total")} />
            </th>
            <td className="num">{inUnit(facilityMilliWh, unit, format)}</td>
            <td className="num">{format.percent(1)}</td>
          </tr>
        </tfoot>
      </table>
    </Panel>
  );
}
