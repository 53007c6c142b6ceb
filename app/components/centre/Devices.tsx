import { Link } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { DeviceNow, RackDevices, ReadingNow } from "../../presenters/centre-devices.ts";
import { sinceText } from "../../presenters/hours.ts";
import { useFormat } from "../../use-format.ts";
import { Chip } from "../ui/Chip.tsx";
import { type Column, DataTable } from "../ui/DataTable.tsx";
import { Panel } from "../ui/Panel.tsx";
import { Empty } from "../ui/states.tsx";
import { useHallName } from "./hall-name.ts";
import { useWith } from "./RackHeat.tsx";
import { readingText } from "./reading.ts";

/** Every device of the centre and its halls with what it says; the racks' own in short. */
export function Devices({ devices, rackDevices }: { devices: DeviceNow[]; rackDevices: RackDevices }) {
  const { t } = useTranslation("centre");
  const fresh = devices.filter(({ status }) => status === "good").length;
  return (
    <Panel
      flush
      id="devices"
      title={t("devices.title")}
      meta={t("devices.meta", { fresh: fresh + rackDevices.fresh, all: devices.length + rackDevices.all })}
    >
      {devices.length === 0 ? (
        <Empty title={t("devices.none")}>{t("devices.noneWhy")}</Empty>
      ) : (
        <DeviceList devices={devices} />
      )}
      {rackDevices.all > 0 && <OfRacks of={rackDevices} />}
    </Panel>
  );
}

function OfRacks({ of }: { of: RackDevices }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const href = useWith();
  const shown = of.silent.slice(0, 8);
  return (
    <div className="centre-of-racks">
      <p>
        {t("devices.ofRacks", { fresh: of.fresh, all: of.all, count: of.all })}
        {of.silent.length > 0 && ` ${t("devices.silentOnes", { count: of.silent.length })}`}
      </p>
      {shown.length > 0 && (
        <ul>
          {shown.map((device) => (
            <li key={device.id}>
              <Link to={href("rack", device.rackId)} preventScrollReset>
                {device.id}
              </Link>
              <span className="ink-2">
                {device.sinceMs === null
                  ? t("devices.neverHeard")
                  : t("silentSince", { time: sinceText(device.sinceMs, format) })}
                {device.error && `${format.comma}${device.error}`}
              </span>
            </li>
          ))}
        </ul>
      )}
      {of.silent.length > shown.length && (
        <p className="ink-2">{t("racks.andMore", { count: of.silent.length - shown.length })}</p>
      )}
    </div>
  );
}

/** Devices as a table; `short` leaves out what a narrow panel has no room for. */
export function DeviceList({ devices, short }: { devices: DeviceNow[]; short?: boolean }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const hallName = useHallName();
  const columns: Column<DeviceNow>[] = [
    {
      key: "device",
      head: t("devices.device"),
      cell: (device) => (
        <>
          {device.id}
          <span className="sub">
            {t(`devices.role.${device.role}`)}
            {device.feed && ` ${device.feed}`}
            {device.contract && `${format.comma}${t("devices.contract")}`}
            {device.hall && !short && `${format.comma}${hallName(device.hall)}`}
          </span>
        </>
      ),
    },
    { key: "reading", head: t("devices.reading"), cell: (device) => <Main reading={device.readings[0]} /> },
    ...(short
      ? []
      : [
          {
            key: "others",
            head: t("devices.others"),
            full: true,
            cell: (device: DeviceNow) => <Others readings={device.readings.slice(1)} />,
          },
          {
            key: "over",
            head: t("devices.over"),
            cell: (device: DeviceNow) => (
              <>
                {t(`devices.protocol.${device.protocol}`)}
                {device.clockOffsetMs !== null && Math.abs(device.clockOffsetMs) >= 500 && (
                  <span className="sub">
                    {t("devices.clock", { seconds: format.signed(device.clockOffsetMs / 1_000, 1) })}
                  </span>
                )}
              </>
            ),
          },
        ]),
    {
      key: "state",
      head: t("devices.state"),
      full: true,
      cell: (device) => (
        <>
          <State device={device} />
          {device.lastError && device.lastErrorAtMs !== null && isOpen(device, format.nowMs) && (
            <span className="sub">
              {t("devices.lastError", { age: format.age(device.lastErrorAtMs) })} {device.lastError}
            </span>
          )}
        </>
      ),
    },
    {
      key: "age",
      head: t("devices.age"),
      num: true,
      cell: ({ lastSeenMs, status }) =>
        lastSeenMs === null ? (
          <span className="ink-3">{t("devices.neverHeard")}</span>
        ) : (
          <span className={status === "stale" ? "keep centre-old" : "keep"}>
            {format.duration(format.nowMs - lastSeenMs)}
          </span>
        ),
    },
  ];
  return (
    <DataTable
      className={short ? "compact" : "centre-devices"}
      caption={t("devices.title")}
      columns={columns}
      rows={devices}
      rowKey={({ id }) => id}
    />
  );
}

/** An error is told until the device has spoken for two minutes since: beside "good" an older one misleads. */
const isOpen = ({ lastErrorAtMs, lastSeenMs }: DeviceNow, nowMs: number) =>
  lastErrorAtMs !== null && (lastSeenMs === null || lastErrorAtMs > lastSeenMs || nowMs - lastErrorAtMs < 120_000);

function State({ device }: { device: DeviceNow }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  if (device.status === "unknown") return <Chip s="unknown">{t("devices.neverHeard")}</Chip>;
  if (device.status === "stale")
    return <Chip s="stale">{t("silentSince", { time: sinceText(device.lastSeenMs as number, format) })}</Chip>;
  const odd = device.readings.find(({ quality }) => quality !== null && quality !== "good" && quality !== "backfilled");
  if (odd) return <Chip s="watch">{t(`devices.quality.${odd.quality}`)}</Chip>;
  return <Chip s="good">{t("devices.quality.good")}</Chip>;
}

function Main({ reading }: { reading: ReadingNow | undefined }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  const text = reading && readingText(reading, format);
  if (text === undefined) return <span className="ink-2">{t("common:noReading")}</span>;
  return (
    <>
      <span className="keep">{text}</span>
      <span className="sub">{t(`devices.quantity.${reading?.quantity}`, { defaultValue: reading?.point })}</span>
    </>
  );
}

function Others({ readings }: { readings: ReadingNow[] }) {
  const { t } = useTranslation("centre");
  const format = useFormat();
  if (readings.length === 0) return null;
  return (
    <span className="centre-others">
      {readings.map((reading) => {
        const text = readingText(reading, format);
        return (
          <span key={reading.point} className="keep">
            <span className="ink-2">{t(`devices.quantity.${reading.quantity}`, { defaultValue: reading.point })}</span>{" "}
            {text ?? <span className="ink-3">{t("common:noReading")}</span>}
          </span>
        );
      })}
    </span>
  );
}
