import { useTranslation } from "react-i18next";
import type { WorkByCentre } from "#db/queries/job-pages.ts";
import { useFormat } from "../../use-format.ts";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { Empty } from "../ui/states.tsx";

type Row = WorkByCentre & { name: string; simulated: boolean };

/** What the work of the range took, centre by centre: sums, and ratios of sums. */
export function WorkTable({ rows }: { rows: Row[] }) {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  if (rows.length === 0) return <Empty title={t("work.none")}>{t("work.noneWhy")}</Empty>;
  const scaled = ({ text, unit }: { text: string; unit: string }) => (
    <span className="keep">
      {text}
      <span className="unit">{`\u00a0${unit}`}</span>
    </span>
  );
  const unknown = <span className="ink-3">{t("unknown")}</span>;
  const columns: Column<Row>[] = [
    {
      key: "centre",
      head: t("table.centre"),
      cell: (row) => (
        <>
          {row.name}
          {row.simulated && <span className="sub ink-3">{t("common:simulated.word")}</span>}
        </>
      ),
    },
    {
      key: "runs",
      head: t("work.runs"),
      num: true,
      cell: (row) => (
        <>
          {format.number(row.runs)}
          {row.metered < row.runs && <span className="sub">{t("work.metered", { count: row.metered })}</span>}
        </>
      ),
    },
    { key: "gpu", head: t("work.gpuHours"), num: true, cell: (row) => format.number(row.gpuSeconds / 3_600, 1) },
    {
      key: "facility",
      head: t("work.facility"),
      num: true,
      cell: (row) => (row.metered ? scaled(format.energy(row.facilityMilliWh)) : unknown),
    },
    {
      key: "pue",
      head: "PUE",
      num: true,
      cell: (row) => (row.itMilliWh > 0 ? format.number(row.facilityMilliWh / row.itMilliWh, 2) : unknown),
    },
    {
      key: "location",
      head: t("work.location"),
      num: true,
      cell: (row) => (row.carbonLocationG === null ? unknown : scaled(format.mass(row.carbonLocationG))),
    },
    {
      key: "contract",
      head: t("work.contract"),
      num: true,
      cell: (row) => (row.carbonContractG === null ? unknown : scaled(format.mass(row.carbonContractG))),
    },
    {
      key: "cost",
      head: t("work.cost"),
      num: true,
      cell: (row) => (row.costMicroUsd === null ? unknown : scaled(format.usd(row.costMicroUsd))),
    },
  ];
  return <DataTable caption={t("work.title")} columns={columns} rows={rows} rowKey={({ centreId }) => centreId} />;
}
