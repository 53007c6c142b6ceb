import { bigint, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { instant, uint256 } from "./columns.ts";

/** A job's settlement as we intend it; what the chain says of it stands in chain_settlement. */
export const settlement = pgTable(
  "settlement",
  {
    id: text("id").primaryKey(),
    jobId: text("job_id").notNull().unique(),
    runId: text("run_id").notNull(),
    centreId: text("centre_id").notNull(),
    /** keccak256 of the job id: only a salted hash goes on chain. */
    jobHash: text("job_hash").notNull(),
    salt: text("salt").notNull(),
    client: text("client").notNull(),
    provider: text("provider").notNull(),
    gpuSeconds: bigint("gpu_seconds", { mode: "number" }).notNull(),
    energyMilliWh: bigint("energy_milli_wh", { mode: "number" }).notNull(),
    resultHash: text("result_hash").notNull(),
    amountWei: uint256("amount_wei").notNull(),
    status: text("status", { enum: ["pending", "sent", "confirmed", "failed"] }).notNull(),
    statusReason: text("status_reason"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (t) => [index("settlement_status").on(t.status)],
);

/** Every transaction that we send: `key` says why, so that a crash never sends it twice. */
export const chainTx = pgTable("chain_tx", {
  key: text("key").primaryKey(),
  sender: text("sender").notNull(),
  nonce: integer("nonce"),
  hash: text("hash"),
  status: text("status", { enum: ["pending", "sent", "confirmed", "failed"] }).notNull(),
  attempts: integer("attempts").notNull().default(0),
  error: text("error"),
  createdAt: instant("created_at").notNull(),
  updatedAt: instant("updated_at").notNull(),
});

/** Contracts of the chain in use, by chain id and genesis: a new anvil is a new chain. */
export const chainContract = pgTable(
  "chain_contract",
  {
    chainId: bigint("chain_id", { mode: "number" }).notNull(),
    genesisHash: text("genesis_hash").notNull(),
    name: text("name").notNull(),
    address: text("address").notNull(),
    deployedBlock: bigint("deployed_block", { mode: "number" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.chainId, t.genesisHash, t.name] })],
);

export const chainBlock = pgTable("chain_block", {
  number: bigint("number", { mode: "number" }).primaryKey(),
  hash: text("hash").notNull(),
  parentHash: text("parent_hash").notNull(),
  time: instant("time").notNull(),
});

export const chainLog = pgTable(
  "chain_log",
  {
    blockHash: text("block_hash").notNull(),
    logIndex: integer("log_index").notNull(),
    blockNumber: bigint("block_number", { mode: "number" }).notNull(),
    txHash: text("tx_hash").notNull(),
    contract: text("contract").notNull(),
    event: text("event").notNull(),
    /** Decoded arguments, bigints as decimal strings. */
    args: jsonb("args").$type<Record<string, unknown>>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.blockHash, t.logIndex] }),
    index("chain_log_block").on(t.blockNumber),
    index("chain_log_event").on(t.contract, t.event),
  ],
);

/** One row: how far the indexer has come. */
export const chainCursor = pgTable("chain_cursor", {
  name: text("name").primaryKey(),
  chainId: bigint("chain_id", { mode: "number" }).notNull(),
  genesisHash: text("genesis_hash").notNull(),
  blockNumber: bigint("block_number", { mode: "number" }).notNull(),
  blockHash: text("block_hash").notNull(),
  headNumber: bigint("head_number", { mode: "number" }).notNull(),
  finalizedNumber: bigint("finalized_number", { mode: "number" }).notNull(),
  updatedAt: instant("updated_at").notNull(),
});

/** Derived from Settlement's events. */
export const chainSettlement = pgTable("chain_settlement", {
  jobHash: text("job_hash").primaryKey(),
  client: text("client").notNull(),
  provider: text("provider").notNull(),
  amountWei: uint256("amount_wei").notNull(),
  burnedWei: uint256("burned_wei").notNull(),
  paidWei: uint256("paid_wei").notNull(),
  gpuSeconds: bigint("gpu_seconds", { mode: "number" }).notNull(),
  energyMilliWh: bigint("energy_milli_wh", { mode: "number" }).notNull(),
  resultHash: text("result_hash").notNull(),
  txHash: text("tx_hash").notNull(),
  blockNumber: bigint("block_number", { mode: "number" }).notNull(),
  blockHash: text("block_hash").notNull(),
  time: instant("time").notNull(),
});

/** Every movement of HS by purpose: burn, reward, payment, mint, transfer. */
export const tokenFlow = pgTable(
  "token_flow",
  {
    blockHash: text("block_hash").notNull(),
    logIndex: integer("log_index").notNull(),
    blockNumber: bigint("block_number", { mode: "number" }).notNull(),
    txHash: text("tx_hash").notNull(),
    purpose: text("purpose", {
      enum: ["mint", "burn", "payment", "reward", "deposit", "withdrawal", "transfer"],
    }).notNull(),
    fromAddress: text("from_address").notNull(),
    toAddress: text("to_address").notNull(),
    amountWei: uint256("amount_wei").notNull(),
    time: instant("time").notNull(),
  },
  (t) => [primaryKey({ columns: [t.blockHash, t.logIndex] }), index("token_flow_block").on(t.blockNumber)],
);

/** Epochs of the voucher settlement (chain.md). */
export const settlementEpoch = pgTable(
  "settlement_epoch",
  {
    epoch: bigint("epoch", { mode: "number" }).primaryKey(),
    jobsRoot: text("jobs_root").notNull(),
    payoutRoot: text("payout_root").notNull(),
    telemetryRoot: text("telemetry_root").notNull(),
    totalWei: uint256("total_wei").notNull(),
    status: text("status", { enum: ["building", "posted", "final", "void"] }).notNull(),
    txHash: text("tx_hash"),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [uniqueIndex("settlement_epoch_tx").on(t.txHash)],
);
