import { Form, Link, useLocation } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { AlarmItem } from "../../presenters/alarms.server.ts";
import { useFormat, useRootData } from "../../use-format.ts";
import { CsrfField } from "../ui/form.tsx";
import { Mark } from "../ui/Mark.tsx";
import { Panel } from "../ui/Panel.tsx";

/** Open alarms, the most urgent first. New ones are announced politely. */
export function Alarms({
  alarms,
  span,
  limit = 6,
  withCentre,
}: {
  alarms: AlarmItem[];
  span: number;
  limit?: number;
  withCentre?: boolean;
}) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  const { pathname, search } = useLocation();
  const mayAcknowledge = useRootData()?.person?.permissions.includes("alarm.acknowledge");
  const act = alarms.filter(({ severity }) => severity === "act").length;
  const shown = alarms.slice(0, limit);
  const item = (alarm: AlarmItem) => (
    <li key={alarm.id} className="alarm">
      <Mark s={alarm.severity} label={t(`common:status.${alarm.severity}`)} />
      <div>
        <b>{alarm.text}</b>
        <span className="sub">
          {withCentre && (
            <>
              <Link to={`/centres/${alarm.centreId}`}>{alarm.centre}</Link>
              <i className="dot" />
            </>
          )}
          {format.duration(format.nowMs - alarm.openedAtMs, true)}
          <i className="dot" />
          {alarm.acknowledgedBy ?? t("alarms.unowned")}
        </span>
      </div>
      {mayAcknowledge && !alarm.acknowledgedBy && (
        <Form method="post" action={`/alarms/${alarm.id}/acknowledge`} preventScrollReset>
          <CsrfField />
          <input type="hidden" name="back" value={pathname + search} />
          <button type="submit" className="btn small">
            {t("alarms.acknowledge")}
            <span className="vh">: {alarm.text}</span>
          </button>
        </Form>
      )}
    </li>
  );
  return (
    <Panel
      title={t("alarms.title")}
      meta={alarms.length ? t("alarms.counts", { act, watch: alarms.length - act }) : undefined}
      span={span}
      className="alarms-panel"
    >
      {alarms.length === 0 ? (
        <div className="note" data-s="good">
          <Mark s="good" />
          <div>{t("alarms.clear", { time: format.timeSeconds(format.answeredAtMs) })}</div>
        </div>
      ) : (
        <>
          <ul className="rows">{shown.map(item)}</ul>
          {alarms.length > limit && (
            <details>
              <summary>{t("alarms.more", { count: alarms.length - limit })}</summary>
              <ul className="rows">{alarms.slice(limit).map(item)}</ul>
            </details>
          )}
        </>
      )}
      <p className="vh" aria-live="polite">
        {act > 0 ? t("common:nav.toActOn", { count: act }) : ""}
      </p>
    </Panel>
  );
}
