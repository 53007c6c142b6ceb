import { Form, useNavigation } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button.tsx";
import { CsrfField } from "../ui/form.tsx";

/** Cancelling asks once more, without script: the first press opens what it would do. */
export function Cancel({ running }: { running: boolean }) {
  const { t } = useTranslation("jobs");
  const busy = useNavigation().formMethod === "POST";
  return (
    <details className="jobs-cancel">
      <summary className="btn">{t("cancel.open")}</summary>
      <Form method="post" className="jobs-cancel-ask">
        <CsrfField />
        <p>
          <b>{t("cancel.sure")}</b> {t(running ? "cancel.running" : "cancel.waiting")}
        </p>
        <Button name="intent" value="cancel" primary disabled={busy}>
          {t("cancel.go")}
        </Button>
      </Form>
    </details>
  );
}
