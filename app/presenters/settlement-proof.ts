import type { Hex } from "viem";
import { concatHex, keccak256, stringToHex } from "viem/utils";
import { leafHash } from "#domain/evidence/leaf-hash.ts";
import { buildEvidenceTree, verifyEvidence } from "#domain/evidence/tree.ts";

/** Everything that is needed to check a settlement without us: what we say, what the chain says, and the leaves between. */
export type SettlementProof = {
  format: "hs-settlement-proof-1";
  madeAt: string;
  /** The energy behind it was made by the simulator. */
  simulated: boolean;
  settlement: {
    id: string;
    jobId: string;
    status: string;
    jobHash: string;
    resultHash: string;
    outputSha256: string | null;
    gpuSeconds: number;
    energyMilliWh: number;
    amountWei: string;
  };
  /** Ties the hashes to the job; null: not for this reader (only a salted hash goes on chain). */
  salt: string | null;
  /** As the indexer read it from the contract's event; null: not seen on chain yet. */
  chain: {
    chainId: number | null;
    contracts: Record<string, string>;
    txHash: string;
    blockNumber: number;
    blockHash: string;
    time: string;
    jobHash: string;
    resultHash: string;
    gpuSeconds: number;
    energyMilliWh: number;
    amountWei: string;
    paidWei: string;
    burnedWei: string;
  } | null;
  evidence: EvidenceHour[];
};

export type EvidenceHour = {
  centreId: string;
  hour: string;
  root: string;
  /** The registry's own event; null: not anchored yet. */
  anchor: { txHash: string; blockNumber: number; centreHash: string; root: string; leaves: number } | null;
  leaves: {
    /** In the order of domain/evidence/leaf.ts. */
    values: string[];
    hash: string;
    /** Given for the meters of the racks that ran the job. */
    proof?: string[];
  }[];
};

/** true: it agrees; false: it does not; null: it cannot be checked with what is here. */
export type Check = {
  key: string;
  /** recomputed: hashed anew from the file's own values; compared: with what our indexer says the chain says. */
  kind: "recomputed" | "compared";
  ok: boolean | null;
  values: Record<string, string | number>;
};
export type Verification = {
  ok: boolean;
  checks: Check[];
  /** Leaves whose hash is not that of their values. */
  wrongLeaves: { hour: string; device: string; point: string }[];
};

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/**
 * Recomputes every hash of a proof: keccak256(salt ‖ job id), keccak256(salt ‖ SHA-256 of the output), each leaf, each root;
 * and compares them with the chain's events as the file has them. Pure and without a server: it runs in the reader's
 * browser on the file that they downloaded. It shows that the file agrees with itself; that its events are those of the
 * chain only the chain can show (settlement-lookups.ts).
 */
export function verifyProof(proof: SettlementProof): Verification {
  const { settlement, chain, salt } = proof;
  const checks: Check[] = [];
  const jobHash = salt && keccak256(concatHex([salt as Hex, stringToHex(settlement.jobId)]));
  checks.push({
    key: "jobHash",
    kind: "recomputed",
    ok: jobHash === null || jobHash === "" ? null : same(jobHash, settlement.jobHash),
    values: { found: jobHash ?? "", expected: settlement.jobHash },
  });
  const resultHash =
    salt &&
    keccak256(settlement.outputSha256 ? concatHex([salt as Hex, `0x${settlement.outputSha256}`]) : (salt as Hex));
  checks.push({
    key: "resultHash",
    kind: "recomputed",
    ok: resultHash === null || resultHash === "" ? null : same(resultHash, settlement.resultHash),
    values: { found: resultHash ?? "", expected: settlement.resultHash },
  });
  checks.push({
    key: "chain",
    kind: "compared",
    ok: chain
      ? same(chain.jobHash, settlement.jobHash) &&
        same(chain.resultHash, settlement.resultHash) &&
        chain.energyMilliWh === settlement.energyMilliWh &&
        chain.gpuSeconds === settlement.gpuSeconds &&
        chain.amountWei === settlement.amountWei
      : null,
    values: { energy: settlement.energyMilliWh / 1_000 },
  });
  checks.push({
    key: "amounts",
    kind: "compared",
    // What the floor keeps from burning goes to the treasury: the two may sum to less, never to more.
    ok: chain ? BigInt(chain.paidWei) + BigInt(chain.burnedWei) <= BigInt(chain.amountWei) : null,
    values: {},
  });
  const wrongLeaves: Verification["wrongLeaves"] = [];
  for (const hour of proof.evidence) checks.push(...checkHour(hour, wrongLeaves));
  return { ok: checks.every(({ ok }) => ok !== false), checks, wrongLeaves };
}

function checkHour(hour: EvidenceHour, wrongLeaves: Verification["wrongLeaves"]): Check[] {
  for (const leaf of hour.leaves) {
    if (!same(leafHash(leaf.values), leaf.hash))
      wrongLeaves.push({ hour: hour.hour, device: leaf.values[3] ?? "", point: leaf.values[4] ?? "" });
  }
  const root = rootOf(hour);
  const proved = hour.leaves.filter(({ proof }) => proof !== undefined);
  const rebuilt = root !== null && same(root, hour.root);
  const { anchor } = hour;
  return [
    {
      key: "root",
      kind: "recomputed",
      ok: rebuilt && hour.leaves.every(({ values }) => values[1] === hour.centreId && values[2] === hour.hour),
      values: { hour: hour.hour, leaves: hour.leaves.length, found: root ?? "", expected: hour.root },
    },
    {
      key: "proofs",
      kind: "recomputed",
      ok: proved.length ? proved.every((leaf) => verifyEvidence(hour.root, leaf.values, leaf.proof ?? [])) : null,
      values: { hour: hour.hour, count: proved.length },
    },
    {
      key: "anchor",
      kind: "compared",
      ok: anchor
        ? same(anchor.root, hour.root) &&
          anchor.leaves === hour.leaves.length &&
          same(anchor.centreHash, keccak256(stringToHex(hour.centreId)))
        : null,
      values: { hour: hour.hour, block: anchor?.blockNumber ?? 0 },
    },
  ];
}

/** The root of the leaves as they stand; null where they make no tree. */
function rootOf(hour: EvidenceHour): string | null {
  try {
    return buildEvidenceTree(hour.leaves.map(({ values }) => values)).root;
  } catch {
    return null;
  }
}
