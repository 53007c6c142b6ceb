import { useTranslation } from "react-i18next";
import type { PeoplePage } from "../../presenters/people.server.ts";
import { useFormat } from "../../use-format.ts";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { Empty } from "../ui/states.tsx";

type Row = PeoplePage["audit"][number];

/** The end of the audit log: who did what to whom. The database lets nobody change or delete a line of it. */
export function AuditTable({ lines }: { lines: Row[] }) {
  const { t } = useTranslation("people");
  const format = useFormat();
  if (lines.length === 0) return <Empty title={t("audit.none")} />;
  /** "by: one-time link"; a name or word that has no text stays as it is recorded. */
  const detailText = ({ name, value }: Row["detail"][number]) => {
    const word = name === "role" ? `common:role.${value}` : `audit.${name}.${value}`;
    return `${t(`audit.detail.${name}`, { defaultValue: name })}${format.colon}${t(word, { defaultValue: value })}`;
  };
  const columns: Column<Row>[] = [
    {
      key: "at",
      head: t("audit.at"),
      className: "plain",
      cell: ({ atMs }) => <span className="keep">{format.short(atMs)}</span>,
    },
    { key: "actor", head: t("audit.actor"), cell: ({ actor }) => actor },
    {
      key: "action",
      head: t("audit.action"),
      cell: ({ action }) => t(`audit.did.${action.replaceAll(".", "_")}`, { defaultValue: action }),
    },
    {
      key: "subject",
      head: t("audit.subject"),
      cell: ({ subject, detail }) => (
        <>
          {subject}
          {detail.length > 0 && <span className="sub">{detail.map(detailText).join(format.comma)}</span>}
        </>
      ),
    },
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="people-audit" tabIndex={0} aria-label={t("audit.lines")}>
      <DataTable caption={t("audit.title")} columns={columns} rows={lines} rowKey={({ id }) => String(id)} />
    </section>
  );
}
