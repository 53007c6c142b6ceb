import { type CSSProperties, type ReactNode, useId } from "react";
import { PanelBoundary } from "./PanelBoundary.tsx";

type PanelProps = {
  title: ReactNode;
  /** Scope and age, beside the title. */
  meta?: ReactNode;
  tools?: ReactNode;
  /** One sentence that says what the panel shows. */
  summary?: ReactNode;
  /** Method, source, what is left out. */
  foot?: ReactNode;
  /** Columns of twelve. */
  span?: number;
  /** The table reaches the panel's edges. */
  flush?: boolean;
  className?: string;
  /** Target of a link: `#racks`. */
  id?: string;
  children: ReactNode;
};

/** A cell of the sheet: name, one sentence, the figure, its method. Fails alone. */
export function Panel({ title, meta, tools, summary, foot, span = 12, flush, className, id, children }: PanelProps) {
  const headingId = useId();
  return (
    <section
      className={["panel", flush && "flush", className].filter(Boolean).join(" ")}
      style={{ "--span": span } as CSSProperties}
      aria-labelledby={headingId}
      id={id}
    >
      <div className="panel-head">
        <h2 id={headingId}>{title}</h2>
        {meta && <span className="meta">{meta}</span>}
        {tools && <div className="tools">{tools}</div>}
      </div>
      <PanelBoundary>
        {summary && <p className="sum">{summary}</p>}
        {children}
        {foot && <p className="foot">{foot}</p>}
      </PanelBoundary>
    </section>
  );
}
