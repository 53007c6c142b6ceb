import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Mark, type Status } from "./Mark.tsx";

/** Nothing to show: why, and one action. */
export function Empty({ title, children, action }: { title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="hollow">
      <b>{title}</b>
      {children && <p className="ink-2">{children}</p>}
      {action}
    </div>
  );
}

/** A panel that failed: what, retry, and the id under which it stands in the log. */
export function PanelError({ title, retry, reference }: { title?: ReactNode; retry?: () => void; reference?: string }) {
  const { t } = useTranslation("common");
  return (
    <div className="hollow" role="alert">
      <b>
        <Mark s="act" /> {title ?? t("error.panel")}
      </b>
      {retry && (
        <button type="button" className="btn small" onClick={retry}>
          {t("error.retry")}
        </button>
      )}
      {reference && <span className="meta mono">{t("error.reference", { id: reference })}</span>}
    </div>
  );
}

/** A note inside a panel. */
export function Note({ s = "unknown", children }: { s?: Status; children: ReactNode }) {
  return (
    <div className="note" data-s={s}>
      <Mark s={s} />
      <div>{children}</div>
    </div>
  );
}

/** A message above the page. `polite` announces it to a screen reader. */
export function Banner({
  s,
  children,
  action,
  polite,
}: {
  s: Status;
  children: ReactNode;
  action?: ReactNode;
  polite?: boolean;
}) {
  return (
    <div className="banner" data-s={s} role={polite ? "status" : undefined}>
      <Mark s={s} />
      <div>{children}</div>
      {action}
    </div>
  );
}

/** A bar of progress with its share as text beside it. */
export function Progress({ share, label }: { share: number; label: string }) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <span
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <i style={{ width: `${percent}%` }} />
    </span>
  );
}
