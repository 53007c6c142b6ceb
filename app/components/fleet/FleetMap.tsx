import { Link } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import type { FleetData } from "../../presenters/fleet.server.ts";
import { type Mix, sources, sumMix } from "../../presenters/power-now.ts";
import { useFormat } from "../../use-format.ts";
import { round } from "../charts/scales.ts";
import { rivers } from "./rivers.ts";

const aspect = 1.5;

type Frame = { west: number; south: number; width: number; height: number };

/** The box that holds every centre with room around, in degrees; a degree of longitude is shorter away from the equator. */
function frameOf(places: { latitude: number; longitude: number }[]): Frame {
  const longitudes = places.map((place) => place.longitude);
  const latitudes = places.map((place) => place.latitude);
  const middle = {
    lon: (Math.min(...longitudes) + Math.max(...longitudes)) / 2,
    lat: (Math.min(...latitudes) + Math.max(...latitudes)) / 2,
  };
  const squeeze = Math.cos((middle.lat * Math.PI) / 180);
  const spanLat = Math.max(
    4,
    (Math.max(...latitudes) - Math.min(...latitudes)) * 1.32,
    ((Math.max(...longitudes) - Math.min(...longitudes)) * 1.5 * squeeze) / aspect,
  );
  const spanLon = (spanLat * aspect) / squeeze;
  return { west: middle.lon - spanLon / 2, south: middle.lat - spanLat / 2, width: spanLon, height: spanLat };
}

/** Positions and rivers, no borders. Ring: power mix now, its size the IT load. */
export function FleetMap({ places }: { places: FleetData["map"] }) {
  const { t } = useTranslation("fleet");
  const format = useFormat();
  const frame = frameOf(places);
  const x = (longitude: number) => round(((longitude - frame.west) / frame.width) * 100);
  const y = (latitude: number) => round((1 - (latitude - frame.south) / frame.height) * 100);
  const inside = (at: number) => at > 4 && at < 96;
  const step = frame.width > 20 ? 10 : frame.width > 8 ? 5 : 1;
  const meridians = lines(frame.west, frame.width, step).filter((at) => inside(x(at)));
  const parallels = lines(frame.south, frame.height, step).filter((at) => inside(y(at)));
  const largest = Math.max(1, ...places.map(({ itW }) => itW ?? 0));
  return (
    <figure>
      <figcaption className="sum">{t("map.summary")}</figcaption>
      <div className="fleet-map">
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          {meridians.map((at) => (
            <path key={at} className="grid" d={`M${x(at)} 0V100`} />
          ))}
          {parallels.map((at) => (
            <path key={at} className="grid" d={`M0 ${y(at)}H100`} />
          ))}
          {rivers.map(({ key, course }) => (
            <path key={key} className="river" d={smooth(course.map(([lon, lat]) => [x(lon), y(lat)]))} />
          ))}
        </svg>
        {parallels.map((at) => (
          <span key={at} className="map-degree" style={{ top: `${y(at)}%`, left: 0 }}>
            {Math.abs(at)}° {at < 0 ? "S" : "N"}
          </span>
        ))}
        {meridians.map((at) => (
          <span key={at} className="map-degree below" style={{ left: `${x(at)}%` }}>
            {Math.abs(at)}° {at < 0 ? "W" : "E"}
          </span>
        ))}
        {rivers
          .filter(({ label }) => inside(x(label[0])) && inside(y(label[1])))
          .map(({ key, label }) => (
            <span key={key} className="map-river" style={{ left: `${x(label[0])}%`, top: `${y(label[1])}%` }}>
              {t(`map.river.${key}`)}
            </span>
          ))}
        {places.map((place) => {
          const size = Math.round(40 + 36 * Math.sqrt((place.itW ?? 0) / largest));
          const power = place.itW === null ? null : format.power(place.itW);
          return (
            <Link
              key={place.id}
              to={`/centres/${place.id}`}
              className={x(place.longitude) > 62 ? "map-pin left" : "map-pin"}
              style={{ left: `${x(place.longitude)}%`, top: `${y(place.latitude)}%`, width: size, height: size }}
            >
              <Ring mix={place.mix} />
              <span>
                <b>{format.name(place.name)}</b>
                {power ? `${power.text}\u00a0${power.unit}` : t("common:noReading")}
              </span>
            </Link>
          );
        })}
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
