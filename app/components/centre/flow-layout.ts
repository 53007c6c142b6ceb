import { round } from "../charts/scales.ts";

/** Height of all that flows, px. */
const fullPx = 236;
/** A node's label is two lines. */
const leastPitchPx = 38;
const gapPx = 8;

export type Node<Key> = {
  key: Key;
  powerW: number;
  topPx: number;
  heightPx: number;
  labelPx: number;
  /** Where its ribbon touches the bus. */
  busPx: number;
};
export type FlowLayout<In, Out> = {
  heightPx: number;
  bus: { topPx: number; heightPx: number };
  left: Node<In>[];
  right: Node<Out>[];
};

/** Places sources left and loads right of one bus, in the same scale, each with room for its label. */
export function layoutFlow<In, Out>(
  ins: { key: In; powerW: number }[],
  outs: { key: Out; powerW: number }[],
  totalW: number,
): FlowLayout<In, Out> {
  const scale = fullPx / totalW;
  const slots = (parts: { powerW: number }[]) =>
    parts.reduce((sum, { powerW }) => sum + Math.max(leastPitchPx, powerW * scale) + gapPx, -gapPx);
  const heightPx = Math.ceil(Math.max(slots(ins), slots(outs), fullPx)) + 28;
  const busTopPx = round((heightPx - fullPx) / 2 + 8);
  const side = <Key>(parts: { key: Key; powerW: number }[]): Node<Key>[] => {
    let cursor = (heightPx - slots(parts)) / 2 + 8;
    let bus = busTopPx;
    return parts.map(({ key, powerW }) => {
      const height = Math.max(1, powerW * scale);
      const slot = Math.max(leastPitchPx, height);
      const topPx = cursor + (slot - height) / 2;
      const node = {
        key,
        powerW,
        topPx: round(topPx),
        heightPx: round(height),
        labelPx: round(cursor + slot / 2),
        busPx: round(bus),
      };
      cursor += slot + gapPx;
      bus += powerW * scale;
      return node;
    });
  };
  return { heightPx, bus: { topPx: busTopPx, heightPx: fullPx }, left: side(ins), right: side(outs) };
}

/** A band between two edges of the same height; x in 0…1000, y in px. */
export function ribbon(x1: number, y1: number, x2: number, y2: number, heightPx: number): string {
  const middle = (x1 + x2) / 2;
  const [a, b] = [round(y1 + heightPx), round(y2 + heightPx)];
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}V${b}C${middle} ${b} ${middle} ${a} ${x1} ${a}Z`;
}
