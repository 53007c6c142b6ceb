import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { AlternativeRow, DecisionView, ScoreParts } from "../../presenters/job-decision.ts";
import { type Format, useFormat } from "../../use-format.ts";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { Mark } from "../ui/Mark.tsx";
import { scoreDigits, scoreText } from "./score-text.ts";

const parts = ["carbon", "cost", "wait", "capacity"] as const;
const fills = { carbon: "bg-m6", cost: "bg-m4", wait: "bg-m3", capacity: "bg-unknown" } as const;

/** Every centre with its best start, its score taken apart, or the rule that excludes it; the chosen one first. */
export function WhyTable({ decision, names }: { decision: DecisionView; names: Record<string, string> }) {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  const digits = scoreDigits(decision.rows.flatMap(({ score }) => (score ? [score.total] : [])));
  const most = Math.max(1, ...decision.rows.map(({ score }) => score?.total ?? 0));
  const unknown = <span className="ink-3">{t("unknown")}</span>;
  const columns: Column<AlternativeRow>[] = [
    {
      key: "centre",
      head: t("table.centre"),
      cell: (row) => (
        <>
          {names[row.centreId] ?? row.centreId}
          {row.chosen && (
            <span className="jobs-chosen">
              <Mark s="proof" /> {t("why.chosen")}
            </span>
          )}
        </>
      ),
    },
    {
      key: "start",
      head: t("why.start"),
      cell: (row) =>
        row.startAtMs === null ? (
          <span className="jobs-rule">
            <b>{t(`rule.${row.rule}.short`, { defaultValue: row.rule ?? "" })}</b>
            <span className="sub">{ruleText(row, t, format)}</span>
          </span>
        ) : (
          <>
            <span className="keep">{format.short(row.startAtMs)}</span>
            <span className="sub">
              {(row.waitS ?? 0) < 60
                ? t("why.noWait")
                : t("why.wait", { wait: format.duration((row.waitS ?? 0) * 1_000, true) })}
            </span>
          </>
        ),
    },
    {
      key: "pue",
      head: "PUE",
      num: true,
      cell: ({ pue, pueMethod }) =>
        pue === null ? null : (
          <>
            {format.number(pue, 2)}
            <span className="sub">{t(`why.pue.${pueMethod}`, { defaultValue: pueMethod })}</span>
          </>
        ),
    },
    {
      key: "carbon",
      head: t("why.carbon"),
      num: true,
      cell: (row) =>
        row.startAtMs === null ? null : row.carbonLocationG === null ? (
          unknown
        ) : (
          <>
            <Mass grams={row.carbonLocationG} />
            <span className="sub">
              {row.carbonContractG !== null &&
                t("why.contract", { carbon: scaledText(format.mass(row.carbonContractG)) })}
            </span>
          </>
        ),
    },
    {
      key: "cost",
      head: t("why.cost"),
      num: true,
      cell: (row) =>
        row.startAtMs === null ? null : row.costMicroUsd === null ? (
          unknown
        ) : (
          <span className="keep">
            {format.usd(row.costMicroUsd).text}
            <span className="unit">{"\u00a0USD"}</span>
          </span>
        ),
    },
    {
      key: "score",
      head: t("why.score"),
      full: true,
      className: "jobs-score",
      cell: ({ score }) => score && <Score score={score} most={most} digits={digits} />,
    },
    {
      key: "more",
      head: t("why.against"),
      full: true,
      className: "jobs-against",
      cell: (row) =>
        row.chosen || row.score === null ? null : row.moreMicroUsd === null ? null : (
          <span className="meta">
            {against(row, decision, t, format).map((part, at, all) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: up to four fixed parts
              <span key={at} className="keep">
                {part}
                {at < all.length - 1 && <i className="dot" />}
              </span>
            ))}
          </span>
        ),
    },
  ];
  return (
    <>
      <DataTable
        caption={t("why.title")}
        columns={columns}
        rows={decision.rows}
        rowKey={({ centreId }) => centreId}
        selected={({ chosen }) => chosen}
        className="jobs-why"
        early
      />
      <ul className="legend jobs-legend">
        <li>{t("why.scoreIs")}</li>
        {parts.map((part) => (
          <li key={part}>
            <span className={`swatch ${fills[part]}`} />
            {t(`why.part.${part}`)}
          </li>
        ))}
      </ul>
    </>
  );
}

