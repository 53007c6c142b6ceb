import { parseEnv, roleNames } from "#db/config/env.ts";
import { migrate } from "#db/migrate.ts";
import { createLog } from "../log.ts";
import { type Running, start } from "../start.ts";
import { type Command, UsageError } from "./command.ts";
import { withDatabase } from "./with-database.ts";

export const startCommands: Command[] = [
  {
    name: "start",
    usage: "",
    summary: "Runs every role (or those in ROLES) on what the environment gives and embedded servers for the rest.",
    run: () => runRoles(),
  },
  {
    name: "role",
    usage: "NAME[,NAME…]",
    summary: `Runs the named roles: ${roleNames.join(", ")}.`,
    run: ([names]) => {
      if (!names) throw new UsageError(`hs role needs a name: ${roleNames.join(", ")}`);
      return runRoles({ ROLES: names });
    },
  },
  {
    name: "migrate",
    usage: "",
    summary: "Brings the database's schema to the newest version and says what it applied.",
    run: () =>
      withDatabase(async (db) => {
        const { applied, timeSeries } = await migrate(db.url, new Date());
        console.log(
          `${applied.length ? `applied ${applied.join(", ")}` : "nothing to apply"}; time series on ${timeSeries}`,
        );
      }),
  },
];

/** Runs until a signal, or until an embedded server is lost for good; resolves after everything has stopped. */
async function runRoles(overrides: Record<string, string> = {}): Promise<number> {
  const env = parseEnv({ ...process.env, ...overrides });
  const log = createLog(env);
  const say = (line: string) => console.log(line);
  let running: Running | undefined;
  let lost: string | undefined;
  let onLost = (_reason: string) => {};
  const abort = new AbortController();
  const ended = new Promise<void>((resolve) => {
    onLost = (reason) => {
      if (abort.signal.aborted) return;
      lost = reason;
      console.error(`hs: ${reason} Stopping …`);
      abort.abort(new Error(reason));
      resolve();
    };
    const onSignal = (signal: NodeJS.Signals) => {
      // A second signal does not wait: what is unsaved is recovered at the next start.
      if (abort.signal.aborted) process.exit(130);
      say(`${signal}: stopping …`);
      abort.abort(new Error("The start was interrupted."));
      resolve();
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
    process.on("SIGHUP", onSignal);
    watchLauncher(() => onSignal("SIGTERM"));
  });
  const begun = performance.now();
  const patience = ended.then(
    () => new Promise<undefined>((resolve) => void setTimeout(() => resolve(undefined), 9_000).unref()),
  );
  try {
    running = await Promise.race([start(env, log, say, abort.signal, onLost), patience]);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  }
  if (running && !abort.signal.aborted)
    say(`Started in ${((performance.now() - begun) / 1000).toFixed(1)} s. Ctrl-C stops it.`);
  await ended;
  await running?.stop();
  const code = lost === undefined ? 0 : 1;
  say("Stopped.");
  // Something that still holds the event loop (a socket that waits for its time-out) must not hold the terminal.
  setTimeout(() => process.exit(code), 500).unref();
  return code;
}

/** When npm or a launcher above us is killed, nobody would send us a signal: notice that our parent is gone. */
function watchLauncher(onGone: () => void): void {
  const parent = process.ppid;
  if (parent <= 1) return;
  setInterval(() => {
    if (process.ppid !== parent) onGone();
  }, 1_000).unref();
}
