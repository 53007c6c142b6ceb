import type { Permission } from "../../auth/permissions.ts";

/** The navigation: a person sees the pages of their role. `key`: the second of two keys, after `g`. */
export const pages: { to: string; name: string; icon: string; key: string; permission: Permission }[] = [
  { to: "/", name: "nav.fleet", icon: "fleet", key: "f", permission: "fleet.view" },
  { to: "/jobs", name: "nav.jobs", icon: "jobs", key: "j", permission: "job.view" },
  { to: "/settlements", name: "nav.settlements", icon: "settlements", key: "s", permission: "settlement.view" },
  { to: "/reports", name: "nav.reports", icon: "reports", key: "r", permission: "report.view" },
  { to: "/people", name: "nav.people", icon: "people", key: "p", permission: "people.manage" },
];

/** Whether a page shows the range of its address (`parseView`); on any other the picker would do nothing. */
export const showsRange = (pathname: string) => /^\/($|jobs\/?$|centres\/[^/]+\/?$)/.test(pathname);
