import type { EnergyParts } from "./types.ts";

/**
 * E_DC: energy that reaches the centre's main bus, milliwatt-hours (ISO/IEC 30134-2:2016, 3.1.2 and clause 5.2: all
 * forms of energy at the boundary). grid − export + hydro + wind + solar + generator + discharge − charge (decision 1).
 * A source that the centre does not have is no part; the caller passes parts only when each meter of them is known.
 */
export function facilityMilliWh(parts: EnergyParts): number {
  const of = (part: keyof EnergyParts) => parts[part] ?? 0;
  return (
    of("grid") -
    of("gridExport") +
    of("hydro") +
    of("wind") +
    of("solar") +
    of("generator") +
    of("batteryDischarge") -
    of("batteryCharge")
  );
}
