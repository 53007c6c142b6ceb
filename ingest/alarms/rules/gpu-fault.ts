import { type Finding, iso, type Rule } from "../types.ts";

/** XIDs after which a GPU must be reset or replaced (NVIDIA, "XID Errors"): double-bit ECC, row remapping, bus, NVLink, GSP. */
const severeXids = new Set([48, 63, 64, 74, 79, 92, 94, 95, 119, 120, 140]);
const keys: Record<string, string> = { xid: "gpuXid", ecc_double: "gpuEccDouble", remap_failed: "gpuRemapFailed" };

/** A GPU reported a fault: an XID of the last hour, double-bit ECC errors, or a failed row remapping. */
export const gpuFault: Rule = {
  name: "gpuFault",
  opensAfterMs: 0,
  closesAfterMs: 0,
  find: ({ faults }) => ({
    findings: faults.flatMap(({ rackId, centreId, index, kind, code, atMs }): Finding[] => {
      const key = keys[kind];
      if (!key) return [];
      return [
        {
          cause: `gpuFault:${rackId}/${index}:${kind}`,
          severity: kind !== "xid" || severeXids.has(code) ? "act" : "watch",
          centreId,
          message: { key, values: { rack: rackId, index, at: iso(atMs), ...(kind !== "remap_failed" && { code }) } },
        },
      ];
    }),
  }),
};
