import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PeopleAnswer } from "../../presenters/people-actions.server.ts";
import { useFormat } from "../../use-format.ts";
import { Note } from "../ui/states.tsx";

/** A link or token, once: it is kept nowhere and gone with the next page. */
export function Secret({ secret }: { secret: NonNullable<PeopleAnswer["secret"]> }) {
  const { t } = useTranslation("people");
  const format = useFormat();
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  // The secret is what the reader came for: it is brought to them, selected.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new secret is shown anew
  useEffect(() => {
    setCopied(false);
    field.current?.focus();
    field.current?.select();
  }, [secret.value]);
  const copy = async () => {
    await navigator.clipboard?.writeText(secret.value).catch(() => {});
    setCopied(true);
  };
  return (
    <div className="people-secret" role="status">
      <Note s="good">
        <b>{t(`secret.${secret.kind}.title`, { name: secret.name })}</b> {t(`secret.${secret.kind}.once`)}{" "}
        {secret.expiresAtMs !== null && t("secret.until", { time: format.full(secret.expiresAtMs) })}
        <span className="people-secret-line">
          <input
            ref={field}
            className="in mono"
            readOnly
            value={secret.value}
            aria-label={t(`secret.${secret.kind}.label`)}
          />
          <button type="button" className="btn" onClick={copy}>
            {t(copied ? "secret.copied" : "secret.copy")}
          </button>
        </span>
      </Note>
    </div>
  );
}
