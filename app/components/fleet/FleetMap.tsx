import { Link } from "@remix-run/react";
import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { FleetData } from "../../presenters/fleet.server.ts";
import { type Mix, sources, sumMix } from "../../presenters/power-now.ts";
import { useFormat } from "../../use-format.ts";
import { round } from "../charts/scales.ts";
import { frameOf, layout, placed } from "./map-layout.ts";
import { rivers } from "./rivers.ts";

/** Positions and rivers, no borders. Ring: power mix now, its size the IT load. */
export function FleetMap({ places }: { places: FleetData["map"] }) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  const frame = frameOf(places);
  const x = (longitude: number) => round(placed(frame, longitude, 0)[0]);
  const y = (latitude: number) => round(placed(frame, 0, latitude)[1]);
  const step = frame.width > 20 ? 10 : frame.width > 8 ? 5 : 1;
  // Lines run beyond the plane, to the map's edge; words stay where they can be read whole.
  const meridians = lines(frame.west - frame.width, frame.width * 3, step);
  const parallels = lines(frame.south - frame.height, frame.height * 3, step).filter((at) => y(at) < 112);
  const said = (at: number) => at > -12;
  const largest = Math.max(1, ...places.map(({ itW }) => itW ?? 0));
  const pins = places.map((place) => {
    const power = place.itW === null ? null : format.power(place.itW);
    return {
      ...place,
      sizePx: Math.round(40 + 36 * Math.sqrt((place.itW ?? 0) / largest)),
      words: [format.name(place.name), power ? `${power.text}\u00a0${power.unit}` : t("common:noReading")],
    };
  });
  const streams = rivers.map(({ key, label: [longitude, latitude] }) => ({
    key,
    longitude,
    latitude,
    word: t(`map.river.${key}`),
  }));
  const { sides, fits } = layout(frame, pins, parallels, streams);
  return (
    <figure>
      <figcaption className="sum">{t("map.summary")}</figcaption>
      <div className="fleet-map">
        <div className="map-plane">
          <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
            {meridians.map((at) => (
              <path key={at} className="grid" d={`M${x(at)} -100V200`} />
            ))}
            {parallels.map((at) => (
              <path key={at} className="grid" d={`M-100 ${y(at)}H200`} />
            ))}
            {rivers.map(({ key, course }) => (
              <path key={key} className="river" d={smooth(course.map(([lon, lat]) => [x(lon), y(lat)]))} />
            ))}
          </svg>
          {parallels
            .filter((at) => said(y(at)))
            .map((at) => (
              <span key={at} className="map-degree" style={{ top: `${y(at)}%` }}>
                {Math.abs(at)}°&nbsp;{at < 0 ? "S" : "N"}
              </span>
            ))}
          {meridians
            .filter((at) => x(at) > 0 && x(at) < 104)
            .map((at) => (
              <span key={at} className="map-degree below" style={{ left: `${x(at)}%` }}>
                {Math.abs(at)}°&nbsp;{at < 0 ? "W" : "E"}
              </span>
            ))}
          {streams.map(({ key, longitude, latitude, word }, index) =>
            fits[index] === "never" ? null : (
              <span
                key={key}
                className={fits[index] === "wide" ? "map-river wide" : "map-river"}
                style={{ left: `${x(longitude)}%`, top: `${y(latitude)}%` }}
              >
                {word}
              </span>
            ),
          )}
          {pins.map((pin, index) => (
            <Link
              key={pin.id}
              to={`/centres/${pin.id}`}
              className={`map-pin ${sides[index]}`}
              style={
                {
                  left: `${x(pin.longitude)}%`,
                  top: `${y(pin.latitude)}%`,
                  "--size": pin.sizePx,
                } as CSSProperties
              }
            >
              <Ring mix={pin.mix} />
              <span>
                <b>{pin.words[0]}</b>
                {pin.words[1]}
              </span>
            </Link>
          ))}
        </div>
      </div>
    </figure>
  );
}

function lines(from: number, span: number, step: number): number[] {
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((from + span - first) / step) + 1 }, (_, index) => first + index * step);
}

/** A curve through points (Catmull–Rom as cubic Béziers). */
function smooth(points: [number, number][]): string {
  return points
    .map(([px, py], index) => {
      if (index === 0) return `M${px} ${py}`;
      const before = points[index - 2] ?? points[index - 1] ?? [px, py];
      const from = points[index - 1] ?? [px, py];
      const next = points[index + 1] ?? [px, py];
      return `C${round(from[0] + (px - before[0]) / 6)} ${round(from[1] + (py - before[1]) / 6)} ${round(px - (next[0] - from[0]) / 6)} ${round(py - (next[1] - from[1]) / 6)} ${px} ${py}`;
    })
    .join("");
}

function Ring({ mix }: { mix: Mix }) {
  const total = sumMix(mix);
  const around = 2 * Math.PI * 42;
  let at = 0;
  return (
    <svg viewBox="0 0 100 100" aria-hidden="true">
      <circle cx="50" cy="50" r="35" className="disc" />
      {total <= 0 && <circle cx="50" cy="50" r="42" className="ring-none" />}
      {total > 0 &&
        sources.map((source) => {
          const length = (mix[source] / total) * around;
          if (length < 0.5) return null;
          const offset = at;
          at += length;
          return (
            <circle
              key={source}
              cx="50"
              cy="50"
              r="42"
              className={`ring ring-${source}`}
              strokeDasharray={`${round(length)} ${round(around - length)}`}
              strokeDashoffset={round(-offset)}
              transform="rotate(-90 50 50)"
            />
          );
        })}
    </svg>
  );
}
