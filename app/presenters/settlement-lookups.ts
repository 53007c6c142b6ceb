import type { SettlementProof } from "./settlement-proof.ts";

/** What to look up on the chain itself: a transaction, the contract whose event it must hold, and the value to find there. */
export type Lookup = {
  key: "settlement" | "anchor";
  contract: string;
  txHash: string;
  block: number;
  value: string;
  hour?: string;
};

export function lookupsOf({ chain, evidence }: SettlementProof): Lookup[] {
  if (!chain) return [];
  const { Settlement = "", EvidenceRegistry = "" } = chain.contracts;
  return [
    { key: "settlement", contract: Settlement, txHash: chain.txHash, block: chain.blockNumber, value: chain.jobHash },
    ...evidence.flatMap(({ anchor, hour, root }): Lookup[] =>
      anchor
        ? [
            {
              key: "anchor",
              contract: EvidenceRegistry,
              txHash: anchor.txHash,
              block: anchor.blockNumber,
              value: root,
              hour,
            },
          ]
        : [],
    ),
  ];
}
