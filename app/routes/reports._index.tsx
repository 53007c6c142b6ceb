import { type ActionFunctionArgs, data, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, useActionData, useLoaderData } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { audit } from "#db/queries/people.ts";
import { createReport } from "#db/queries/reports.ts";
import { ReportRefused } from "#domain/report/types.ts";
import { isKnownZone } from "#domain/report/zone.ts";
import { readForm, requirePermission } from "../auth/person.server.ts";
import { Coverage } from "../components/reports/Coverage.tsx";
import { periodText } from "../components/reports/format.ts";
import { Paper } from "../components/reports/Paper.tsx";
import { Proof } from "../components/reports/Proof.tsx";
import { ReportList } from "../components/reports/ReportList.tsx";
import { ScopeForm } from "../components/reports/ScopeForm.tsx";
import { weakLead } from "../components/reports/weak-lead.ts";
import { Button } from "../components/ui/Button.tsx";
import { CsrfField } from "../components/ui/form.tsx";
import { Banner, Empty } from "../components/ui/states.tsx";
import { translator } from "../i18n/texts.server.ts";
import { pageMeta } from "../page.ts";
import { presentReports } from "../presenters/reports.server.ts";
import { periodChoices } from "../presenters/reports-data.ts";
import { useFormat, useRootData } from "../use-format.ts";
import "../components/reports/reports.css";

export const meta = pageMeta;

export async function loader({ request, context }: LoaderFunctionArgs) {
  const person = await requirePermission(request, context, "report.view");
  const reports = await presentReports(context, person.centreIds, new URL(request.url));
  return { title: translator(request)("reports:title"), periods: periodChoices, ...reports };
}

const request = z.object({
  centreIds: z.array(z.string().min(1).max(128)).min(1).max(200),
  fromMs: z.coerce.number().int().min(0).max(7.3e12),
  toMs: z.coerce.number().int().min(0).max(7.3e12),
  timeZone: z.string().max(64).refine(isKnownZone),
});

/** Makes the report that the preview shows, and leads to it. */
export async function action({ request: sent, context }: ActionFunctionArgs) {
  const person = await requirePermission(sent, context, "report.export");
  const form = await readForm(sent, context);
  const parsed = request.safeParse({
    centreIds: form.getAll("centre"),
    fromMs: form.get("from"),
    toMs: form.get("to"),
    timeZone: form.get("zone"),
  });
  if (!parsed.success) return data({ refused: "emptyPeriod" }, { status: 400 });
  const now = new Date(context.clock());
  try {
    const report = await createReport(context.db, parsed.data, { id: person.id, scope: person.centreIds }, now);
    await audit(context.db, { actor: person.id, action: "report.create", subject: `report/${report.id}` }, now);
    return redirect(`/reports/${report.id}`);
  } catch (error) {
    if (error instanceof ReportRefused) return data({ refused: error.reason as string }, { status: 422 });
    throw error;
  }
}

export default function Reports() {
  const { t } = useTranslation("reports");
  const format = useFormat();
  const page = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const mayCreate = useRootData()?.person?.permissions.includes("report.export");
  const { preview, refused, scope } = page;
  const lead = !preview
    ? { strong: t("lead.none"), rest: "" }
    : (weakLead(preview, t, format) ?? {
        strong: t("lead.good", {
          period: periodText(preview.name, format.locale),
          coverage: format.percent(preview.total.coverage),
        }),
        rest: t("lead.goodRest"),
      });
  return (
    <>
      <div className="head">
        <div>
          <h1>{t("title")}</h1>
          <p className="lead">
            <b>{lead.strong}</b> {lead.rest}
          </p>
        </div>
        {preview && mayCreate && (
          <Form method="post" className="acts">
            <CsrfField />
            {scope.centreIds.map((id) => (
              <input key={id} type="hidden" name="centre" value={id} />
            ))}
            <input type="hidden" name="from" value={scope.fromMs} />
            <input type="hidden" name="to" value={scope.toMs} />
            <input type="hidden" name="zone" value={scope.timeZone} />
            <Button primary>{t("create")}</Button>
          </Form>
        )}
      </div>
      {answer?.refused && (
        <Banner s="watch" polite>
          {t(`refused.${answer.refused}`)}
        </Banner>
      )}
      <div className="sheet report-sheet">
        <section className="panel report-side" aria-labelledby="report-scope">
          <div className="panel-head">
            <h2 id="report-scope">{t("form.title")}</h2>
          </div>
          <ScopeForm {...page} />
          {preview && <Coverage report={preview} />}
        </section>
        {preview ? (
          <>
            <Paper report={preview} />
            <Proof report={preview} />
          </>
        ) : (
          <section className="panel report-paper report-nothing">
            <Empty title={t("preview.none")}>{t(`refused.${refused?.reason ?? "noData"}`)}</Empty>
          </section>
        )}
      </div>
      <div className="sheet report-below">
        <ReportList {...page} />
      </div>
    </>
  );
}
