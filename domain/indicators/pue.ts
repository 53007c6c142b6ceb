/** Where IT energy is measured (ISO/IEC 30134-2:2016, 5.3): 1 UPS output, 2 PDU output, 3 IT equipment input. */
export type PueCategory = 1 | 2 | 3;

export type Pue =
  | { pue: number; category: PueCategory; reason?: undefined }
  | { pue: null; category: PueCategory; reason: "facility-unknown" | "it-unknown" | "it-zero" };

/**
 * PUE = E_DC / E_IT, energies of the same period (ISO/IEC 30134-2:2016, 5.1; EN 50600-4-2). Over several hours it is the
 * ratio of the sums, never an average of ratios (aggregate.ts). Without one of the two there is no PUE, and missing
 * samples are never IT = 0. Of a part of a year it is an *interim* PUE.
 */
export function pueOf(facilityMilliWh: number | null, itMilliWh: number | null, category: PueCategory): Pue {
  if (facilityMilliWh === null) return { pue: null, category, reason: "facility-unknown" };
  if (itMilliWh === null) return { pue: null, category, reason: "it-unknown" };
  if (itMilliWh === 0) return { pue: null, category, reason: "it-zero" };
  return { pue: facilityMilliWh / itMilliWh, category };
}
