import { keccak256, stringToHex } from "viem";
import { expect, it } from "vitest";
import { jobHashOf, resultHashOf } from "#contracts/client/hashes.ts";
import { leafValues } from "#domain/evidence/leaf.ts";
import { buildEvidenceTree, evidenceProof } from "#domain/evidence/tree.ts";
import texts from "../locales/en/settlements.json" with { type: "json" };
import { lookupsOf } from "./settlement-lookups.ts";
import { type SettlementProof, verifyProof } from "./settlement-proof.ts";
import { settlementReasonKeys } from "./settlement-reason.ts";

const salt = `0x${"5a".repeat(32)}` as const;
const outputSha256 = "0b".repeat(32);
const hourMs = Date.UTC(2026, 10, 23, 10);
const leaves = Array.from({ length: 5 }, (_, at) =>
  leafValues({
    centreId: "qinghai",
    hourMs,
    deviceId: `qh-a-0${at}-pdu-a`,
    point: "energyImportWh",
    method: "counter",
    energyMilliWh: 1_000 + at,
    coveredS: 3_600,
    readings: 720,
    firstReadingUs: hourMs * 1_000,
    lastReadingUs: (hourMs + 3_595_000) * 1_000,
    notes: [],
    simulated: true,
  }),
);

function proof(): SettlementProof {
  const tree = buildEvidenceTree(leaves);
  const hashes = { jobHash: jobHashOf("job-1", salt), resultHash: resultHashOf(outputSha256, salt) };
  const said = { ...hashes, gpuSeconds: 60, energyMilliWh: 249_000, amountWei: "1000000000000000001" };
  return {
    format: "hs-settlement-proof-1",
    madeAt: new Date(hourMs).toISOString(),
    simulated: true,
    settlement: { id: "s", jobId: "job-1", status: "confirmed", outputSha256, ...said },
    salt,
    chain: {
      ...said,
      chainId: 31_337,
      contracts: {},
      txHash: "0x1",
      blockNumber: 12,
      blockHash: "0x2",
      time: new Date(hourMs).toISOString(),
      paidWei: "800000000000000001",
      burnedWei: "200000000000000000",
    },
    evidence: [
      {
        centreId: "qinghai",
        hour: new Date(hourMs).toISOString(),
        root: tree.root,
        anchor: {
          txHash: "0x3",
          blockNumber: 13,
          centreHash: keccak256(stringToHex("qinghai")),
          root: tree.root,
          leaves: leaves.length,
        },
        leaves: tree.leaves.map(({ values, hash }, at) => ({
          values,
          hash,
          ...(at < 2 && { proof: evidenceProof(leaves, values) }),
        })),
      },
    ],
  };
}
const results = (made: SettlementProof) => Object.fromEntries(verifyProof(made).checks.map(({ key, ok }) => [key, ok]));
const change = (edit: (made: SettlementProof) => void) => {
  const made = structuredClone(proof());
  edit(made);
  return verifyProof(made);
};
const wrong = (edit: (made: SettlementProof) => void) =>
  change(edit)
    .checks.filter(({ ok }) => ok === false)
    .map(({ key }) => key);

it("agrees with what the contracts' client hashed and the ledger froze", () => {
  expect(verifyProof(proof())).toMatchObject({ ok: true, wrongLeaves: [] });
  expect(results(proof())).toEqual({
    jobHash: true,
    resultHash: true,
    chain: true,
    amounts: true,
    root: true,
    proofs: true,
    anchor: true,
  });
});

