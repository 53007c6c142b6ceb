/** Never told by colour alone: each status has its own mark and is written as a word. */
export type Status = "good" | "watch" | "act" | "stale" | "unknown";

/** The mark of a status. `label` is read out; without it the word must stand beside the mark. */
export function Mark({ s, label }: { s: Status | "lock" | "proof"; label?: string }) {
  return (
    <svg
      className={`mark mark-${s}`}
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      <use href={`#m-${s}`} />
    </svg>
  );
}

/** An icon of the sprite: `fleet`, `jobs`, `settlements`, `reports`, `people`, `more`, `alarms`, `search`. */
export function Icon({ name }: { name: string }) {
  return (
    <svg className="icon" aria-hidden="true">
      <use href={`#i-${name}`} />
    </svg>
  );
}
