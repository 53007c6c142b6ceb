import type { ReactNode } from "react";
import { Mark, type Status } from "./Mark.tsx";

/** Mark and word: ● good ▲ watch ⬣ act ◷ stale ◌ unknown. `plain` has no mark. */
export function Chip({ s, children }: { s: Status | "plain"; children: ReactNode }) {
  return (
    <span className="chip" data-s={s}>
      {s !== "plain" && <Mark s={s} />}
      {children}
    </span>
  );
}
