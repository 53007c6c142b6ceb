import type { RoleDeps, RunningRole } from "#db/config/role.ts";
import { createConsoleServer } from "./server.ts";

/** A console's dependencies: `readiness` tells of the other roles of this process. */
export type ConsoleDeps = RoleDeps & { readiness?: () => Record<string, string> };

/**
 * The console role: pages, API, live events and health on `env.HOST:env.PORT`.
 * @throws Error when there is no production build (`npm run build`) or the port is taken.
 */
export async function startConsole(deps: ConsoleDeps): Promise<RunningRole> {
  const console = await createConsoleServer({ ...deps, readiness: deps.readiness ?? (() => ({})) });
  let stopped: Promise<void> | undefined;
  return {
    name: "console",
    notReady: () => (stopped ? "stopping" : console.hub.notReady()),
    stop: () => (stopped ??= console.stop()),
  };
}
