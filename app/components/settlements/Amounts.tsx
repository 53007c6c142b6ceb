import { useTranslation } from "react-i18next";
import type { SettlementPage } from "../../presenters/settlement.server.ts";
import { useFormat } from "../../use-format.ts";
import { Mark } from "../ui/Mark.tsx";
import { Note } from "../ui/states.tsx";
import { Hash } from "./Hash.tsx";
import { Hs } from "./Hs.tsx";

/** amount = paid + burnt (+ what the floor kept): from the chain's own event, and whether it sums. */
export function Amounts({ page }: { page: SettlementPage }) {
  const { t } = useTranslation("settlements");
  const format = useFormat();
  const { chain } = page;
  const [paid = "", burned = "", treasury = ""] = chain
    ? format.tokenParts([BigInt(chain.paidWei), BigInt(chain.burnedWei), BigInt(chain.treasuryWei)])
    : [];
  const hs = (wei: string, text: string) => <Hs wei={BigInt(wei)} text={text} exact unit />;
  const amount = BigInt(page.amountWei);
  const sums =
    chain !== null &&
    BigInt(chain.paidWei) + BigInt(chain.burnedWei) + BigInt(chain.treasuryWei) === BigInt(chain.amountWei) &&
    BigInt(chain.amountWei) === amount;
  const share = (wei: string) =>
    amount > 0n ? format.percent(Number((BigInt(wei) * 100_000n) / amount) / 100_000) : "";
  return (
    <>
      <dl className="kv">
        <dt>{t("amounts.amount")}</dt>
        <dd>{hs(page.amountWei, format.token(amount))}</dd>
        {chain && (
          <>
            <dt>
              {t("amounts.paid")} <span className="meta">{share(chain.paidWei)}</span>
            </dt>
            <dd>{hs(chain.paidWei, paid)}</dd>
            <dt>
              {t("amounts.burned")} <span className="meta">{share(chain.burnedWei)}</span>
            </dt>
            <dd>{hs(chain.burnedWei, burned)}</dd>
            {BigInt(chain.treasuryWei) > 0n && (
              <>
                <dt>
                  {t("amounts.treasury")} <span className="meta">{share(chain.treasuryWei)}</span>
                </dt>
                <dd>{hs(chain.treasuryWei, treasury)}</dd>
              </>
            )}
            <dt>{t("amounts.sum")}</dt>
            <dd>
              <Mark s={sums ? "good" : "act"} /> {t(sums ? "amounts.sums" : "amounts.differs")}
            </dd>
          </>
        )}
        <dt>{t("amounts.client")}</dt>
        <dd>
          <Hash value={page.client} />
        </dd>
        <dt>{t("amounts.provider")}</dt>
        <dd>
          <Hash value={page.provider} />
        </dd>
        <dt>{t("amounts.salt")}</dt>
        <dd>
          {page.salt ? (
            <Hash value={page.salt} />
          ) : (
            <>
              <Mark s="lock" /> {t("amounts.saltPrivate")}
            </>
          )}
        </dd>
      </dl>
      <p className="foot">{t(page.maySalt ? "amounts.saltShown" : "amounts.saltWhy")}</p>
      {!chain && (
        <div className="settlements-note">
          <Note>{t("amounts.notYet")}</Note>
        </div>
      )}
    </>
  );
}
