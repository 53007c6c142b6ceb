import { useFormat } from "../../use-format.ts";
import { brokenLine, digitsOf, niceAxis } from "../charts/scales.ts";
import { Track } from "./Track.tsx";

const heightPx = 84;

type LineTrackProps = {
  name: string;
  /** Values are divided by `of` to be in unit `name`. */
  unit: { name: string; of: number };
  lines: { values: (number | null)[]; className: string; name: string }[];
  /** Index under the crosshair. */
  chosen: number | null;
};

/** Lines on their own scale, broken where a value is missing. */
export function LineTrack({ name, unit, lines, chosen }: LineTrackProps) {
  const format = useFormat();
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null).map((value) => value / unit.of));
  if (known.length === 0) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const margin = Math.max((high - low) * 0.08, Math.abs(high) * 0.01, 1e-6);
  const axis = niceAxis(high + margin, low - margin);
  const bottom = axis.ticks[0] as number;
  const y = (value: number) => heightPx - ((value / unit.of - bottom) / (axis.top - bottom)) * heightPx;
  const count = lines[0]?.values.length ?? 1;
  const digits = digitsOf(axis.step);
  const at =
    chosen === null
      ? []
      : lines.flatMap(({ values, name: line }) => {
          const value = values[chosen];
          return value == null ? [] : [{ line, text: format.number(value / unit.of, Math.min(2, digits + 1)) }];
        });
  return (
    <Track
      name={
        <>
          {name}
          {format.comma}
          {unit.name}
          {lines.length > 1 &&
            lines.map((line) => (
              <span key={line.name}>
                <svg width="14" height="10" aria-hidden="true">
                  <path className={line.className} d="M0 5h14" />
                </svg>
                {line.name}
              </span>
            ))}
        </>
      }
      heightPx={heightPx}
      label={`${name}: ${format.number(low, digits)}–${format.number(high, digits)}\u00a0${unit.name}`}
      ticks={axis.ticks.map((tick) => ({
        yPx: heightPx - ((tick - bottom) / (axis.top - bottom)) * heightPx,
        text: format.number(tick, digits),
        zero: tick === 0,
      }))}
      cross={chosen === null ? null : ((chosen + 0.5) / count) * 100}
      tip={
        at.length > 0
          ? at.map(({ line, text }, index) => (
              <span key={line || "value"}>
                {index > 0 && format.comma}
                <b>{text}</b> {line}
              </span>
            ))
          : undefined
      }
    >
      <svg
        viewBox={`0 0 1000 ${heightPx}`}
        width="100%"
        height={heightPx}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {lines.map((line) => (
          <path
            key={line.name || "value"}
            className={line.className}
            d={brokenLine(line.values, (index) => ((index + 0.5) / count) * 1_000, y)}
          />
        ))}
      </svg>
    </Track>
  );
}
