/** Padding of the map around its plane, px, as in fleet.css: a ring at the plane's edge stays whole. */
const pad = { inline: 36, top: 42, bottom: 54 };
/** Width to height of the plane. */
export const aspect = 1.6;
/** Widths of the map that words must fit at, px: on a phone, on a desk. */
const widths = [320, 480] as const;

export type MapPlace = { longitude: number; latitude: number; sizePx: number; words: string[] };
export type Frame = { west: number; south: number; width: number; height: number };
type Box = [left: number, top: number, right: number, bottom: number];
export type Side = "right" | "left" | "below";
/** A word that fits only where there is room is hidden on a phone. */
type Fit = "always" | "wide" | "never";

/** The box that holds every centre, in degrees; a degree of longitude is shorter away from the equator. */
export function frameOf(places: { latitude: number; longitude: number }[]): Frame {
  const range = (values: number[]) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return { middle: (low + high) / 2, span: high - low };
  };
  const lon = range(places.map((place) => place.longitude));
  const lat = range(places.map((place) => place.latitude));
  const squeeze = Math.cos((lat.middle * Math.PI) / 180);
  const height = Math.max(3, lat.span, (lon.span * squeeze) / aspect);
  const width = (height * aspect) / squeeze;
  return { west: lon.middle - width / 2, south: lat.middle - height / 2, width, height };
}

/** Percent of the plane, from its left upper corner. */
export const placed = (frame: Frame, longitude: number, latitude: number): [x: number, y: number] => [
  ((longitude - frame.west) / frame.width) * 100,
  (1 - (latitude - frame.south) / frame.height) * 100,
];

/** On which side of its ring each name stands, and which other words have room. Earlier places choose first. */
export function layout(
  frame: Frame,
  places: MapPlace[],
  parallels: number[],
  others: { longitude: number; latitude: number; word: string }[],
): { sides: Side[]; fits: Fit[] } {
  const sides: Side[] = [];
  const rings = (width: number) => places.map((place) => ringBox(frame, place, width));
  for (const [index] of places.entries()) {
    const cost = (side: Side) =>
      widths.reduce((sum, width) => {
        const around = rings(width);
        const label = labelBox(around[index] as Box, places[index]!.words, side);
        const names = sides.map((taken, at) => labelBox(around[at] as Box, places[at]!.words, taken));
        const hidden = [...around.filter((_, at) => at !== index), ...names].reduce(
          (all, box) => all + shared(box, label),
          0,
        );
        return sum + hidden + area(label) - shared(label, outer(width));
      }, 0);
    sides.push((["right", "left", "below"] as const).reduce((best, side) => (cost(side) < cost(best) ? side : best)));
  }
  const fits = others.map(({ longitude, latitude, word }): Fit => {
    const free = (width: number) => {
      const [x, y] = point(frame, longitude, latitude, width);
      const half = textWidth(word, 6.5, 12) / 2 + 4;
      const box: Box = [x - half, y - 9, x + half, y + 9];
      const around = rings(width);
      const names = sides.map((side, at) => labelBox(around[at] as Box, places[at]!.words, side));
      const degrees = parallels.map((at): Box => {
        const [, top] = point(frame, frame.west, at, width);
        return [0, top - 9, 44, top + 9];
      });
      return (
        area(box) - shared(box, outer(width)) < 1 &&
        [...around, ...names, ...degrees].every((one) => shared(one, box) === 0)
      );
    };
    return widths.every(free) ? "always" : free(widths[1]) ? "wide" : "never";
  });
  return { sides, fits };
}

/** A ring is as large as its place asks on a desk and shrinks with the map: fleet.css says the same in cqw. */
const scaled = (sizePx: number, width: number) => sizePx * Math.min(1, width / widths[1]);

function point(frame: Frame, longitude: number, latitude: number, width: number): [number, number] {
  const plane = width - 2 * pad.inline;
  const [x, y] = placed(frame, longitude, latitude);
  return [pad.inline + (x / 100) * plane, pad.top + (y / 100) * (plane / aspect)];
}

const outer = (width: number): Box => [0, 0, width, pad.top + pad.bottom - 18 + (width - 2 * pad.inline) / aspect];

function ringBox(frame: Frame, place: MapPlace, width: number): Box {
  const [x, y] = point(frame, place.longitude, place.latitude, width);
  const half = scaled(place.sizePx, width) / 2;
  return [x - half, y - half, x + half, y + half];
}

function labelBox([left, top, right, bottom]: Box, words: string[], side: Side): Box {
  const wide = Math.max(...words.map((word) => textWidth(word, 7.4, 13))) + 10;
  const middle = (top + bottom) / 2;
  if (side === "below") return [(left + right - wide) / 2, bottom, (left + right + wide) / 2, bottom + 34];
  return side === "right"
    ? [right, middle - 17, right + wide, middle + 17]
    : [left - wide, middle - 17, left, middle + 17];
}

/** A text's width, px, as near as is needed here: Chinese characters are as wide as they are high. */
const textWidth = (text: string, latinPx: number, chinesePx: number) =>
  [...text].reduce((sum, letter) => sum + (letter > "\u2e7f" ? chinesePx : latinPx), 0);

const area = ([left, top, right, bottom]: Box) => Math.max(0, right - left) * Math.max(0, bottom - top);
const shared = (a: Box, b: Box) =>
  area([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
