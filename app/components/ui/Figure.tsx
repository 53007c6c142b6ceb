import type { CSSProperties, ReactNode } from "react";
import { useFormat, useStale } from "../../use-format.ts";
import { Mark, type Status } from "./Mark.tsx";

/** How a number is known: solid counter, dashed integrated, dotted estimated, empty stale or missing. */
export type CoverageMethod = "measured" | "integrated" | "estimated" | "stale" | "missing";

export type FigureProps = {
  /** Name and period: "PUE, 24 h". */
  name: ReactNode;
  /** Only against a target. */
  status?: Status;
  statusLabel?: string;
  /** null: `missing` says what is missing, never 0. */
  value: string | null;
  unit?: string;
  missing?: ReactNode;
  /** Up to two lines: target or a second truth, and the signed change. */
  context?: ReactNode[];
  coverage?: { share: number; method: CoverageMethod };
  /** Age and quality in words: "3 s ago · 99.4% measured". An age goes on while the page stands open. */
  proof: (ReactNode | Age)[];
  stale?: boolean;
};

/** "3 s ago": said by the browser, so that it does not stand still when answers do not come. */
type Age = { ageOfMs: number };
const isAge = (part: unknown): part is Age => typeof part === "object" && part !== null && "ageOfMs" in part;

/** A figure whose words are plain text, as a loader sends it. */
export type FigureText = Omit<FigureProps, "name" | "missing" | "context" | "proof"> & {
  name: string;
  missing?: string;
  context?: string[];
  proof: (string | Age)[];
};

/** A number with its proof. Put several into `<Figures>`. */
export function Figure({
  name,
  status,
  statusLabel,
  value,
  unit,
  missing,
  context = [],
  coverage,
  proof,
  stale: staleAtAnswer,
}: FigureProps) {
  const format = useFormat();
  const stale = useStale() || staleAtAnswer;
  const method = value === null ? "missing" : stale ? "stale" : (coverage?.method ?? "measured");
  const share = Math.min(1, Math.max(0, coverage?.share ?? 1));
  return (
    <div className="figure" data-q={stale ? "stale" : undefined}>
      <dt>
        {name}
        {status && <Mark s={status} label={statusLabel ?? status} />}
      </dt>
      <dd className="value" data-long={value !== null && value.length > 11 ? true : undefined}>
        {value === null ? (
          <span className="missing">{missing}</span>
        ) : (
          <>
            {value}
            {unit && <span className="unit">{`\u00a0${unit}`}</span>}
          </>
        )}
      </dd>
      <dd className="context">
        {context.filter(Boolean).map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two fixed lines
          <span key={index}>{line}</span>
        ))}
      </dd>
      <dd className="proof">
        <i className="coverage" data-m={method} style={{ "--c": `${share * 100}%` } as CSSProperties} />
        {proof.filter(Boolean).map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: fixed parts
          <span key={index}>
            {index > 0 && <i className="dot" />}
            {isAge(part) ? format.age(part.ageOfMs) : part}
          </span>
        ))}
      </dd>
    </div>
  );
}

/** A strip of figures across the sheet. */
export function Figures({ items }: { items: FigureProps[] }) {
  return (
    <dl className="figures" style={{ "--n": items.length } as CSSProperties}>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fixed strip
        <Figure key={index} {...item} />
      ))}
    </dl>
  );
}
