import type { ReactNode } from "react";

type TrackProps = {
  name: ReactNode;
  heightPx: number;
  /** Read out in place of the drawing. */
  label: string;
  ticks: { yPx: number; text: string; zero?: boolean }[];
  /** Place of the crosshair in percent; null: none. */
  cross: number | null;
  tip?: ReactNode;
  children: ReactNode;
};

/** One of several charts over the same time axis: name, y axis, drawing, crosshair with its value. */
export function Track({ name, heightPx, label, ticks, cross, tip, children }: TrackProps) {
  return (
    <>
      <p className="centre-track-name indented">{name}</p>
      <div className="plot track-plot">
        {ticks.map(({ yPx, text }) => (
          <span key={yPx} className="plot-y" style={{ top: yPx }}>
            {text}
          </span>
        ))}
        <svg className="track" width="100%" height={heightPx} role="img" aria-label={label}>
          {ticks.map(({ yPx, zero }) => (
            <line key={yPx} className={zero ? "grid zero" : "grid"} x1="0" x2="100%" y1={yPx} y2={yPx} />
          ))}
          {children}
          {cross !== null && <line className="cross" x1={`${cross}%`} x2={`${cross}%`} y1="0" y2="100%" />}
        </svg>
        {cross !== null && tip && (
          <span
            className={cross > 70 ? "plot-tip left" : "plot-tip"}
            style={{ left: `calc(40px + (100% - 40px) * ${cross / 100})`, top: 4 }}
          >
            {tip}
          </span>
        )}
      </div>
    </>
  );
}
