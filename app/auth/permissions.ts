import type { Role } from "#db/schema/people.ts";

/** Which role may see or do what: the one table. `admin` may do everything and stands in no line. */
export const permissions = {
  "fleet.view": ["operator", "sustainability", "scheduling", "governance"],
  "centre.view": ["operator", "sustainability", "scheduling", "governance"],
  "alarm.acknowledge": ["operator"],
  "job.view": ["operator", "scheduling", "governance"],
  "job.submit": ["scheduling"],
  "job.cancel": ["scheduling", "operator"],
  "settlement.view": ["operator", "sustainability", "scheduling", "governance"],
  /** The salt that ties a job to its hash on chain (WP-E3): whoever audits, and nobody who merely watches. */
  "settlement.salt": ["governance"],
  "report.view": ["sustainability", "governance"],
  "report.export": ["sustainability", "governance"],
  "people.manage": [],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissions;

/** Whether a role may do something. */
export function may(role: Role, permission: Permission): boolean {
  return role === "admin" || (permissions[permission] as readonly Role[]).includes(role);
}

/** Whether a person's centre scope (null: all) covers a centre. */
export function seesCentre(centreIds: string[] | null, centreId: string): boolean {
  return centreIds === null || centreIds.includes(centreId);
}

/** Whether all of somebody's centres are among one's own: an administrator of some centres has to do with these people alone. */
export function isWithin(own: string[] | null, centreIds: string[] | null): boolean {
  return own === null || (centreIds?.every((centreId) => own.includes(centreId)) ?? false);
}
