import type { LoaderFunctionArgs } from "@remix-run/node";
import { Form, Link, useLoaderData, useSearchParams, useSubmit } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { may } from "../auth/permissions.ts";
import { requirePermission } from "../auth/person.server.ts";
import { JobsTable } from "../components/jobs/JobsTable.tsx";
import { WorkTable } from "../components/jobs/WorkTable.tsx";
import { Button, ButtonLink } from "../components/ui/Button.tsx";
import { Figures } from "../components/ui/Figure.tsx";
import { Panel } from "../components/ui/Panel.tsx";
import { Empty } from "../components/ui/states.tsx";
import { translator } from "../i18n/texts.server.ts";
import { pageMeta } from "../page.ts";
import { isJobFilter, jobFilters, presentJobs } from "../presenters/jobs.server.ts";
import { sayFor } from "../presenters/say.server.ts";
import { useFormat, useRootData } from "../use-format.ts";
import { parseView } from "../view.ts";

export const meta = pageMeta;

export async function loader({ request, context }: LoaderFunctionArgs) {
  const person = await requirePermission(request, context, "job.view");
  const url = new URL(request.url);
  const view = parseView(url, context.clock());
  const status = url.searchParams.get("status");
  const before = Date.parse(url.searchParams.get("before") ?? "");
  const filter = isJobFilter(status) ? status : "all";
  return {
    title: translator(request)("jobs:title"),
    filter,
    filters: Object.keys(jobFilters),
    maySubmit: may(person.role, "job.submit"),
    ...(await presentJobs(
      context,
      person,
      view,
      { filter, beforeMs: Number.isFinite(before) ? before : null },
      await sayFor(request, context),
    )),
  };
}

export default function Jobs() {
  const { t } = useTranslation("jobs");
  const format = useFormat();
  const data = useLoaderData<typeof loader>();
  const range = useRootData()?.range ?? "own";
  const [parameters] = useSearchParams();
  const submit = useSubmit();
  const kept = [...parameters].filter(([name]) => name !== "status" && name !== "before");
  const older = new URLSearchParams(kept);
  if (data.filter !== "all") older.set("status", data.filter);
  if (data.olderMs !== null) older.set("before", new Date(data.olderMs).toISOString());
  return (
    <>
      <div className="head">
        <div>
          <h1>{t("title")}</h1>
          <p className="lead">
            <b>{data.lead.strong}</b> {data.lead.rest}
          </p>
        </div>
        {data.maySubmit && (
          <div className="acts">
            <ButtonLink primary to="/jobs/new" prefetch="intent">
              {t("new.button")}
            </ButtonLink>
          </div>
        )}
      </div>
      <div className="sheet">
        <Figures items={data.figures} />
        <Panel
          flush
          title={t("table.title")}
          meta={t("table.meta")}
          tools={
            <Form
              method="get"
              className="jobs-filter"
              preventScrollReset
              onChange={(event) => submit(event.currentTarget, { preventScrollReset: true })}
            >
              {kept.map(([name, value]) => (
                <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
              ))}
              <select
                className="in"
                name="status"
                aria-label={t("filter.label")}
                key={data.filter}
                defaultValue={data.filter}
              >
                {data.filters.map((filter) => (
                  <option key={filter} value={filter}>
                    {t(`filter.${filter}`)}
                  </option>
                ))}
              </select>
              <noscript>
                <Button small>{t("filter.apply")}</Button>
              </noscript>
            </Form>
          }
        >
          {data.jobs.length === 0 ? (
            <Empty
              title={t(data.filter === "all" ? "empty.title" : "empty.filtered")}
              action={
                data.filter !== "all" ? (
                  <Link to="/jobs">{t("empty.all")}</Link>
                ) : data.maySubmit ? (
                  <ButtonLink to="/jobs/new">{t("new.button")}</ButtonLink>
                ) : undefined
              }
            >
              {t(data.filter === "all" ? "empty.why" : "empty.filteredWhy")}
            </Empty>
          ) : (
            <JobsTable jobs={data.jobs} />
          )}
          {data.olderMs !== null && (
            <p className="jobs-older">
              <Link to={`/jobs?${older}`}>{t("table.older", { time: format.short(data.olderMs) })}</Link>
            </p>
          )}
        </Panel>
        <Panel flush title={t("work.title")} meta={t(`common:range.${range}`)} foot={t("work.foot")}>
          <WorkTable rows={data.work} />
        </Panel>
      </div>
    </>
  );
}
