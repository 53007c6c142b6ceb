import { useFormat } from "../../use-format.ts";

const hourMs = 3_600_000;

/** Four to seven times below a chart: round hours, the day where it begins. */
export function TimeAxis({ fromMs, toMs }: { fromMs: number; toMs: number }) {
  const format = useFormat();
  const hours = (toMs - fromMs) / hourMs;
  if (!(hours > 0)) return null;
  const step = [1, 3, 6, 12, 24, 48, 96, 120, 240].find((width) => hours / width <= 6) ?? 720;
  const labels: { atMs: number; text: string }[] = [];
  for (let atMs = Math.ceil(fromMs / hourMs) * hourMs; atMs <= toMs; atMs += hourMs) {
    const [hour, minute] = format.time(atMs).split(":").map(Number) as [number, number];
    if (minute >= 60 || (step < 24 ? hour % step !== 0 : hour !== 0)) continue;
    if (step > 24 && Math.round((toMs - atMs) / (24 * hourMs)) % (step / 24) !== 0) continue;
    const text =
      step >= 24
        ? format.shortDate(atMs)
        : hour === 0
          ? `${format.weekday(atMs)} ${format.time(atMs)}`
          : format.time(atMs);
    labels.push({ atMs, text });
  }
  return (
    <div className="plot-x" aria-hidden="true">
      {labels.map(({ atMs, text }) => {
        const at = ((atMs - fromMs) / (toMs - fromMs)) * 100;
        return at < 3 || at > 97 ? null : (
          <span key={atMs} style={{ left: `${at}%` }}>
            {text}
          </span>
        );
      })}
    </div>
  );
}
