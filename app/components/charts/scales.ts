/** Class of a carbon intensity, gCO₂e/kWh: c1 … c7. */
export function carbonClass(gPerKwh: number): string {
  const limits = [50, 100, 200, 350, 500, 700];
  const index = limits.findIndex((limit) => gPerKwh < limit);
  return `c${index < 0 ? 7 : index + 1}`;
}
export const carbonSteps = ["<50", "<100", "<200", "<350", "<500", "<700", "≥700"] as const;

/** Class of a share 0–1 of a limit: m1 … m7. */
export function magnitudeClass(share: number): string {
  return `m${Math.min(7, Math.max(1, Math.floor(share * 7) + 1))}`;
}

/** Class of an inlet temperature, °C; t3 is ASHRAE's recommended 18–27. */
export function inletClass(temperatureC: number): string {
  const limits = [15, 18, 27.05, 30, 32];
  const index = limits.findIndex((limit) => temperatureC < limit);
  return `t${index < 0 ? 6 : index + 1}`;
}
export const inletSteps = ["<15", "<18", "18–27", "<30", "<32", "≥32"] as const;

/** A round step that divides [0, maximum] into 3 to 6 parts, and the axis' end. */
export function niceAxis(maximum: number, minimum = 0): { step: number; ticks: number[]; top: number } {
  const span = Math.max(maximum - minimum, 1e-9);
  const raw = span / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const first = Math.floor(minimum / step + 1e-9) * step;
  const top = Math.ceil(maximum / step - 1e-9) * step;
  const ticks = Array.from({ length: Math.round((top - first) / step) + 1 }, (_, index) => first + index * step);
  return { step, ticks, top };
}

/** Digits that a tick of this step needs: 2.5 and 0.25 need one and two. */
export function digitsOf(step: number): number {
  const isWhole = (value: number) => Math.abs(value - Math.round(value)) < 1e-6;
  for (let digits = 0; digits < 6; digits++) if (isWhole(step * 10 ** digits)) return digits;
  return 6;
}

/** An SVG path that breaks where a value is missing. `x` of the i-th value, `y` of a value. */
export function brokenLine(
  values: (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  let path = "";
  let pen = false;
  values.forEach((value, index) => {
    if (value === null) {
      pen = false;
      return;
    }
    path += `${pen ? "L" : "M"}${round(x(index))} ${round(y(value))}`;
    // A lone value between two gaps is still a dot.
    if (!pen && (values[index + 1] ?? null) === null) path += "h0";
    pen = true;
  });
  return path;
}

export const round = (value: number) => Math.round(value * 100) / 100;
