import { useTranslation } from "react-i18next";
import type { SettlementsPage } from "../../presenters/settlements.server.ts";
import { useFormat } from "../../use-format.ts";
import { Hs } from "./Hs.tsx";

/** The whole supply as one bar: the floor, what stands above it, what was burnt. Parts to scale, a sliver stays visible. */
export function Supply({ supply }: { supply: NonNullable<SettlementsPage["supply"]> }) {
  const { t } = useTranslation("settlements");
  const format = useFormat();
  const minted = BigInt(supply.mintedWei);
  const all = [
    { key: "floor", wei: BigInt(supply.floorWei), fill: "settlements-floor" },
    { key: "above", wei: BigInt(supply.burnableWei), fill: "settlements-above" },
    { key: "burned", wei: BigInt(supply.burnedWei), fill: "settlements-burned" },
  ];
  const texts = format.tokenParts(all.map(({ wei }) => wei));
  const parts = all.map((part, at) => ({
    ...part,
    text: texts[at] ?? "",
    share: minted > 0n ? Number((part.wei * 1_000_000_000n) / minted) / 1_000_000_000 : 0,
  }));
  return (
    <figure>
      <figcaption className="sum">
        {t("supply.summary", {
          burned: texts[2],
          above: texts[1],
        })}
      </figcaption>
      <div className="settlements-supply" aria-hidden="true">
        {parts.map(({ key, fill, share }) => (
          <i key={key} className={fill} style={{ flexGrow: Math.max(share, 0) }} />
        ))}
      </div>
      <dl className="settlements-parts">
        {parts.map(({ key, wei, text, fill, share }) => (
          <div key={key}>
            <dt>
              <span className={`swatch ${fill}`} />
              {t(`supply.${key}`)}
            </dt>
            <dd>
              <b>
                <Hs wei={wei} text={text} />
              </b>{" "}
              <span className="unit">HS</span>
              <span className="sub">
                {share > 0 && share < 0.001 ? `< ${format.percent(0.001)}` : format.percent(share)}
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </figure>
  );
}
