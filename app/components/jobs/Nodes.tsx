import { Link } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { RackRow } from "../../presenters/job-nodes.ts";
import { useFormat } from "../../use-format.ts";
import { useHallName } from "../centre/hall-name.ts";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { Empty } from "../ui/states.tsx";

/** The racks and GPUs that hold the job, and how warm they were when they were chosen. */
export function Nodes({ racks, centreId }: { racks: RackRow[]; centreId: string | null }) {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  const hallName = useHallName();
  if (racks.length === 0) return <Empty title={t("nodes.none")}>{t("nodes.noneWhy")}</Empty>;
  const degrees = (value: number | null) =>
    value === null ? <span className="ink-3">{t("common:noReading")}</span> : `${format.number(value, 1)}\u00a0°C`;
  const columns: Column<RackRow>[] = [
    {
      key: "rack",
      head: t("nodes.rack"),
      cell: (rack) => (
        <>
          {centreId ? <Link to={`/centres/${centreId}#${rack.rackId}`}>{rack.rackId}</Link> : rack.rackId}
          <span className="sub">{hallName(rack.hallName)}</span>
        </>
      ),
    },
    {
      key: "gpus",
      head: t("table.gpus"),
      cell: (rack) => (
        <>
          {format.number(rack.gpus)} × {rack.gpuClass}
          <span className="sub">
            {t("nodes.indices", { indices: format.list(rack.indices) })}
            <i className="dot" />
            {t("nodes.servers", { count: rack.servers })}
          </span>
        </>
      ),
    },
    {
      key: "gpuC",
      head: t("nodes.gpuC"),
      num: true,
      cell: (rack) => (
        <>
          {degrees(rack.gpuC)}
          {rack.coolRank !== null && (
            <span className="sub">{t("nodes.rank", { rank: rack.coolRank, racks: rack.racksKnown })}</span>
          )}
        </>
      ),
    },
    { key: "inlet", head: t("nodes.inletC"), num: true, cell: (rack) => degrees(rack.inletC) },
  ];
  return <DataTable caption={t("nodes.title")} columns={columns} rows={racks} rowKey={({ rackId }) => rackId} />;
}
