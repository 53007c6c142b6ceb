import { useTranslation } from "react-i18next";
import { chainNames, explorers } from "../../presenters/settlement-chain.ts";
import { type Lookup, lookupsOf } from "../../presenters/settlement-lookups.ts";
import type { SettlementProof } from "../../presenters/settlement-proof.ts";
import { useFormat } from "../../use-format.ts";

/** What no check of ours can show: where on the chain to look, and which value must stand there. */
export function Lookups({ proof }: { proof: SettlementProof }) {
  const { t } = useTranslation("settlements");
  const format = useFormat();
  const found = lookupsOf(proof);
  const chainId = proof.chain?.chainId ?? null;
  if (found.length === 0 || chainId === null) return null;
  const explorer = explorers[chainId];
  const name = ({ key, hour }: Lookup) =>
    hour === undefined
      ? t(`verify.lookup.${key}`)
      : t(`verify.lookup.${key}`, { hour: format.short(Date.parse(hour)) });
  return (
    <>
      <h3 className="settlements-checks-name">{t("verify.lookup.title")}</h3>
      <p className="foot">
        {t("verify.lookup.how", { chain: chainNames[chainId] ?? t("chain.number", { id: chainId }) })}
      </p>
      <ul className="rows settlements-lookups">
        {found.map((lookup) => (
          <li key={`${lookup.key} ${lookup.hour ?? ""}`}>
            <b>{name(lookup)}</b>
            <dl>
              <dt>{t("table.tx")}</dt>
              <dd className="mono">
                {explorer ? (
                  <a href={`${explorer}${lookup.txHash}`} rel="noreferrer">
                    {lookup.txHash}
                  </a>
                ) : (
                  lookup.txHash
                )}
              </dd>
              <dt>{t("table.block")}</dt>
              <dd>{format.number(lookup.block)}</dd>
              <dt>{t("verify.lookup.contract")}</dt>
              <dd className="mono">{lookup.contract}</dd>
              <dt>{t(lookup.key === "anchor" ? "hours.root" : "verify.lookup.jobHash")}</dt>
              <dd className="mono">{lookup.value}</dd>
            </dl>
          </li>
        ))}
      </ul>
    </>
  );
}
