import { Form } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { PeoplePage } from "../../presenters/people.server.ts";
import { useFormat } from "../../use-format.ts";
import { Chip } from "../ui/Chip.tsx";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { CsrfField } from "../ui/form.tsx";

type Row = PeoplePage["people"][number];

/** Everybody who may sign in, and what may be done about it. */
export function PeopleTable({ people }: { people: Row[] }) {
  const { t } = useTranslation("people");
  const format = useFormat();
  const action = (row: Row, intent: string) => (
    <Form method="post" preventScrollReset key={intent}>
      <CsrfField />
      <input type="hidden" name="id" value={row.id} />
      <button type="submit" className="btn small" name="intent" value={intent}>
        {t(`act.${intent}`)}
        <span className="vh">: {row.name}</span>
      </button>
    </Form>
  );
  const columns: Column<Row>[] = [
    {
      key: "name",
      head: t("table.name"),
      cell: (row) => (
        <>
          {row.name}
          {row.self && <span className="meta"> {t("table.you")}</span>}
          <span className="sub">{row.email}</span>
        </>
      ),
    },
    { key: "role", head: t("table.role"), cell: ({ role }) => t(`common:role.${role}`) },
    {
      key: "centres",
      head: t("table.centres"),
      cell: ({ centres }) => format.list(centres ?? []) || t(centres ? "table.noCentres" : "table.all"),
    },
    {
      key: "state",
      head: t("table.state"),
      cell: ({ state }) => (
        <Chip s={state === "active" ? "good" : state === "invited" ? "unknown" : "plain"}>{t(`state.${state}`)}</Chip>
      ),
    },
    {
      key: "seen",
      head: t("table.seen"),
      cell: (row) => (
        <>
          <span className="keep">{row.lastSeenAtMs === null ? t("table.never") : format.age(row.lastSeenAtMs)}</span>
          <span className="sub">{t("table.sessions", { count: row.sessions })}</span>
        </>
      ),
    },
    {
      key: "act",
      head: t("table.act"),
      full: true,
      cell: (row) => (
        <div className="people-acts">
          {row.state !== "disabled" && action(row, "link")}
          {row.sessions > 0 && action(row, "signOut")}
          {!row.self && action(row, row.state === "disabled" ? "enable" : "disable")}
        </div>
      ),
    },
  ];
  return <DataTable early caption={t("table.title")} columns={columns} rows={people} rowKey={({ id }) => id} />;
}
