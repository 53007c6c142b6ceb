import { type ActionFunctionArgs, data, type LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { readForm, requirePermission } from "../auth/person.server.ts";
import { AuditTable } from "../components/people/AuditTable.tsx";
import { GiveForm } from "../components/people/GiveForm.tsx";
import { PeopleTable } from "../components/people/PeopleTable.tsx";
import { Secret } from "../components/people/Secret.tsx";
import { TokensTable } from "../components/people/TokensTable.tsx";
import { Panel } from "../components/ui/Panel.tsx";
import { Note } from "../components/ui/states.tsx";
import { translator } from "../i18n/texts.server.ts";
import { pageMeta } from "../page.ts";
import { presentPeople } from "../presenters/people.server.ts";
import { actOnPeople, parsePeopleForm } from "../presenters/people-actions.server.ts";
import { sayFor } from "../presenters/say.server.ts";
import { useAnswer } from "../use-answer.ts";
import "../components/people/people.css";

export const meta = pageMeta;

export async function loader({ request, context }: LoaderFunctionArgs) {
  const person = await requirePermission(request, context, "people.manage");
  return {
    title: translator(request)("people:title"),
    ...(await presentPeople(context, person, await sayFor(request, context))),
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const person = await requirePermission(request, context, "people.manage");
  const parsed = parsePeopleForm(await readForm(request, context));
  if ("answer" in parsed) return data(parsed.answer, { status: 422 });
  const { status, answer } = await actOnPeople(context, person, parsed.request, new URL(request.url).origin);
  return data(answer, { status });
}

export default function People() {
  const { t } = useTranslation("people");
  const page = useLoaderData<typeof loader>();
  const answer = useAnswer<typeof action>();
  const failed = answer?.errors && (answer.errors.form ? t(answer.errors.form) : t("errors.fields"));
  return (
    <>
      <div className="head">
        <div>
          <h1>{t("title")}</h1>
          <p className="lead">
            <b>{page.lead.strong}</b> {page.lead.rest}
          </p>
        </div>
      </div>
      {answer && (answer.secret || answer.done || failed) && (
        <div className="people-answer">
          {answer.secret && <Secret secret={answer.secret} />}
          {answer.done && (
            <div role="status">
              <Note s="good">
                {t(`done.${answer.done.key}`, { name: answer.done.name, count: answer.done.count ?? 0 })}
              </Note>
            </div>
          )}
          {failed && (
            <div role="alert">
              <Note s="act">{failed}</Note>
            </div>
          )}
        </div>
      )}
      <div className="sheet">
        <Panel flush title={t("table.title")} meta={t("table.count", { count: page.people.length })}>
          <PeopleTable people={page.people} />
        </Panel>
        <Panel span={4} title={t("invite.title")} summary={t("invite.summary")}>
          <GiveForm intent="invite" page={page} answer={answer} />
        </Panel>
        <Panel flush span={8} title={t("audit.title")} meta={t("audit.meta")} foot={t("audit.foot")}>
          <AuditTable lines={page.audit} />
        </Panel>
        <Panel flush span={8} title={t("tokens.title")} meta={t("tokens.meta")}>
          <TokensTable tokens={page.tokens} />
        </Panel>
        <Panel span={4} title={t("newToken.title")} summary={t("newToken.summary")}>
          <GiveForm intent="token" page={page} answer={answer} />
        </Panel>
      </div>
    </>
  );
}
