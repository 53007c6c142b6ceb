import { carbonContractG } from "./carbon-contract.ts";
import { carbonLocationG } from "./carbon-location.ts";
import { cleanShareOf } from "./clean-share.ts";
import { costMicroUsd, type EnergyTariff } from "./cost.ts";
import { facilityMilliWh } from "./facility.ts";
import { ownSupplyFactors } from "./factors.ts";
import { type MeterHour, type MeterReadout, readMeter } from "./meter-hour.ts";
import { energyMix } from "./mix.ts";
import { type PueCategory, pueOf } from "./pue.ts";
import { type EnergyRole, isContract, itRoleOf, supplyRoles } from "./roles.ts";
import type { ContractClaims, EnergyMix, EnergyParts, ZoneHour } from "./types.ts";

export type CentreHourInput = {
  hourMs: number;
  pueCategory: number;
  tariff: EnergyTariff;
  simulated: boolean;
  /** Every meter in service in the hour, whether heard or not. */
  meters: MeterHour[];
  zone: { name: string; values: ZoneHour; source: string | null; simulated: boolean };
  /** The hour has ended long enough ago that every meter's next reading is here. */
  settled: boolean;
};

export type CentreHour = {
  parts: EnergyParts;
  facilityMilliWh: number | null;
  itMilliWh: number | null;
  pue: number | null;
  pueCategory: PueCategory;
  /** Meters that PUE needs and that do not give the hour; null when PUE is computed. */
  notComputable: { deviceId: string; silentSince: string | null }[] | null;
  coverage: number;
  estimatedShare: number;
  mix: EnergyMix | null;
  cleanShare: number | null;
  carbonLocationG: number | null;
  carbonContractG: number | null;
  costMicroUsd: number | null;
  factorSource: string | null;
  simulated: boolean;
};

/** How much shorter than the others' a meter's period may be, of theirs: 36 s of an hour. */
const toleratedShare = 0.01;
/** While an hour runs, meters report at different moments: so many intervals apart, and at least so many seconds. */
const runningIntervals = 3;
const runningS = 30;

/**
 * All indicators of one centre and hour from its ledger entries. E_DC and E_IT must be of the same period: a meter that
 * PUE needs is *not computable* when it has no energy in the hour, or when the time for which its energy is known is more
 * than 1 % shorter than the longest among them. A gap that a counter bridges is known (its energy is exact, its place in
 * time is what `coverage` and `estimatedShare` tell); what a reset lost, or power that was not sampled, is not.
 */
export function centreHourOf(input: CentreHourInput): CentreHour {
  const readouts = input.meters.map((meter) => readMeter(meter, input.hourMs));
  const itRole = itRoleOf(input.pueCategory);
  const contract = readouts.filter(({ meter }) => isContract(meter.role, meter.supply));
  const own = readouts.filter((readout) => !contract.includes(readout));
  const needed = own.filter(({ meter }) => isSupply(meter.role) || meter.role === itRole);
  const fits = fitter(needed, input.settled);
  const missing = needed.filter((readout) => readout.meter.required && !fits(readout));
  const parts = partsOf(own, fits, itRole);
  const known = (roles: (role: EnergyRole) => boolean) =>
    needed.some(({ meter }) => roles(meter.role)) && !missing.some(({ meter }) => roles(meter.role));
  const facility = known(isSupply) ? facilityMilliWh(parts) : null;
  const it = known((role) => role === itRole) ? (parts.it ?? null) : null;
  const { pue, category } = pueOf(facility, it, input.pueCategory as PueCategory);
  const { values } = input.zone;
  const claims = claimsOf(contract);
  const mix = facility === null ? null : energyMix(parts, claims, values);
  const sum = (of: (readout: MeterReadout) => number) => needed.reduce((all, readout) => all + of(readout), 0);
  const total = sum(({ totalMilliWh }) => totalMilliWh);
  return {
    parts,
    facilityMilliWh: facility,
    itMilliWh: it,
    pue,
    pueCategory: category,
    notComputable:
      pue !== null
        ? null
        : missing
            .map(({ meter, lastHeardMs }) => ({
              deviceId: meter.deviceId,
              silentSince: lastHeardMs === null ? null : new Date(lastHeardMs).toISOString(),
            }))
            .sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1)),
    coverage: needed.length ? Math.min(1, sum(({ coveredS }) => coveredS) / (3_600 * needed.length)) : 0,
    estimatedShare: total > 0 ? sum(({ estimatedMilliWh }) => estimatedMilliWh) / total : 0,
    mix,
    cleanShare: cleanShareOf(mix),
    carbonLocationG: facility === null ? null : carbonLocationG(parts, values),
    carbonContractG: facility === null ? null : carbonContractG(parts, claims, values),
    costMicroUsd: facility === null ? null : costMicroUsd(parts, values, input.tariff),
    factorSource: input.zone.source
      ? `${input.zone.name}: ${input.zone.source}; own supply: direct ${ownSupplyFactors.version}`
      : null,
    simulated: input.simulated || input.zone.simulated || input.meters.some((meter) => meter.simulated),
  };
}

