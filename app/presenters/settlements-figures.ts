import type { FigureText } from "../components/ui/Figure.tsx";
import type { Say } from "./fleet.server.ts";
import type { ChainState } from "./settlement-chain.ts";
import type { Tokens } from "./settlements-lead.ts";

type Input = {
  chain: ChainState;
  tokens: Tokens;
  evidence: { roots: number; anchored: number; newestHourMs: number | null };
};

/** Supply against the floor, burnt, paid, evidence, and how far the chain was read. */
export function settlementFigures({ chain, tokens, evidence }: Input, { t, format }: Say): FigureText[] {
  const block =
    chain.indexedBlock === null
      ? t("settlements:figure.noBlock")
      : t("settlements:figure.block", { block: format.number(chain.indexedBlock) });
  const age = chain.updatedAtMs === null ? [] : [{ ageOfMs: chain.updatedAtMs }];
  const stale = chain.state === "silent";
  const proof = [...age, block];
  // Floor, what stands above it and what was burnt are all that was ever minted, and add up to it as shown.
  const [floor = "", above = "", burned = ""] = format.tokenParts([tokens.floor, tokens.burnable, tokens.burned]);
  const hs = (name: string, value: string, context: string[]): FigureText => ({
    name,
    value: tokens.known ? value : null,
    unit: "HS",
    missing: t("settlements:figure.notIndexed"),
    context,
    proof,
    stale,
  });
  const share = tokens.settled > 0n ? Number((tokens.burnedBySettlement * 100_000n) / tokens.settled) / 100_000 : null;
  return [
    hs(t("settlements:figure.supply"), format.token(tokens.supply), [
      t("settlements:figure.floor", { floor }),
      tokens.known ? t("settlements:figure.above", { above }) : "",
    ]),
    hs(t("settlements:figure.burned"), burned, [
      share === null ? "" : t("settlements:figure.burnShare", { share: format.percent(share) }),
      // Four digits of a percent: below that it says nothing.
      tokens.known && tokens.burned * 1_000_000n >= tokens.minted
        ? t("settlements:figure.ofSupply", {
            share: format.percent(Number((tokens.burned * 100_000_000n) / tokens.minted) / 100_000_000, 4),
          })
        : "",
    ]),
    hs(t("settlements:figure.paid"), format.token(tokens.paid), [
      t("settlements:figure.jobs", { count: tokens.settledJobs }),
    ]),
    {
      name: t("settlements:figure.evidence"),
      value: format.number(evidence.anchored),
      unit: t("settlements:figure.roots", { count: evidence.anchored }),
      context: [
        t("settlements:figure.ofBuilt", { roots: format.number(evidence.roots) }),
        evidence.newestHourMs === null
          ? ""
          : t("settlements:figure.newestHour", { hour: format.short(evidence.newestHourMs) }),
      ],
      coverage: { share: evidence.roots ? evidence.anchored / evidence.roots : 0, method: "measured" },
      proof: [
        t("settlements:figure.anchoredShare", {
          share: format.percent(evidence.roots ? evidence.anchored / evidence.roots : 0, 0),
        }),
      ],
    },
    {
      name: t("settlements:figure.lag"),
      value: chain.lagBlocks === null ? null : format.number(chain.lagBlocks),
      unit: t("settlements:figure.blocks", { count: chain.lagBlocks ?? 0 }),
      missing: t("settlements:figure.notIndexed"),
      ...(chain.lagBlocks !== null && {
        status: stale ? ("stale" as const) : chain.lagBlocks <= 20 ? ("good" as const) : ("watch" as const),
        statusLabel: t(
          stale ? "common:status.stale" : chain.lagBlocks <= 20 ? "common:status.good" : "common:status.watch",
        ),
      }),
      context:
        chain.headBlock === null
          ? []
          : [
              t("settlements:figure.head", { block: format.number(chain.headBlock) }),
              t("settlements:figure.final", { block: format.number(chain.finalizedBlock ?? 0) }),
            ],
      proof,
      stale,
    },
  ];
}
