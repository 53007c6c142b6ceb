import type { CentreItem } from "./fleet.server.ts";

export const fleetSorts = ["order", "alarms", "pue", "carbon", "price"] as const;
export type FleetSort = (typeof fleetSorts)[number];
export const isFleetSort = (text: unknown): text is FleetSort => fleetSorts.includes(text as FleetSort);

type Keys = Pick<CentreItem, "toActOn" | "toWatch" | "pueNow" | "contract" | "usdPerMwh">;
/** What is compared; a larger one comes first. What is not known needs a look and comes before all. */
const keyOf: Record<Exclude<FleetSort, "order">, (item: Keys) => number | null> = {
  alarms: ({ toActOn, toWatch }) => toActOn * 1_000 + toWatch,
  pue: ({ pueNow }) => pueNow,
  carbon: ({ contract }) => contract,
  price: ({ usdPerMwh }) => usdPerMwh,
};

/** Centres as asked for: in the fleet file's order, or the one that needs a look most first. Equals keep their order. */
export function sortCentres<Item extends Keys>(centres: Item[], sort: FleetSort): Item[] {
  if (sort === "order") return centres;
  const key = keyOf[sort];
  const of = (item: Item) => key(item) ?? Number.POSITIVE_INFINITY;
  return [...centres].sort((a, b) => (of(a) === of(b) ? 0 : of(b) > of(a) ? 1 : -1));
}
