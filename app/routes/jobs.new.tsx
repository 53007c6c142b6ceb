import { type ActionFunctionArgs, data, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { type ShouldRevalidateFunction, useLoaderData } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { JobRefused, submitJob } from "#db/queries/jobs.ts";
import { audit } from "#db/queries/people.ts";
import { newToken } from "#db/queries/people-token.ts";
import { readForm, requirePermission } from "../auth/person.server.ts";
import { JobForm } from "../components/jobs/JobForm.tsx";
import { type Column, DataTable } from "../components/ui/DataTable.tsx";
import { Panel } from "../components/ui/Panel.tsx";
import { Empty } from "../components/ui/states.tsx";
import { translator } from "../i18n/texts.server.ts";
import { pageMeta } from "../page.ts";
import type { JobFieldErrors, JobFormValues } from "../presenters/job-fields.ts";
import { parseJobForm, readJobForm } from "../presenters/job-form.server.ts";
import { presentJobForm, refusalError } from "../presenters/job-new.server.ts";
import { sayFor } from "../presenters/say.server.ts";
import { useAnswer } from "../use-answer.ts";
import { useFormat } from "../use-format.ts";

export const meta = pageMeta;

/** A form that is being filled in stays as it is while the world moves on. */
export const shouldRevalidate: ShouldRevalidateFunction = ({ formMethod }) => formMethod !== undefined;

export async function loader({ request, context }: LoaderFunctionArgs) {
  const person = await requirePermission(request, context, "job.submit");
  const offered = await presentJobForm(context, person.centreIds, await sayFor(request, context));
  return {
    title: translator(request)("jobs:new.title"),
    offered,
    values: {
      name: "",
      gpus: "8",
      gpuClass: "",
      duration: "1",
      durationUnit: "h",
      powerClass: "standard",
      deadline: "24",
      deadlineUnit: "h",
      budgetUsd: "",
      policy: "balanced",
      workload: "hash-chain",
      seed: "",
      exitCode: "",
      // However often the button is pressed: one job.
      idempotencyKey: `form-${newToken(18)}`,
      residency: [],
      interruptible: false,
    } satisfies JobFormValues,
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const person = await requirePermission(request, context, "job.submit");
  const values = readJobForm(await readForm(request, context));
  const say = await sayFor(request, context);
  const parsed = parseJobForm(values);
  if ("wrong" in parsed) {
    const errors: JobFieldErrors = Object.fromEntries(
      parsed.wrong.map((field) => [field, say.t(`jobs:errors.${field}`)]),
    );
    return data({ values, errors }, { status: 422 });
  }
  const now = new Date(context.clock());
  try {
    const { job, created } = await submitJob(context.db, parsed.request, person, now);
    if (created) await audit(context.db, { actor: person.id, action: "job.submit", subject: `job/${job.id}` }, now);
    return redirect(`/jobs/${job.id}`);
  } catch (error) {
    if (!(error instanceof JobRefused)) throw error;
    return data({ values, errors: refusalError(error, say) }, { status: 422 });
  }
}

export default function NewJob() {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  const { offered, values } = useLoaderData<typeof loader>();
  const answer = useAnswer<typeof action>();
  type Free = (typeof offered.capacity)[number];
  const columns: Column<Free>[] = [
    {
      key: "centre",
      head: t("table.centre"),
      cell: (row) => (
        <>
          {row.name}
          <span className="sub">{row.jurisdiction}</span>
        </>
      ),
    },
    { key: "class", head: t("form.gpuClass"), cell: (row) => row.gpuClass },
    {
      key: "free",
      head: t("new.free"),
      num: true,
      cell: (row) => t("new.freeOf", { free: format.number(row.free), all: format.number(row.gpus) }),
    },
    { key: "price", head: t("new.price"), num: true, cell: (row) => row.hsPerGpuHour },
  ];
  return (
    <>
      <div className="head">
        <div>
          <h1>{t("new.title")}</h1>
          <p className="lead">{t("new.lead")}</p>
        </div>
      </div>
      <div className="sheet">
        <Panel title={t("new.form")} span={6}>
          <JobForm offered={offered} values={answer?.values ?? values} errors={answer?.errors} />
        </Panel>
        <Panel
          flush
          title={t("new.now")}
          meta={format.timeSeconds(format.answeredAtMs)}
          span={6}
          foot={t("new.nowFoot")}
        >
          {offered.capacity.length === 0 ? (
            <Empty title={t("new.noGpus")}>{t("new.noGpusWhy")}</Empty>
          ) : (
            <DataTable
              caption={t("new.now")}
              columns={columns}
              rows={offered.capacity}
              rowKey={(row) => `${row.centreId} ${row.gpuClass}`}
            />
          )}
        </Panel>
      </div>
    </>
  );
}
