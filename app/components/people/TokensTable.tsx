import { Form } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { PeoplePage } from "../../presenters/people.server.ts";
import { useFormat } from "../../use-format.ts";
import { Chip } from "../ui/Chip.tsx";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { CsrfField } from "../ui/form.tsx";
import { Empty } from "../ui/states.tsx";

type Row = PeoplePage["tokens"][number];

/** Bearer tokens of the API; never the tokens themselves. */
export function TokensTable({ tokens }: { tokens: Row[] }) {
  const { t } = useTranslation("people");
  const format = useFormat();
  if (tokens.length === 0) return <Empty title={t("tokens.none")}>{t("tokens.noneWhy")}</Empty>;
  const columns: Column<Row>[] = [
    { key: "name", head: t("tokens.name"), cell: ({ name }) => name },
    { key: "role", head: t("table.role"), cell: ({ role }) => t(`common:role.${role}`) },
    {
      key: "centres",
      head: t("table.centres"),
      cell: ({ centres }) => format.list(centres ?? []) || t(centres ? "table.noCentres" : "table.all"),
    },
    {
      key: "state",
      head: t("table.state"),
      cell: ({ state }) => <Chip s={state === "live" ? "good" : "plain"}>{t(`tokens.${state}`)}</Chip>,
    },
    {
      key: "expires",
      head: t("tokens.expires"),
      cell: ({ expiresAtMs }) => (
        <span className="keep">{expiresAtMs === null ? t("tokens.noEnd") : format.shortDate(expiresAtMs)}</span>
      ),
    },
    {
      key: "used",
      head: t("tokens.used"),
      cell: ({ lastUsedAtMs }) => (
        <span className="keep">{lastUsedAtMs === null ? t("table.never") : format.age(lastUsedAtMs)}</span>
      ),
    },
    {
      key: "act",
      head: t("table.act"),
      full: true,
      cell: (row) =>
        row.state === "live" ? (
          <Form method="post" preventScrollReset>
            <CsrfField />
            <input type="hidden" name="id" value={row.id} />
            <button type="submit" className="btn small" name="intent" value="revoke">
              {t("act.revoke")}
              <span className="vh">: {row.name}</span>
            </button>
          </Form>
        ) : null,
    },
  ];
  return <DataTable early caption={t("tokens.title")} columns={columns} rows={tokens} rowKey={({ id }) => id} />;
}
