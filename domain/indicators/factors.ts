import data from "./emission-factors.json" with { type: "json" };

/** Emission factors of energy that does not come over the grid, as versioned data (esg.md, "Factors"). */
export const ownSupplyFactors = data;

function factor(id: string): number {
  const found = data.factors.find((one) => one.id === id);
  if (!found) throw new Error(`emission-factors.json has no factor ${id}`);
  return found.value;
}

/** gCO₂e of combustion per kWh. Direct, like the zones' factors: life-cycle figures are never mixed into Scope 1 or 2. */
export const directGPerKwh = {
  hydro: factor("hydro-direct"),
  wind: factor("wind-direct"),
  solar: factor("solar-direct"),
  generator: factor("generator-direct"),
};
