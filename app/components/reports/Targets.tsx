import { useTranslation } from "react-i18next";
import type { TargetLine, TargetName } from "#domain/report/targets.ts";
import type { ReportView } from "../../presenters/report-view.ts";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { Mark } from "../ui/Mark.tsx";
import { Panel } from "../ui/Panel.tsx";
import { useZoneFormat } from "./format.ts";

const names: TargetName[] = ["pue", "cleanShare", "heatUplift", "storageHours"];

/** What was aimed at beside what was measured, centre by centre. */
export function Targets({ report, span }: { report: ReportView; span: number }) {
  const { t } = useTranslation("reports");
  const format = useZoneFormat(report.period.timeZone);
  const write = ({ name }: TargetLine, value: number, measured: boolean) =>
    name === "cleanShare" || name === "heatUplift"
      ? format.percent(value, measured ? 1 : 0)
      : name === "storageHours"
        ? `${format.number(value, measured ? 1 : 0)}\u00a0h`
        : format.number(value, measured ? 3 : 2);
  const aim = (line: TargetLine) =>
    line.target === null
      ? t("target.none")
      : `${line.rule === "max" ? "≤" : "≥"}\u00a0${write(line, line.target, false)}`;
  const scopes = [
    ...report.centres.map(({ id, name, targets }) => ({ id, label: format.name(name as never), targets })),
    ...(report.centres.length > 1 ? [{ id: "", label: t("table.fleet"), targets: report.targets }] : []),
  ];
  const lineOf = (targets: TargetLine[], name: TargetName) => targets.find((line) => line.name === name);
  /** The target that all centres share; undefined: they were asked different things. */
  const common = (name: TargetName) => {
    const asked = new Set(report.centres.map(({ targets }) => lineOf(targets, name)?.target));
    return asked.size === 1 ? lineOf(report.centres[0]!.targets, name) : undefined;
  };
  const cell = (line: TargetLine | undefined, shared: boolean) => {
    if (!line || line.measured === null) return <span className="missing">{t("target.notMeasured")}</span>;
    return (
      <span className="keep">
        {write(line, line.measured, true)}{" "}
        {line.met !== null && (
          <Mark s={line.met ? "good" : "watch"} label={t(line.met ? "target.met" : "target.missed")} />
        )}
        {!shared && <span className="sub">{aim(line)}</span>}
      </span>
    );
  };
  const columns: Column<TargetName>[] = [
    { key: "measure", head: t("target.measure"), cell: (name) => t(`target.${name}`) },
    {
      key: "target",
      head: t("target.target"),
      num: true,
      cell: (name) => {
        const line = common(name);
        return <span className="ink-2">{line ? aim(line) : t("target.differs")}</span>;
      },
    },
    ...scopes.map(
      ({ id, label, targets }): Column<TargetName> => ({
        key: id || "fleet",
        head: label,
        num: true,
        cell: (name) => {
          const line = lineOf(targets, name);
          // A fleet has one PUE and one mix, but no one store and no one heat network.
          if (!line && id === "") return <span className="ink-3">{t("target.byCentre")}</span>;
          return cell(line, common(name) !== undefined);
        },
      }),
    ),
  ];
  return (
    <Panel flush title={t("target.title")} span={span} foot={t("target.foot")}>
      <DataTable caption={t("target.title")} rows={names} rowKey={(name) => name} columns={columns} />
    </Panel>
  );
}
