import { Form, useNavigation } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { PeoplePage } from "../../presenters/people.server.ts";
import type { PeopleAnswer } from "../../presenters/people-actions.server.ts";
import { Button } from "../ui/Button.tsx";
import { CsrfField, SelectField, TextField } from "../ui/form.tsx";
import { Mark } from "../ui/Mark.tsx";

/** Invites a person or makes an API token: name, role, centres. What was typed stays beside what is wrong with it. */
export function GiveForm({
  intent,
  page,
  answer,
}: {
  intent: "invite" | "token";
  page: Pick<PeoplePage, "roles" | "centres" | "mayAllCentres">;
  answer: PeopleAnswer | undefined;
}) {
  const { t } = useTranslation("people");
  const busy = useNavigation().formMethod === "POST";
  const own = answer?.intent === intent ? answer : undefined;
  const error = (field: string) => (own?.errors?.[field] ? t(own.errors[field]) : undefined);
  return (
    // A form that did its work starts empty again.
    <Form method="post" preventScrollReset noValidate className="people-form" key={own?.secret?.value ?? "form"}>
      <CsrfField />
      {intent === "invite" && (
        <TextField
          label={t("form.email")}
          name="email"
          type="email"
          autoComplete="off"
          required
          defaultValue={own?.values?.email ?? ""}
          error={error("email")}
        />
      )}
      <TextField
        label={t(intent === "invite" ? "form.name" : "tokens.name")}
        name="name"
        autoComplete="off"
        required
        maxLength={120}
        hint={intent === "token" ? t("form.tokenName") : undefined}
        defaultValue={own?.values?.name ?? ""}
        error={error("name")}
      />
      <SelectField
        label={t("table.role")}
        name="role"
        defaultValue={own?.values?.role ?? "operator"}
        error={error("role")}
        options={page.roles.map((role) => ({ value: role, text: t(`common:role.${role}`) }))}
      />
      {intent === "token" && (
        <TextField
          label={t("form.days")}
          name="days"
          type="number"
          min={1}
          max={3_650}
          className="num"
          required
          defaultValue={own?.values?.days || "90"}
          error={error("days")}
        />
      )}
      <fieldset className="people-centres">
        <legend>{t("table.centres")}</legend>
        <div className="checks">
          {page.centres.map((centre) => (
            <label key={centre.id}>
              <input
                type="checkbox"
                name="centreIds"
                value={centre.id}
                defaultChecked={own?.values?.centreIds.includes(centre.id)}
              />
              {centre.name}
            </label>
          ))}
        </div>
        <span className="meta">{t(page.mayAllCentres ? "form.centresHint" : "form.centresLimited")}</span>
        {error("centreIds") && (
          <span className="field-error">
            <Mark s="act" />
            {error("centreIds")}
          </span>
        )}
      </fieldset>
      <div className="actions">
        <Button name="intent" value={intent} primary={intent === "invite"} disabled={busy}>
          {t(`act.${intent}`)}
        </Button>
      </div>
    </Form>
  );
}
