import { useTranslation } from "react-i18next";
import type { SettlementPage } from "../../presenters/settlement.server.ts";
import { useFormat } from "../../use-format.ts";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { Hash } from "./Hash.tsx";
import { Hs } from "./Hs.tsx";

type Flow = SettlementPage["flows"][number] & { shown: string };

/** The movements of HS in the settlement's transaction, each as the token's own event told it. */
export function Flows({ page }: { page: SettlementPage }) {
  const { t } = useTranslation("settlements");
  const format = useFormat();
  const named = (address: string) => {
    const contract = Object.entries(page.contracts).find(([, own]) => own.toLowerCase() === address.toLowerCase())?.[0];
    const known = /^0x0{40}$/.test(address)
      ? t("flows.nowhere")
      : address.toLowerCase() === page.provider.toLowerCase()
        ? t("amounts.provider")
        : address.toLowerCase() === page.client.toLowerCase()
          ? t("amounts.client")
          : contract;
    return (
      <>
        {known && <span className="keep">{known}</span>} <Hash value={address} />
      </>
    );
  };
  const texts = format.tokenParts(page.flows.map(({ amountWei }) => BigInt(amountWei)));
  const rows = page.flows.map((flow, at): Flow => ({ ...flow, shown: texts[at] ?? "" }));
  const columns: Column<Flow>[] = [
    { key: "purpose", head: t("flows.purpose"), cell: ({ purpose }) => t(`flows.${purpose}`) },
    { key: "from", head: t("flows.from"), cell: ({ from }) => named(from) },
    { key: "to", head: t("flows.to"), cell: ({ to }) => named(to) },
    {
      key: "amount",
      head: "HS",
      num: true,
      cell: ({ amountWei, shown }) => <Hs wei={BigInt(amountWei)} text={shown} />,
    },
  ];
  return (
    <DataTable caption={t("flows.title")} columns={columns} rows={rows} rowKey={({ logIndex }) => String(logIndex)} />
  );
}
