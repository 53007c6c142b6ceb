import { Link } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { SettlementItem } from "../../presenters/settlements.server.ts";
import { useFormat } from "../../use-format.ts";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { Hash } from "./Hash.tsx";
import { Hs } from "./Hs.tsx";
import { SettlementStatus } from "./SettlementStatus.tsx";
import "./settlements.css";

/** Settlements, newest first: what was metered, what it cost, what was paid and burnt, and where it stands on chain. */
export function SettlementsTable({ rows }: { rows: SettlementItem[] }) {
  const { t } = useTranslation("settlements");
  const format = useFormat();
  const amount = (wei: bigint, text: string) => <Hs wei={wei} text={text} />;
  /** Paid and burnt so that they add up, with what the floor kept, to the amount as shown. */
  const part = ({ amountWei, paidWei, burnedWei }: SettlementItem, which: 0 | 1) => {
    if (paidWei === null || burnedWei === null) return <span className="ink-3">{t("table.notYet")}</span>;
    const parts = [BigInt(paidWei), BigInt(burnedWei)] as const;
    const texts = format.tokenParts([...parts, BigInt(amountWei) - parts[0] - parts[1]]);
    return amount(parts[which], texts[which] ?? "");
  };
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
            {row.isEstimate && <span className="sub keep">{t("table.estimated")}</span>}
            <span className="sub keep">{t("table.gpuSeconds", { seconds: format.number(row.gpuSeconds) })}</span>
          </>
        );
      },
    },
    {
      key: "amount",
      head: t("table.amount"),
      num: true,
      cell: ({ amountWei }) => amount(BigInt(amountWei), format.token(BigInt(amountWei))),
    },
    { key: "paid", head: t("table.paid"), num: true, cell: (row) => part(row, 0) },
    { key: "burned", head: t("table.burned"), num: true, cell: (row) => part(row, 1) },
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
