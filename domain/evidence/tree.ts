import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import type { LeafValues } from "./leaf.ts";
import { type Hash, leafHash } from "./leaf-hash.ts";

/*
 * The evidence of one centre and hour: OpenZeppelin's standard Merkle tree over the hour's ledger entries (the simple tree
 * over standard leaf hashes is the same). Pairs are sorted, so that a proof needs no sides and OpenZeppelin's MerkleProof
 * checks it on chain. Runs in a browser: a proof can be checked without our server.
 */

export type EvidenceTree = {
  root: Hash;
  /** In the order of their hashes: an order that follows from the content alone. */
  leaves: { values: LeafValues; hash: Hash }[];
};

/** @throws RangeError without leaves, or with the same leaf twice. */
export function buildEvidenceTree(leaves: LeafValues[]): EvidenceTree {
  const hashed = leaves
    .map((values) => ({ values, hash: leafHash(values) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0));
  return { root: treeOf(hashed.map(({ hash }) => hash)).root as Hash, leaves: hashed };
}

/** The hashes that lead from a leaf to the root. @throws RangeError when the leaf is not among them. */
export function evidenceProof(leaves: LeafValues[], leaf: LeafValues): Hash[] {
  const hashes = leaves.map(leafHash);
  const at = hashes.indexOf(leafHash(leaf));
  if (at < 0) throw new RangeError("this entry is not a leaf of the hour's evidence");
  return treeOf(hashes).getProof(at) as Hash[];
}

/** Whether this leaf stands under this root. A malformed proof is a wrong one. */
export function verifyEvidence(root: string, leaf: LeafValues, proof: string[]): boolean {
  try {
    return SimpleMerkleTree.verify(root, leafHash(leaf), proof);
  } catch {
    return false;
  }
}

function treeOf(hashes: Hash[]): SimpleMerkleTree {
  if (hashes.length === 0) throw new RangeError("an hour without ledger entries has no evidence");
  if (new Set(hashes).size !== hashes.length)
    throw new RangeError("the same ledger entry stands twice among the leaves");
  return SimpleMerkleTree.of(hashes, { sortLeaves: true });
}