function Mass({ grams }: { grams: number }) {
  const { text, unit } = useFormat().mass(grams);
  return (
    <span className="keep">
      {text}
      <span className="unit">{`\u00a0${unit}`}</span>
    </span>
  );
}

function Score({ score, most, digits }: { score: ScoreParts; most: number; digits: number }) {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  const shown = parts.filter((part) => score[part] > 0);
  return (
    <>
      <span className="keep">
        {scoreText(score.total, format, digits)}
        <span className="unit">{`\u00a0${t("why.points")}`}</span>
      </span>
      <span className="jobs-bar" aria-hidden="true">
        {shown.map((part) => (
          <i key={part} className={fills[part]} style={{ width: `${Math.max(0.5, (score[part] / most) * 100)}%` }} />
        ))}
      </span>
      <span className="sub">
        {shown.map((part, index) => (
          <span key={part} className="keep">
            {t(`why.part.${part}`)} {scoreText(score[part], format, digits)}
            {index < shown.length - 1 && <i className="dot" />}
          </span>
        ))}
      </span>
    </>
  );
}

const scaledText = ({ text, unit }: { text: string; unit: string }) => `${text}\u00a0${unit}`;
const plus = (value: number, text: string) => (value > 0 ? `+${text}` : text);

/** What this start would change against the chosen one: carbon, price, wait. */
function against(row: AlternativeRow, decision: DecisionView, t: TFunction<"jobs">, format: Format): string[] {
  const chosen = decision.rows.find((other) => other.chosen);
  if (!chosen) return [];
  const carbon = (one: AlternativeRow) =>
    decision.policy.carbonView === "location" ? one.carbonLocationG : one.carbonContractG;
  const [mine, theirs] = [carbon(row), carbon(chosen)];
  const moreCarbon = mine === null || theirs === null ? null : mine - theirs;
  const moreCost =
    row.costMicroUsd === null || chosen.costMicroUsd === null ? null : row.costMicroUsd - chosen.costMicroUsd;
  const moreWait = (row.waitS ?? 0) - (chosen.waitS ?? 0);
  return [
    moreCarbon === null ? "" : plus(moreCarbon, scaledText(format.mass(moreCarbon))),
    moreCost === null ? "" : plus(moreCost, scaledText(format.usd(moreCost))),
    Math.abs(moreWait) < 60
      ? ""
      : `${moreWait > 0 ? "+" : "−"}${format.duration(Math.abs(moreWait) * 1_000, true)}\u00a0${t("why.waitWord")}`,
    t("why.moreScore", { score: plus(row.moreMicroUsd ?? 0, scoreText(row.moreMicroUsd ?? 0, format)) }),
  ].filter(Boolean);
}

/** The rule that excludes a centre, with what stood against it. */
export function ruleText({ rule, facts }: AlternativeRow, t: TFunction<"jobs">, format: Format): string {
  const seconds = (name: string) => format.duration(Number(facts[name] ?? 0) * 1_000, true);
  const watts = (name: string) => scaledText(format.power(Number(facts[name] ?? 0)));
  const usd = (name: string) => scaledText(format.usd(Number(facts[name] ?? 0)));
  const named = (name: string) => typeof facts[name] === "string" && { [name]: format.list(facts[name].split(", ")) };
  const values = {
    ...facts,
    ...named("known"),
    ...named("residency"),
    availableS: seconds("availableS"),
    durationS: seconds("durationS"),
    maxWaitS: seconds("maxWaitS"),
    powerCapW: watts("powerCapW"),
    jobW: watts("jobW"),
    budgetMicroUsd: usd("budgetMicroUsd"),
    leastMicroUsd: usd("leastMicroUsd"),
  };
  const key = rule === "budget" && Number(facts.leastMicroUsd) < 0 ? "rule.budget.unknown" : `rule.${rule}.text`;
  return t(key, { ...values, defaultValue: "" });
}