const isSupply = (role: EnergyRole) => (supplyRoles as readonly string[]).includes(role);

/** Whether a meter's energy is of the same period as that of the others. */
function fitter(needed: MeterReadout[], settled: boolean): (readout: MeterReadout) => boolean {
  const spans = needed.map(({ known }) => known).filter((span) => span !== null);
  const fromMs = Math.min(...spans.map((span) => span.fromMs));
  const toMs = Math.max(...spans.map((span) => span.toMs));
  const periodS = (toMs - fromMs) / 1_000;
  return ({ known, meter }) => {
    if (!known || known.seconds <= 0) return false;
    const running = settled ? 0 : Math.max(runningS, runningIntervals * meter.intervalS);
    const toleratedS = Math.max(toleratedShare * periodS, running);
    const short = Math.max((known.fromMs - fromMs) / 1_000, (toMs - known.toMs) / 1_000, periodS - known.seconds);
    return short <= toleratedS;
  };
}

const partOfRole = {
  hydro: "hydro",
  wind: "wind",
  solar: "solar",
  generator: "generator",
  ups: "ups",
  rack_feed: "racks",
  cooling: "cooling",
  lighting: "lighting",
  heat_reuse: "heatReuse",
} as const;

/** Energy by part. A part stands only when each of its meters gives the hour. */
function partsOf(readouts: MeterReadout[], fits: (readout: MeterReadout) => boolean, itRole: EnergyRole): EnergyParts {
  const parts: EnergyParts = {};
  const add = (part: keyof EnergyParts, milliWh: number) => {
    parts[part] = (parts[part] ?? 0) + milliWh;
  };
  const broken = new Set(readouts.filter((one) => one.meter.required && !fits(one)).map(({ meter }) => meter.role));
  for (const { meter, energy } of readouts) {
    if (broken.has(meter.role) || Object.keys(energy).length === 0) continue;
    const { activePower, energyImport, energyExport, energyCharged, energyDischarged } = energy;
    if (meter.role === "grid") {
      add("grid", energyImport ?? Math.max(0, activePower ?? 0));
      if (energyExport !== undefined || (activePower ?? 0) < 0) add("gridExport", energyExport ?? -activePower!);
    } else if (meter.role === "battery") {
      add("batteryDischarge", energyDischarged ?? Math.max(0, activePower ?? 0));
      add("batteryCharge", energyCharged ?? Math.max(0, -(activePower ?? 0)));
    } else {
      const milliWh = Object.values(energy).reduce((sum, value) => sum + value, 0);
      add(partOfRole[meter.role], milliWh);
      if (meter.role === itRole) add("it", milliWh);
    }
  }
  return parts;
}

/** Energy under contract by source; null when one of its meters gives nothing in the hour. */
function claimsOf(contract: MeterReadout[]): ContractClaims {
  const claims = { hydro: 0, wind: 0, solar: 0 };
  for (const { meter, energy, known } of contract) {
    if (!known) {
      if (meter.required) return null;
      continue;
    }
    claims[meter.role as keyof typeof claims] += Object.values(energy).reduce(
      (sum, value) => sum + Math.max(0, value),
      0,
    );
  }
  return claims;
}
