import { Link } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { SettlementItem } from "../../presenters/settlements.server.ts";
import { useFormat } from "../../use-format.ts";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { Hash } from "./Hash.tsx";
import { SettlementStatus } from "./SettlementStatus.tsx";
import "./settlements.css";

/** Settlements, newest first: what was metered, what it cost, what was paid and burnt, and where it stands on chain. */
export function SettlementsTable({ rows }: { rows: SettlementItem[] }) {
  const { t } = useTranslation("settlements");
  const format = useFormat();
  const hs = (wei: string | null) =>
    wei === null ? (
      <span className="ink-3">{t("table.notYet")}</span>
    ) : (
      <span className="keep">{format.token(BigInt(wei))}</span>
    );
  const columns: Column<SettlementItem>[] = [
    {
      key: "job",
      head: t("table.job"),
      cell: (row) => (
        <>
          <Link to={`/settlements/${row.id}`} prefetch="intent">
            {row.jobName}
          </Link>
          <span className="sub">
            {row.centre}
            {row.simulated && (
              <>
                <i className="dot" />
                {t("common:simulated.word")}
              </>
            )}
          </span>
        </>
      ),
    },
    {
      key: "status",
      head: t("table.status"),
      cell: (row) => (
        <>
          <SettlementStatus status={row.status} waits={row.reason !== null} />
          {row.reason && <span className="sub settlements-reason">{row.reason}</span>}
        </>
      ),
    },
    {
      key: "energy",
      head: t("table.energy"),
      num: true,
      cell: (row) => {
        const { text, unit } = format.energy(row.energyMilliWh);
        return (
          <>
            <span className="keep">
              {text}
              <span className="unit">{`\u00a0${unit}`}</span>
            </span>
            <span className="sub keep">{t("table.gpuSeconds", { seconds: format.number(row.gpuSeconds) })}</span>
          </>
        );
      },
    },
    { key: "amount", head: t("table.amount"), num: true, cell: (row) => hs(row.amountWei) },
    { key: "paid", head: t("table.paid"), num: true, cell: (row) => hs(row.paidWei) },
    { key: "burned", head: t("table.burned"), num: true, cell: (row) => hs(row.burnedWei) },
    {
      key: "block",
      head: t("table.block"),
      num: true,
      cell: (row) =>
        row.blockNumber === null ? <span className="ink-3">{t("table.notYet")}</span> : format.number(row.blockNumber),
    },
    {
      key: "tx",
      head: t("table.tx"),
      cell: (row) => (row.txHash ? <Hash value={row.txHash} /> : <span className="ink-3">{t("table.notYet")}</span>),
    },
    {
      key: "at",
      head: t("table.at"),
      cell: (row) => <span className="keep">{format.short(row.settledAtMs ?? row.createdAtMs)}</span>,
    },
  ];
  return <DataTable early caption={t("table.title")} columns={columns} rows={rows} rowKey={({ id }) => id} />;
}
