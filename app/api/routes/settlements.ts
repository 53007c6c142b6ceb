import { z } from "zod";
import type { Database } from "#db/client.ts";
import { findSettlement, listSettlements } from "#db/queries/chain.ts";
import { seesCentre } from "../../auth/permissions.ts";
import { cutPage, isAfter, readCursor, timeCursor } from "../cursor.ts";
import { notFound } from "../errors.ts";
import { defineRoute } from "../route.ts";
import { idParams, instant, iso, isoOrNull, milliWh, named, nextCursor, pageQuery, wei } from "../shapes.ts";

const statuses = ["pending", "sent", "confirmed", "failed"] as const;
const fields = {
  id: z.string(),
  jobId: z.string(),
  jobName: z.string(),
  centreId: z.string(),
  status: z.enum(statuses),
  statusReason: z.string().nullable(),
  gpuSeconds: z.int(),
  energyMilliWh: milliWh,
  amountWei: wei,
  paidWei: wei.nullable().describe("null until the indexer has seen it on chain"),
  burnedWei: wei.nullable(),
  txHash: z.string().nullable(),
  blockNumber: z.int().nullable(),
  settledAt: instant.nullable(),
  simulated: z.boolean(),
  createdAt: instant,
};
const settlement = named("Settlement", z.strictObject(fields));
const detail = named(
  "SettlementDetail",
  z.strictObject({
    ...fields,
    jobHash: z.string(),
    resultHash: z.string(),
    client: z.string(),
    provider: z.string(),
    treasuryWei: wei.nullable().describe("what the supply floor kept from burning"),
    confirmations: z.int().nullable(),
    final: z.boolean(),
    chainId: z.int().nullable(),
    contracts: z.record(z.string(), z.string()),
    evidence: z
      .array(
        z.strictObject({
          hour: instant,
          root: z.string(),
          leaves: z.int(),
          anchoredTxHash: z.string().nullable(),
          anchoredBlock: z.int().nullable(),
        }),
      )
      .describe("evidence roots of the hours in which the job ran"),
  }),
);

type Listed = Awaited<ReturnType<typeof listSettlements>>["rows"][number];
const weiText = (value: bigint | null) => (value === null ? null : value.toString());

const shape = (row: Listed): z.output<typeof settlement> => ({
  id: row.id,
  jobId: row.jobId,
  jobName: row.jobName,
  centreId: row.centreId,
  status: row.status,
  statusReason: row.statusReason,
  gpuSeconds: row.gpuSeconds,
  energyMilliWh: row.energyMilliWh,
  amountWei: row.amountWei.toString(),
  paidWei: weiText(row.paidWei),
  burnedWei: weiText(row.burnedWei),
  txHash: row.txHash,
  blockNumber: row.blockNumber,
  settledAt: isoOrNull(row.settledAt),
  simulated: row.simulated,
  createdAt: iso(row.createdAt),
});

/** `offset` says where to look; time and id say what was shown already: new rows on top repeat nothing. */
const place = timeCursor.extend({ offset: z.int().min(0).max(1e9) });

async function settlementsAfter(
  db: Database,
  filter: Parameters<typeof listSettlements>[1],
  cursor: z.output<typeof place> | undefined,
  wanted: number,
): Promise<{ rows: Listed[]; offset: number }> {
  const start = cursor?.offset ?? 0;
  const found: Listed[] = [];
  for (let offset = start; ; offset += 200) {
    const { rows } = await listSettlements(db, { ...filter, limit: 200, offset });
    found.push(...rows.filter((row) => !cursor || isAfter(cursor, row.createdAt.getTime(), row.id)));
    if (found.length >= wanted || rows.length < 200) return { rows: found.slice(0, wanted), offset: start };
  }
}

export const settlementRoutes = [
  defineRoute({
    method: "get",
    path: "/settlements",
    operationId: "listSettlements",
    tag: "settlements",
    summary: "Settlements, newest first",
    permission: "settlement.view",
    query: z.strictObject({
      status: z.enum(statuses).optional(),
      centreId: z.string().max(128).optional(),
      ...pageQuery,
    }),
    answers: {
      200: {
        description: "A page of settlements",
        schema: z.strictObject({ settlements: z.array(settlement), nextCursor }),
      },
    },
    async handle({ deps, client, query }) {
      const cursor = readCursor(query.cursor, place);
      // No centre at all is a scope too: the query below takes an empty list for "all".
      const nothing = client.centreIds?.length === 0;
      const filter = {
        centreIds: client.centreIds,
        ...(query.status !== undefined && { status: query.status }),
        ...(query.centreId !== undefined && { centreId: query.centreId }),
      };
      const found = nothing
        ? { rows: [], offset: 0 }
        : await settlementsAfter(deps.db, filter, cursor, query.limit + 1);
      const page = cutPage(found.rows, query.limit, (row) => ({
        t: row.createdAt.getTime(),
        id: row.id,
        offset: found.offset + query.limit,
      }));
      return { body: { settlements: page.rows.map(shape), nextCursor: page.nextCursor } };
    },
  }),
  defineRoute({
    method: "get",
    path: "/settlements/{id}",
    operationId: "getSettlement",
    tag: "settlements",
    summary: "One settlement with what the chain says of it and the evidence of its hours",
    permission: "settlement.view",
    params: idParams,
    answers: { 200: { description: "The settlement", schema: z.strictObject({ settlement: detail }) } },
    async handle({ deps, client, params }) {
      const found = await findSettlement(deps.db, params.id);
      if (!found || !seesCentre(client.centreIds, found.centre.id)) throw notFound(`settlement "${params.id}"`);
      const { settlement: row, chain } = found;
      return {
        body: {
          settlement: {
            ...shape({
              ...row,
              jobName: found.job.name,
              centreName: found.centre.name,
              simulated: found.centre.simulated,
              energyMethod: found.run.energyMethod,
              paidWei: chain?.paidWei ?? null,
              burnedWei: chain?.burnedWei ?? null,
              txHash: chain?.txHash ?? null,
              blockNumber: chain?.blockNumber ?? null,
              settledAt: chain?.time ?? null,
            }),
            jobHash: row.jobHash,
            resultHash: row.resultHash,
            client: row.client,
            provider: row.provider,
            treasuryWei: weiText(found.treasuryWei),
            confirmations: found.confirmations,
            final: found.final,
            chainId: found.chainId,
            contracts: found.contracts,
            evidence: found.evidence.map((root) => ({ ...root, hour: iso(root.hour) })),
          },
        },
      };
    },
  }),
];
