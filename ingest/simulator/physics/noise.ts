/*
 * Randomness that is a function of seed, name and time: the same question always has the same answer, whatever was asked
 * before it. So a simulation can be stopped anywhere and taken up again.
 */

/** A source of noise of its own; made once by `streamOf`, then cheap to ask. */
export type Stream = number;

/** FNV-1a of the name, begun from the seed. */
export function streamOf(seed: number, name: string): Stream {
  let hash = mix(seed >>> 0, 0x811c9dc5);
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193) >>> 0;
  return mix(hash, Math.floor(seed / 2 ** 32));
}

/** Uniform in [0, 1) at a whole number. */
export function uniform(stream: Stream, index: number): number {
  return mix(stream, index) / 2 ** 32;
}

/** Smooth noise in [−1, 1] that turns about once a period: values at its whole multiples, joined by smoothsteps. */
export function smooth(stream: Stream, timeMs: number, periodMs: number): number {
  const at = timeMs / periodMs;
  const index = Math.floor(at);
  const part = at - index;
  const ease = part * part * (3 - 2 * part);
  const left = uniform(stream, index);
  return 2 * (left + (uniform(stream, index + 1) - left) * ease) - 1;
}

/** Sum of smooth noises of falling weight (a half each) and period (a fourth each), held in [−1, 1]. */
export function fractal(stream: Stream, timeMs: number, periodMs: number, octaves: number): number {
  let [sum, weight, period] = [0, 1, periodMs];
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * smooth((stream + octave * 0x9e3779b9) >>> 0, timeMs, period);
    weight /= 2;
    period /= 4;
  }
  return Math.max(-1, Math.min(1, sum));
}

/** Finaliser of MurmurHash3 over two words. */
function mix(a: number, b: number): number {
  let hash = (a ^ Math.imul(b | 0, 0x85ebca6b)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
