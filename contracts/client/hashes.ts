import { concatHex, type Hex, keccak256, stringToBytes, stringToHex } from "viem";

/** keccak256(salt ‖ job id): says nothing to whoever does not hold the salt (WP-E3). */
export function jobHashOf(jobId: string, salt: Hex): Hex {
  return keccak256(concatHex([salt, stringToHex(jobId)]));
}

/** keccak256(salt ‖ SHA-256 of the output); of the salt alone when a job has no output. */
export function resultHashOf(outputSha256: string | null, salt: Hex): Hex {
  return keccak256(outputSha256 ? concatHex([salt, `0x${outputSha256}`]) : salt);
}

/** keccak256 of the centre's id: the key of its roots in EvidenceRegistry. */
export function centreHashOf(centreId: string): Hex {
  return keccak256(stringToBytes(centreId));
}
