import type { LoaderFunctionArgs } from "@remix-run/node";
import { Form, Link, useLoaderData, useSearchParams, useSubmit } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { requirePermission } from "../auth/person.server.ts";
import { SettlementsTable } from "../components/settlements/SettlementsTable.tsx";
import { Supply } from "../components/settlements/Supply.tsx";
import { Button } from "../components/ui/Button.tsx";
import { Figures } from "../components/ui/Figure.tsx";
import { Panel } from "../components/ui/Panel.tsx";
import { Empty } from "../components/ui/states.tsx";
import { translator } from "../i18n/texts.server.ts";
import { pageMeta } from "../page.ts";
import { sayFor } from "../presenters/say.server.ts";
import { chainNames } from "../presenters/settlement-chain.ts";
import {
  isSettlementStatus,
  pageSize,
  presentSettlements,
  settlementStatuses,
} from "../presenters/settlements.server.ts";
import { useFormat } from "../use-format.ts";
import "../components/settlements/settlements.css";

export const meta = pageMeta;

export async function loader({ request, context }: LoaderFunctionArgs) {
  const person = await requirePermission(request, context, "settlement.view");
  const { searchParams } = new URL(request.url);
  const asked = searchParams.get("status");
  const page = Number(searchParams.get("page") ?? 1);
  const pageNumber = Number.isInteger(page) && page > 0 && page < 1e6 ? page : 1;
  const status = isSettlementStatus(asked) ? asked : null;
  return {
    title: translator(request)("settlements:title"),
    status,
    statuses: settlementStatuses,
    page: pageNumber,
    pageSize,
    ...(await presentSettlements(
      context,
      person,
      { status, offset: (pageNumber - 1) * pageSize },
      await sayFor(request, context),
    )),
  };
}

export default function Settlements() {
  const { t } = useTranslation("settlements");
  const format = useFormat();
  const data = useLoaderData<typeof loader>();
  const [parameters] = useSearchParams();
  const submit = useSubmit();
  const kept = [...parameters].filter(([name]) => name !== "status" && name !== "page");
  const pageLink = (page: number) => {
    const next = new URLSearchParams(kept);
    if (data.status) next.set("status", data.status);
    if (page > 1) next.set("page", String(page));
    return `/settlements?${next}`;
  };
  const chainName =
    data.chain.chainId === null
      ? ""
      : (chainNames[data.chain.chainId] ?? t("chain.number", { id: data.chain.chainId }));
  return (
    <>
      <div className="head">
        <div>
          <h1>{t("title")}</h1>
          <p className="lead">
            <b>{data.lead.strong}</b> {data.lead.rest}
          </p>
        </div>
      </div>
      <div className="sheet settlements-sheet">
        <Figures items={data.figures} />
        <Panel span={8} title={t("supply.title")} meta={t("supply.meta")} foot={t("supply.foot")}>
          {data.supply ? (
            <Supply supply={data.supply} />
          ) : (
            <Empty title={t("supply.none")}>{t("supply.noneWhy")}</Empty>
          )}
        </Panel>
        <Panel span={4} title={t("words.title")} meta={chainName}>
          <dl className="settlements-words">
            {data.statuses.map((status) => (
              <div key={status}>
                <dt>
                  <b>{t(`status.${status}.word`)}</b>
                </dt>
                <dd>{t(`status.${status}.why`)}</dd>
              </div>
            ))}
          </dl>
        </Panel>
        <Panel
          flush
          title={t("table.title")}
          meta={t("table.count", { count: data.total })}
          tools={
            <Form
              method="get"
              className="settlements-filter"
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
                key={data.status ?? "all"}
                defaultValue={data.status ?? ""}
              >
                <option value="">{t("filter.all")}</option>
                {data.statuses.map((status) => (
                  <option key={status} value={status}>
                    {t(`status.${status}.word`)}
                  </option>
                ))}
              </select>
              <noscript>
                <Button small>{t("filter.apply")}</Button>
              </noscript>
            </Form>
          }
        >
          {data.rows.length === 0 ? (
            <Empty
              title={t(data.status ? "empty.filtered" : "empty.title")}
              action={data.status ? <Link to="/settlements">{t("empty.all")}</Link> : undefined}
            >
              {t(data.status ? "empty.filteredWhy" : "empty.why")}
            </Empty>
          ) : (
            <SettlementsTable rows={data.rows} />
          )}
          {data.total > data.pageSize && (
            <nav className="settlements-pages" aria-label={t("pages.label")}>
              {data.page > 1 && <Link to={pageLink(data.page - 1)}>{t("pages.newer")}</Link>}
              {data.page * data.pageSize < data.total && <Link to={pageLink(data.page + 1)}>{t("pages.older")}</Link>}
              <span className="meta">
                {t("pages.at", {
                  page: format.number(data.page),
                  pages: format.number(Math.ceil(data.total / data.pageSize)),
                })}
              </span>
            </nav>
          )}
        </Panel>
      </div>
      <p className="settlements-disclaimer">{t("disclaimer")}</p>
    </>
  );
}
