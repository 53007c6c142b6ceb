import { Form } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { ReportsData } from "../../presenters/reports-data.ts";
import { useFormat } from "../../use-format.ts";
import { Button } from "../ui/Button.tsx";
import { SelectField, TextField } from "../ui/form.tsx";

/** What to report on: a GET form, so the scope is in the URL and works without script. */
export function ScopeForm({
  centres,
  zones,
  scope,
  periods,
}: Pick<ReportsData, "centres" | "zones" | "scope"> & { periods: readonly string[] }) {
  const { t } = useTranslation("reports");
  const format = useFormat();
  // With script, a day that is picked means own days; without, the hint says to choose them.
  const own = (event: { currentTarget: HTMLInputElement }) => {
    const select = event.currentTarget.form?.elements.namedItem("period");
    if (select instanceof HTMLSelectElement) select.value = "own";
  };
  const key = `${scope.period} ${scope.firstDay} ${scope.lastDay} ${scope.timeZone} ${scope.centreIds.join()}`;
  return (
    <Form method="get" className="report-form" key={key}>
      <SelectField
        label={t("form.period")}
        name="period"
        defaultValue={scope.period}
        options={periods.map((value) => ({ value, text: t(`period.${value}`) }))}
      />
      <div className="report-days">
        <TextField label={t("form.first")} type="date" name="first" defaultValue={scope.firstDay} onChange={own} />
        <TextField label={t("form.last")} type="date" name="last" defaultValue={scope.lastDay} onChange={own} />
      </div>
      <p className="hint">{t("form.daysHint")}</p>
      <SelectField
        label={t("form.zone")}
        name="zone"
        defaultValue={scope.timeZone}
        hint={t("form.zoneHint")}
        options={[...new Set([scope.timeZone, ...zones])].map((value) => ({ value, text: value }))}
      />
      <fieldset>
        <legend>{t("form.centres")}</legend>
        <div className="checks">
          {centres.map(({ id, name }) => (
            <label key={id}>
              <input type="checkbox" name="centre" value={id} defaultChecked={scope.centreIds.includes(id)} />
              {format.name(name)}
            </label>
          ))}
        </div>
      </fieldset>
      <Button>{t("form.show")}</Button>
    </Form>
  );
}
