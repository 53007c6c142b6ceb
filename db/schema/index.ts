export * from "./chain.ts";
export * from "./energy.ts";
export * from "./fleet.ts";
export * from "./people.ts";
export * from "./telemetry.ts";
export * from "./work.ts";
