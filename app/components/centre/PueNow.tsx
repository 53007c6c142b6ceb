import { useTranslation } from "react-i18next";
import type { CentreData } from "../../presenters/centre.server.ts";
import type { PueParts } from "../../presenters/centre-flow.ts";
import { useFormat } from "../../use-format.ts";
import { niceAxis } from "../charts/scales.ts";
import { DataTable } from "../ui/DataTable.tsx";
import { Mark } from "../ui/Mark.tsx";
import { Panel } from "../ui/Panel.tsx";
import { Note } from "../ui/states.tsx";

const parts = [
  { key: "cooling", fill: "m5" },
  { key: "rest", fill: "m4" },
  { key: "lighting", fill: "m6" },
] as const;

/** What stands above 1.00 now, and hall by hall. */
export function PueNow({ data, span }: { data: CentreData; span: number }) {
  const { t } = useTranslation("centre");
  const { pue, halls, targets } = data;
  return (
    <Panel title={t("now.title")} meta={t("now.meta", { category: `PUE${data.pueCategory}` })} span={span}>
      {pue.value === null || pue.parts === null ? (
        <Note s="unknown">
          <b>{t("now.none")}</b> {pue.why}
        </Note>
      ) : (
        <Split value={pue.value} split={pue.parts} itW={pue.itW ?? 0} target={targets.pue} />
      )}
      {halls.length > 0 && <Halls data={data} />}
    </Panel>
  );
}

function Split({ value, split, itW, target }: { value: number; split: PueParts; itW: number; target: number }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const axis = niceAxis(Math.max(value, target), 1);
  const shown = parts.flatMap((part) => {
    const over = split[part.key];
    return over === null || over < 0.0005 ? [] : [{ ...part, over }];
  });
  const metered = split.cooling !== null;
  const name = (key: keyof PueParts) => t(key === "rest" && !metered ? "flow.load.unmetered" : `flow.load.${key}`);
  const above = shown.reduce((sum, { over }) => sum + over, 0);
  return (
    <>
      <div className="centre-pue">
        <span className="hero">{format.number(value, 2)}</span>
        <div role="img" aria-label={t("now.bar", { value: format.number(value, 2), target: format.number(target, 2) })}>
          <div className="mix">
            {shown.map(({ key, fill, over }) => (
              <i key={key} className={`bg-${fill}`} style={{ flex: over / (axis.top - 1) }} />
            ))}
            <i className="rest" style={{ flex: Math.max(0, 1 - above / (axis.top - 1)) }} />
            <b className="tick" style={{ left: `${((target - 1) / (axis.top - 1)) * 100}%` }} />
          </div>
          <div className="centre-pue-axis" aria-hidden="true">
            {[1, (1 + axis.top) / 2, axis.top].map((at) => (
              <span key={at} style={{ left: `${((at - 1) / (axis.top - 1)) * 100}%` }}>
                {format.number(at, 2)}
              </span>
            ))}
          </div>
        </div>
      </div>
      <DataTable
        caption={t("now.title")}
        rows={shown}
        rowKey={({ key }) => key}
        className="compact"
        columns={[
          {
            key: "part",
            head: t("now.above"),
            className: "plain",
            cell: ({ key, fill }) => (
              <>
                <span className={`swatch bg-${fill}`} />
                {name(key)}
              </>
            ),
          },
          {
            key: "kw",
            head: "kW",
            num: true,
            cell: ({ over }) => format.number((over * itW) / 1_000, over * itW < 1e5 ? 1 : 0),
          },
          { key: "pue", head: "PUE", num: true, cell: ({ over }) => format.number(over, 3) },
        ]}
      />
      {split.rest < -0.0005 && <Note s="watch">{t("now.negative", { value: format.number(-split.rest, 3) })}</Note>}
    </>
  );
}

function Halls({ data: { halls, targets } }: { data: CentreData }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  return (
    <DataTable
      caption={t("now.halls")}
      rows={halls}
      rowKey={({ id }) => id}
      className="compact"
      columns={[
        { key: "hall", head: t("now.hall"), cell: ({ name }) => name },
        {
          key: "it",
          head: t("now.itKw"),
          num: true,
          cell: ({ itW, racks }) =>
            itW === null ? (
              <span className="ink-2">
                {racks.some(({ feeds }) => feeds.length) ? t("now.silentFeed") : t("common:noReading")}{" "}
                <Mark s="unknown" />
              </span>
            ) : (
              format.number(itW / 1_000, itW < 1e5 ? 1 : 0)
            ),
        },
        {
          key: "cooling",
          head: t("now.coolingKw"),
          num: true,
          cell: ({ coolingW }) =>
            coolingW === null ? (
              <span className="ink-2">{t("common:noReading")}</span>
            ) : (
              format.number(coolingW / 1_000, coolingW < 1e5 ? 1 : 0)
            ),
        },
        {
          key: "ppue",
          head: <span title={t("now.ppueMeans")}>pPUE</span>,
          label: "pPUE",
          num: true,
          cell: ({ itW, coolingW }) => {
            if (itW === null || coolingW === null || itW <= 0)
              return (
                <span className="ink-2">
                  {t("now.notComputable")} <Mark s="unknown" />
                </span>
              );
            const value = (itW + coolingW) / itW;
            const status = value <= targets.pue ? "good" : "watch";
            return (
              <>
                {format.number(value, 2)} <Mark s={status} label={t(`common:status.${status}`)} />
              </>
            );
          },
        },
      ]}
      foot={
        <tr>
          <td colSpan={4} className="centre-foot">
            {t("now.ppueMeans")}
          </td>
        </tr>
      }
    />
  );
}
