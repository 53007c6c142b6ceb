import { useTranslation } from "react-i18next";
import type { SettlementPage } from "../../presenters/settlement.server.ts";
import { useFormat } from "../../use-format.ts";
import { Chip } from "../ui/Chip.tsx";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { Empty } from "../ui/states.tsx";
import { Hash } from "./Hash.tsx";

type Hour = SettlementPage["hours"][number];

/** Evidence of the hours that the run overlapped: leaves, root, and where the root stands on chain. */
export function Hours({ hours }: { hours: Hour[] }) {
  const { t } = useTranslation("settlements");
  const format = useFormat();
  if (hours.length === 0) return <Empty title={t("hours.none")}>{t("hours.noneWhy")}</Empty>;
  const later = <span className="ink-3">{t("table.notYet")}</span>;
  const columns: Column<Hour>[] = [
    {
      key: "hour",
      head: t("hours.hour"),
      cell: (hour) => (
        <span className="keep">
          {format.short(hour.hourMs)}–{format.time(hour.hourMs + 3_600_000)}
        </span>
      ),
    },
    {
      key: "state",
      head: t("table.status"),
      cell: ({ root, txHash }) => (
        <Chip s={txHash ? "good" : "plain"}>{t(txHash ? "hours.anchored" : root ? "hours.frozen" : "hours.open")}</Chip>
      ),
    },
    {
      key: "leaves",
      head: t("hours.leaves"),
      num: true,
      cell: ({ leaves }) => (leaves === null ? later : format.number(leaves)),
    },
    { key: "root", head: t("hours.root"), cell: ({ root }) => (root ? <Hash value={root} /> : later) },
    { key: "tx", head: t("table.tx"), cell: ({ txHash }) => (txHash ? <Hash value={txHash} /> : later) },
    {
      key: "block",
      head: t("table.block"),
      num: true,
      cell: ({ block }) => (block === null ? later : format.number(block)),
    },
  ];
  return (
    <DataTable caption={t("hours.title")} columns={columns} rows={hours} rowKey={({ hourMs }) => String(hourMs)} />
  );
}