it("finds every forgery, where it is", () => {
  expect(wrong((made) => (made.settlement.jobId = "job-2"))).toEqual(["jobHash"]);
  expect(wrong((made) => (made.settlement.outputSha256 = "0c".repeat(32)))).toEqual(["resultHash"]);
  expect(wrong((made) => (made.settlement.energyMilliWh += 1))).toEqual(["chain"]);
  expect(wrong((made) => (made.chain!.paidWei = "900000000000000002"))).toEqual(["amounts"]);
  expect(wrong((made) => (made.chain!.jobHash = `0x${"00".repeat(32)}`))).toEqual(["chain"]);
  expect(wrong((made) => (made.evidence[0]!.anchor!.root = `0x${"00".repeat(32)}`))).toEqual(["anchor"]);
  expect(wrong((made) => (made.evidence[0]!.anchor!.leaves = 4))).toEqual(["anchor"]);
  expect(wrong((made) => (made.evidence[0]!.anchor!.centreHash = keccak256(stringToHex("xinjiang"))))).toEqual([
    "anchor",
  ]);
  expect(wrong((made) => (made.evidence[0]!.leaves[0]!.proof = []))).toEqual(["proofs"]);
  // Other values that hash to a consistent tree of their own still miss the root.
  expect(wrong((made) => (made.evidence[0]!.centreId = "xinjiang"))).toEqual(["root", "anchor"]);
  expect(wrong((made) => made.evidence[0]!.leaves.pop())).toEqual(["root", "anchor"]);
  expect(wrong((made) => (made.evidence[0]!.leaves = []))).toEqual(["root", "anchor"]);
});

it("tells what it recomputed from what it only compared with our own reading of the chain", () => {
  const kinds = (kind: string) =>
    verifyProof(proof())
      .checks.filter((check) => check.kind === kind)
      .map(({ key }) => key);
  expect(kinds("recomputed")).toEqual(["jobHash", "resultHash", "root", "proofs"]);
  expect(kinds("compared")).toEqual(["chain", "amounts", "anchor"]);
  // Without the chain's event a hash is still recomputed, and nothing is said of the chain.
  const before = results({ ...proof(), chain: null });
  expect([before.jobHash, before.chain, before.amounts]).toEqual([true, null, null]);
});

it("says where on the chain to look, and for what", () => {
  const made = proof();
  made.chain!.contracts = { Settlement: "0xs", EvidenceRegistry: "0xe" };
  expect(lookupsOf(made)).toEqual([
    { key: "settlement", contract: "0xs", txHash: "0x1", block: 12, value: made.chain!.jobHash },
    {
      key: "anchor",
      contract: "0xe",
      txHash: "0x3",
      block: 13,
      value: made.evidence[0]!.root,
      hour: made.evidence[0]!.hour,
    },
  ]);
  expect(lookupsOf({ ...made, chain: null })).toEqual([]);
});

it("names the leaf that was changed", () => {
  const result = change((made) => (made.evidence[0]!.leaves[1]!.values[6] = "9999"));
  expect(result.ok).toBe(false);
  expect(result.wrongLeaves).toEqual([
    { hour: new Date(hourMs).toISOString(), device: expect.stringMatching(/^qh-a-/), point: "energyImportWh" },
  ]);
});

it("says what it cannot check, and takes that for neither right nor wrong", () => {
  const result = change((made) => {
    made.salt = null;
    made.chain = null;
    made.evidence[0]!.anchor = null;
    for (const leaf of made.evidence[0]!.leaves) delete leaf.proof;
  });
  expect(result.ok).toBe(true);
  expect(Object.fromEntries(result.checks.map(({ key, ok }) => [key, ok]))).toEqual({
    jobHash: null,
    resultHash: null,
    chain: null,
    amounts: null,
    root: true,
    proofs: null,
    anchor: null,
  });
});

it("has words for every check and every reason", () => {
  for (const { key } of verifyProof(proof()).checks)
    expect(
      Object.keys(texts.verify.check[key as keyof typeof texts.verify.check]).map((word) => word.replace(/_.*/, "")),
    ).toEqual(expect.arrayContaining(["ok", "wrong", "open"]));
  expect(Object.keys(texts.reason).sort()).toEqual([...settlementReasonKeys].sort());
});
