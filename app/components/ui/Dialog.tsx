import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import "./dialog.css";

type DialogProps = { title: ReactNode; close: () => void; className?: string; children: ReactNode };

/** A modal dialog, open as long as it is rendered. The focus begins at `data-focus`, stays in it, and goes back at the end. */
export function Dialog({ title, close, className, children }: DialogProps) {
  const { t } = useTranslation("common");
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>("[data-focus]")?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it; the click is one beside it
    <dialog
      ref={element}
      className={className ? `dialog ${className}` : "dialog"}
      aria-labelledby={id}
      onClose={close}
      onClick={(event) => event.target === event.currentTarget && close()}
    >
      <div className="dialog-in">
        <div className="dialog-head">
          <h2 id={id}>{title}</h2>
          <button type="button" className="btn quiet small" onClick={close}>
            {t("dialog.close")}
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
