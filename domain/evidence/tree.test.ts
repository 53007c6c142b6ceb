import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { concatHex, encodeAbiParameters, type Hex, keccak256 } from "viem";
import { describe, expect, it } from "vitest";
import { describeLeaf, type LeafEntry, leafFields, leafValues } from "./leaf.ts";
import { buildEvidenceTree, evidenceProof, verifyEvidence } from "./tree.ts";

const entry = (deviceId: string, energyMilliWh = 1_234_567): LeafEntry => ({
  centreId: "qinghai",
  hourMs: Date.UTC(2026, 10, 23, 10),
  deviceId,
  point: "energyImportWh",
  method: "counter",
  energyMilliWh,
  coveredS: 3_599.5,
  readings: 360,
  firstReadingUs: Date.UTC(2026, 10, 23, 10) * 1_000 - 4_999_999,
  lastReadingUs: Date.UTC(2026, 10, 23, 11) * 1_000 + 5,
  notes: [],
  simulated: true,
});
const leaves = Array.from({ length: 45 }, (_, at) => leafValues(entry(`pdu-${at}`, at)));

describe("evidence", () => {
  it("writes an entry as canonical text", () => {
    expect(leafValues(entry("pdu-1"))).toEqual([
      "hs-energy-1",
      "qinghai",
      "2026-11-23T10:00:00.000Z",
      "pdu-1",
      "energyImportWh",
      "counter",
      "1234567",
      "3599500000",
      "360",
      "2026-11-23T09:59:55.000001Z",
      "2026-11-23T11:00:00.000005Z",
      "",
      "true",
    ]);
    expect(describeLeaf(leafValues(entry("pdu-1")))).toMatchObject({ deviceId: "pdu-1", energyMilliWh: "1234567" });
  });

  it("has one root whatever the order of its entries", () => {
    const { root, leaves: sorted } = buildEvidenceTree(leaves);
    expect(buildEvidenceTree(leaves.toReversed())).toEqual({ root, leaves: sorted });
    expect(root).toMatch(/^0x[0-9a-f]{64}$/);
    expect(sorted).toHaveLength(45);
  });

  it("proves each entry, and no entry that was changed", () => {
    const { root } = buildEvidenceTree(leaves);
    for (const leaf of leaves) {
      const proof = evidenceProof(leaves, leaf);
      expect(verifyEvidence(root, leaf, proof)).toBe(true);
      for (const field of leaf.keys()) {
        const forged = leaf.with(field, `${leaf[field]}0`);
        expect(verifyEvidence(root, forged, proof)).toBe(false);
      }
      expect(verifyEvidence(root, leaf, proof.slice(1))).toBe(false);
    }
    expect(verifyEvidence(root, leaves[0]!, ["0x12"])).toBe(false);
    expect(() => evidenceProof(leaves, leafValues(entry("other")))).toThrow(RangeError);
  });

  it("is what Solidity's abi.encode and keccak256 give, hashed twice", () => {
    const leaf = leafValues(entry("pdu-1"));
    const encoded = encodeAbiParameters(
      leafFields.map(() => ({ type: "string" }) as const),
      leaf,
    );
    const hash = keccak256(keccak256(encoded));
    expect(buildEvidenceTree([leaf])).toEqual({ root: hash, leaves: [{ values: leaf, hash }] });
    const odd = leafValues({ ...entry("計量-1"), notes: ["dip 1→0 Wh", "x".repeat(64)] });
    const all = [...leaves, leaf, odd];
    const standard = StandardMerkleTree.of(
      all,
      leafFields.map(() => "string"),
      { sortLeaves: true },
    );
    expect(buildEvidenceTree(all).root).toBe(standard.root);
    expect(evidenceProof(all, odd)).toEqual(standard.getProof(odd));
    const [a, b] = buildEvidenceTree(leaves.slice(0, 2)).leaves.map((one) => one.hash) as [Hex, Hex];
    expect(buildEvidenceTree(leaves.slice(0, 2)).root).toBe(keccak256(concatHex(a < b ? [a, b] : [b, a])));
  });

  it("refuses an hour without entries and an entry twice", () => {
    expect(() => buildEvidenceTree([])).toThrow(RangeError);
    expect(() => buildEvidenceTree([leaves[0]!, leaves[0]!])).toThrow(/twice/);
  });

  it("is quick: an hour of 45 entries takes a few milliseconds", () => {
    buildEvidenceTree(leaves);
    const before = performance.now();
    for (let i = 0; i < 20; i++) buildEvidenceTree(leaves);
    const each = (performance.now() - before) / 20;
    console.log(`evidence tree of 45 entries: ${each.toFixed(1)} ms`);
    expect(each).toBeLessThan(100);
  });
});
