import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";

/** Chart | Table, without script. Renders the switch and both views; the style sheet shows one. */
export function Either({ chart, table, chartName }: { chart: ReactNode; table: ReactNode; chartName?: string }) {
  const { t } = useTranslation("common");
  const id = useId();
  return (
    <div className="either">
      <div className="either-switch">
        <span className="seg" role="radiogroup" aria-label={t("chart.view")}>
          <label>
            <input type="radio" name={id} className="as-chart vh" defaultChecked />
            {chartName ?? t("chart.chart")}
          </label>
          <label>
            <input type="radio" name={id} className="as-table vh" />
            {t("chart.table")}
          </label>
        </span>
      </div>
      <div className="as-chart-view">{chart}</div>
      <div className="as-table-view">{table}</div>
    </div>
  );
}
