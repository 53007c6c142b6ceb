import { Form, useNavigation } from "@remix-run/react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { durationUnits, type JobFieldErrors, type JobFormValues } from "../../presenters/job-fields.ts";
import type { presentJobForm } from "../../presenters/job-new.server.ts";
import { useFormat } from "../../use-format.ts";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { CsrfField, Field, SelectField, TextField } from "../ui/form.tsx";
import { Mark } from "../ui/Mark.tsx";
import { Note } from "../ui/states.tsx";
import "./jobs.css";

type Offered = Awaited<ReturnType<typeof presentJobForm>>;

/** A job as a person asks for it. Works without script; what was typed stays beside what is wrong with it. */
export function JobForm({
  offered,
  values,
  errors,
}: {
  offered: Offered;
  values: JobFormValues;
  errors: JobFieldErrors | undefined;
}) {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  const busy = useNavigation().formMethod === "POST";
  const summary = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (errors) summary.current?.focus();
  }, [errors]);
  const units = Object.keys(durationUnits).map((unit) => ({ value: unit, text: t(`form.unit.${unit}`) }));
  const wrong = Object.keys(errors ?? {}).length;
  return (
    <Form method="post" className="jobs-form" noValidate>
      <CsrfField />
      <input type="hidden" name="idempotencyKey" autoComplete="off" defaultValue={values.idempotencyKey} />
      {wrong > 0 && (
        <div ref={summary} role="alert" tabIndex={-1}>
          <Note s="act">{errors?.form ?? t("form.wrong", { count: wrong })}</Note>
        </div>
      )}
      <fieldset>
        <legend>{t("form.what")}</legend>
        <TextField
          label={t("form.name")}
          name="name"
          required
          maxLength={200}
          autoComplete="off"
          defaultValue={values.name}
          error={errors?.name}
        />
        <div className="jobs-pair">
          <TextField
            label={t("form.gpus")}
            name="gpus"
            type="number"
            min={1}
            max={100_000}
            step={1}
            inputMode="numeric"
            className="num"
            required
            defaultValue={values.gpus}
            error={errors?.gpus}
          />
          <SelectField
            label={t("form.gpuClass")}
            name="gpuClass"
            defaultValue={values.gpuClass}
            error={errors?.gpuClass}
            options={[
              { value: "", text: t("anyClass") },
              ...offered.classes.map((name) => ({ value: name, text: name })),
            ]}
          />
        </div>
        <SelectField
          label={t("form.powerClass")}
          name="powerClass"
          defaultValue={values.powerClass}
          hint={t("form.powerHint")}
          error={errors?.powerClass}
          options={offered.powerClasses.map(({ id, share }) => ({
            value: id,
            text: t(`form.power.${id}`, { share: format.percent(share, 0) }),
          }))}
        />
        <div className="jobs-pair">
          <SelectField
            label={t("form.workload")}
            name="workload"
            defaultValue={values.workload}
            error={errors?.workload}
            options={["hash-chain", "sleep"].map((kind) => ({ value: kind, text: t(`workload.${kind}`) }))}
          />
          <TextField
            label={t("form.seed")}
            name="seed"
            maxLength={256}
            autoComplete="off"
            hint={t("form.seedHint")}
            defaultValue={values.seed}
            error={errors?.seed}
          />
        </div>
      </fieldset>
      <fieldset>
        <legend>{t("form.when")}</legend>
        <div className="jobs-pair">
          <Timed label={t("form.duration")} name="duration" values={values} units={units} error={errors?.duration} />
          <Timed
            label={t("form.deadline")}
            name="deadline"
            values={values}
            units={units}
            hint={t("form.deadlineHint")}
            error={errors?.deadline}
          />
        </div>
        <label className="jobs-check">
          <input type="checkbox" name="interruptible" defaultChecked={values.interruptible} />
          <span>
            {t("form.interruptible")}
            <span className="sub">{t("form.interruptibleHint")}</span>
          </span>
        </label>
      </fieldset>
      <fieldset aria-describedby={errors?.policy ? "jobs-policy-error" : undefined}>
        <legend>{t("form.how")}</legend>
        <div className="jobs-policies">
          {offered.policies.map((policy) => (
            <label key={policy.id} className="jobs-check">
              <input type="radio" name="policy" value={policy.id} defaultChecked={values.policy === policy.id} />
              <span>
                <b>{policy.name}</b>
                <span className="sub">{policy.texts.join(format.locale === "en" ? " " : "")}</span>
              </span>
            </label>
          ))}
        </div>
        {errors?.policy && <FieldError id="jobs-policy-error">{errors.policy}</FieldError>}
      </fieldset>
      <fieldset aria-describedby={errors?.residency ? "jobs-residency-error" : "jobs-residency-hint"}>
        <legend>{t("form.limits")}</legend>
        <span className="field-name">{t("form.residency")}</span>
        <div className="checks">
          {offered.jurisdictions.map((one) => (
            <label key={one.id}>
              <input
                type="checkbox"
                name="residency"
                value={one.id}
                defaultChecked={values.residency.includes(one.id)}
              />
              {one.name}
              <span className="meta">
                {one.id}
                <i className="dot" />
                {format.list(one.centres)}
              </span>
            </label>
          ))}
          {/* What was asked for stays in the form, even where no centre is. */}
          {values.residency
            .filter((id) => !offered.jurisdictions.some((one) => one.id === id))
            .map((id) => (
              <label key={id}>
                <input type="checkbox" name="residency" value={id} defaultChecked />
                {id}
              </label>
            ))}
        </div>
        <span className="meta" id="jobs-residency-hint">
          {t("form.residencyHint")}
        </span>
        {errors?.residency && <FieldError id="jobs-residency-error">{errors.residency}</FieldError>}
        <div className="jobs-pair">
          <TextField
            label={t("form.budget")}
            name="budgetUsd"
            inputMode="decimal"
            className="num"
            autoComplete="off"
            hint={t("form.budgetHint")}
            defaultValue={values.budgetUsd}
            error={errors?.budgetUsd}
          />
        </div>
      </fieldset>
      <div className="actions">
        <Button primary disabled={busy}>
          {t("form.submit")}
        </Button>
        <ButtonLink quiet to="/jobs">
          {t("form.back")}
        </ButtonLink>
      </div>
    </Form>
  );
}

/** A length of time: a number and its unit, named together. */
function Timed({
  label,
  name,
  values,
  units,
  hint,
  error,
}: {
  label: string;
  name: "duration" | "deadline";
  values: JobFormValues;
  units: { value: string; text: string }[];
  hint?: string;
  error?: string | undefined;
}) {
  const { t } = useTranslation("jobs");
  return (
    <Field label={label} hint={hint} error={error}>
      {(described) => (
        <span className="jobs-timed">
          <input
            className="in num"
            name={name}
            inputMode="decimal"
            autoComplete="off"
            required
            defaultValue={values[name]}
            {...described}
          />
          <select
            className="in"
            name={`${name}Unit`}
            aria-label={t("form.unitOf", { field: label })}
            defaultValue={values[`${name}Unit`]}
          >
            {units.map((unit) => (
              <option key={unit.value} value={unit.value}>
                {unit.text}
              </option>
            ))}
          </select>
        </span>
      )}
    </Field>
  );
}

function FieldError({ id, children }: { id: string; children: string }) {
  return (
    <span className="field-error" id={id}>
      <Mark s="act" />
      {children}
    </span>
  );
}
