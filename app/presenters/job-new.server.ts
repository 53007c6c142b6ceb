import type { AppLoadContext } from "@remix-run/node";
import { capacityByClass } from "#db/queries/capacity.ts";
import { centreNames } from "#db/queries/job-pages.ts";
import { type JobRefused, powerClassShare } from "#db/queries/jobs.ts";
import { listPolicies } from "#db/queries/policies.ts";
import { presetIds } from "#scheduler/policy/presets.ts";
import type { Say } from "./fleet.server.ts";
import type { JobFieldErrors } from "./job-fields.ts";
import { fieldOfRefusal } from "./job-form.server.ts";
import { policyName, policyTexts } from "./job-policy.ts";

/** What the form offers: policies in sentences, jurisdictions, classes, and what each centre has free now. */
export async function presentJobForm(context: AppLoadContext, centreIds: string[] | null, say: Say) {
  const [capacity, policies, centres] = await Promise.all([
    capacityByClass(context.db),
    listPolicies(context.db),
    centreNames(context.db),
  ]);
  const nameOf = (id: string) => {
    const centre = centres.find((row) => row.id === id);
    return centre ? say.format.name(centre.name) : id;
  };
  const ids = [
    ...presetIds,
    ...policies.map(({ id }) => id).filter((id) => !(presetIds as readonly string[]).includes(id)),
  ];
  return {
    policies: ids.map((id) => ({
      id,
      name: policyName(id, say),
      texts: policyTexts(id, policies.find((row) => row.id === id)?.document, say, nameOf),
    })),
    jurisdictions: [...new Set(capacity.map((row) => row.jurisdiction))].sort().map((jurisdiction) => ({
      id: jurisdiction,
      name: regionName(jurisdiction, say),
      centres: [
        ...new Set(capacity.filter((row) => row.jurisdiction === jurisdiction).map(({ centreId }) => nameOf(centreId))),
      ],
    })),
    classes: [...new Set(capacity.map((row) => row.gpuClass))].sort(),
    powerClasses: (Object.keys(powerClassShare) as (keyof typeof powerClassShare)[]).map((id) => ({
      id,
      share: powerClassShare[id],
    })),
    capacity: capacity
      .filter(({ centreId }) => centreIds === null || centreIds.includes(centreId))
      .map((row) => ({
        centreId: row.centreId,
        name: nameOf(row.centreId),
        jurisdiction: row.jurisdiction,
        gpuClass: row.gpuClass,
        free: Math.max(0, row.gpus - row.inUse),
        gpus: row.gpus,
        hsPerGpuHour: row.computeHsPerGpuHour,
      })),
  };
}

/** A country's or union's name in the reader's language; a code that is none stands as it is. */
function regionName(jurisdiction: string, { format }: Say): string {
  const code = /^[A-Z]{2}(?=$|-)/.exec(jurisdiction)?.[0];
  return (code && new Intl.DisplayNames(format.locale, { type: "region" }).of(code)) ?? jurisdiction;
}

/** The rule that refused, in the reader's language, at the field that it is about. */
export function refusalError(refused: JobRefused, { t, format }: Say): JobFieldErrors {
  const duration = (value: unknown) => format.duration(Number(value) * 1_000, true);
  const { reason, values } = refused;
  return {
    [fieldOfRefusal[reason]]: t(`jobs:refusal.${reason}`, {
      ...Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, typeof value === "number" ? format.number(value) : value]),
      ),
      ...(typeof values.known === "string" && { known: format.list(values.known.split(", ")) }),
      ...(values.availableS !== undefined && { availableS: duration(values.availableS) }),
      ...(values.durationS !== undefined && { durationS: duration(values.durationS) }),
    }),
  };
}
