/** Who may import whom: docs/architecture.md. `ours` are the rooms; a rule forbids every room that is not named. */
const rooms = ["app", "cli", "contracts", "db", "domain", "ingest", "scheduler"];
const others = (...allowed) => `^(${rooms.filter((room) => !allowed.includes(room)).join("|")})/`;
const tests = "\\.test\\.tsx?$|\\.behavior\\.ts$";

module.exports = {
  forbidden: [
    {
      name: "no-circular",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "domain-imports-nothing-of-ours",
      severity: "error",
      from: { path: "^domain/", pathNot: tests },
      to: { path: others("domain") },
    },
    {
      name: "domain-does-no-io",
      severity: "error",
      from: { path: "^domain/", pathNot: tests },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|util|assert|buffer|url)$" },
    },
    {
      name: "db-imports-domain",
      severity: "error",
      from: { path: "^db/", pathNot: tests },
      to: { path: others("db", "domain") },
    },
    {
      name: "ingest-imports-db-domain",
      severity: "error",
      from: { path: "^ingest/", pathNot: tests },
      to: { path: others("ingest", "db", "domain") },
    },
    {
      name: "scheduler-imports-db-domain-client",
      severity: "error",
      from: { path: "^scheduler/", pathNot: tests },
      to: { path: `${others("scheduler", "db", "domain", "contracts")}|^contracts/(?!client/)` },
    },
    {
      name: "placement-is-pure",
      severity: "error",
      from: { path: "^scheduler/(placement|market|policy)/", pathNot: tests },
      to: { path: "^(app|cli|contracts|db|ingest)/|^scheduler/(?!placement|market|policy)" },
    },
    {
      name: "contracts-imports-db-domain",
      severity: "error",
      from: { path: "^contracts/", pathNot: tests },
      to: { path: others("contracts", "db", "domain") },
    },
    {
      name: "app-imports-queries-and-pure-rooms",
      severity: "error",
      from: { path: "^app/", pathNot: tests },
      to: {
        path: "^(cli|ingest)/|^contracts/(?!abi/)|^scheduler/(?!placement/|market/|policy/)|^db/(migrate|timeseries)",
      },
    },
    {
      name: "components-never-import-the-server",
      severity: "error",
      from: { path: "^app/(components|locales)/" },
      // A type is gone before the browser comes; use-live is the browser's half of app/live.
      to: {
        path: "\\.server\\.tsx?$|^db/(client|queries)|^app/(api|exports|live)/",
        pathNot: "^app/live/use-",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "keys-only-in-the-client",
      severity: "error",
      from: { pathNot: "^contracts/client/|^test/|^cli/embedded/|\\.test\\.ts$" },
      to: { path: "viem/.*accounts" },
    },
    { name: "no-orphan-imports", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "^virtual:" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(build|contracts/out|contracts/cache)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".json"],
    },
  },
};
