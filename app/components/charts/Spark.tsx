import { useId } from "react";
import { brokenLine, round } from "./scales.ts";

type SparkProps = { values: (number | null)[]; target?: number; label: string; heightPx?: number };

/** A line on its own scale, the target dashed; beyond it the line turns amber and thicker. Gaps stay gaps. */
export function Spark({ values, target, label, heightPx = 36 }: SparkProps) {
  const id = useId();
  const known = values.filter((value): value is number => value !== null);
  if (known.length < 2) return <span className="spark" style={{ height: heightPx }} />;
  const low = Math.min(...known, target ?? Number.POSITIVE_INFINITY);
  const high = Math.max(...known, target ?? Number.NEGATIVE_INFINITY);
  const span = high - low || 1;
  const x = (index: number) => (index / (values.length - 1)) * 100;
  const y = (value: number) => round(2 + (1 - (value - low) / span) * (heightPx - 4));
  const path = brokenLine(values, x, y);
  const lastIndex = values.findLastIndex((value) => value !== null);
  const last = values[lastIndex] as number;
  const over = target !== undefined && last > target;
  return (
    <svg
      className="spark"
      style={{ height: heightPx }}
      viewBox={`0 0 100 ${heightPx}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {target !== undefined && (
        <>
          <clipPath id={id}>
            <rect x="0" y="-4" width="100" height={y(target) + 4} />
          </clipPath>
          <path className="target-line" d={`M0 ${y(target)}H100`} />
        </>
      )}
      <path className="line" d={path} />
      {target !== undefined && <path className="line over" clipPath={`url(#${id})`} d={path} />}
      <path className={over ? "point over" : "point"} d={`M${round(x(lastIndex))} ${y(last)}h0`} />
    </svg>
  );
}
