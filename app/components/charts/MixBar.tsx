import { useTranslation } from "react-i18next";
import { type Mix, sources, sumMix } from "../../presenters/power-now.ts";
import { useFormat } from "../../use-format.ts";

/** Power by source as one bar, and its three largest shares in words. */
export function MixBar({ mix, tall }: { mix: Mix; tall?: boolean }) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  const total = sumMix(mix);
  if (total <= 0) return <span className="missing">{t("mix.none")}</span>;
  const parts = sources.filter((source) => mix[source] / total >= 0.0005);
  const largest = parts
    .filter((source) => mix[source] / total >= 0.005)
    .sort((a, b) => mix[b] - mix[a])
    .slice(0, 3);
  const words = largest.map((source) => ({
    source,
    text: `${t(`source.${source}`)} ${format.percent(mix[source] / total, 0)}`,
  }));
  return (
    <>
      <div className={tall ? "mix tall" : "mix"} role="img" aria-label={format.list(words.map(({ text }) => text))}>
        {parts.map((source) => (
          <i key={source} className={`bg-${source}`} style={{ flex: mix[source] / total }} />
        ))}
      </div>
      {!tall && (
        <span className="sub">
          {words.map(({ source, text }, index) => (
            <span key={source} className="keep">
              {text}
              {index < words.length - 1 && <i className="dot" />}
            </span>
          ))}
        </span>
      )}
    </>
  );
}

/** What each fill means. */
export function SourceLegend({ shown }: { shown: readonly (typeof sources)[number][] }) {
  const { t } = useTranslation("fleet");
  return shown.map((source) => (
    <li key={source}>
      <span className={`swatch bg-${source}`} />
      {t(`source.${source}`)}
    </li>
  ));
}
