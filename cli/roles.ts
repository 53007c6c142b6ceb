import type { RoleName } from "#db/config/env.ts";
import type { RoleDeps, RunningRole } from "#db/config/role.ts";

export type AnyRole = RoleName | "simulator";
type Deps = RoleDeps & { readiness: () => Record<string, string> };

/** Starts one role; its code is loaded only then, so that a process carries what it runs and no more. */
export async function startRole(name: AnyRole, deps: Deps): Promise<RunningRole> {
  switch (name) {
    case "simulator":
      return (await import("#ingest/simulator/role.ts")).startSimulator(deps);
    case "ingest":
      return (await import("#ingest/role.ts")).startIngest(deps);
    case "alarms":
      return (await import("#ingest/alarms/role.ts")).startAlarms(deps);
    case "scheduler":
      return (await import("#scheduler/role.ts")).startScheduler(deps);
    case "settlement":
      return (await import("#contracts/settlement/role.ts")).startSettlement(deps);
    case "indexer":
      return (await import("#contracts/indexer/role.ts")).startIndexer(deps);
    case "watchtower":
      return (await import("#contracts/watchtower/role.ts")).startWatchtower(deps);
    case "console":
      return (await import("#app/role.ts")).startConsole(deps);
  }
}
