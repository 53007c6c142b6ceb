import { openDatabase } from "#db/client.ts";
import { parseEnv } from "#db/config/env.ts";
import { connectChain } from "../client/chain.ts";
import { contractNames, ensureContracts } from "../client/contracts.ts";
import { createSender } from "../client/sender.ts";
import { openWallet } from "../client/wallet.ts";

// Deploys the contracts with KEYSTORE_FILE on RPC_URL and writes their addresses into DATABASE_URL. On a main network
// this is the only way: no role deploys there by itself. Repeating it goes on where it stopped.
const env = parseEnv(process.env);
if (!env.RPC_URL || !env.DATABASE_URL || !env.KEYSTORE_FILE) {
  console.error("Set RPC_URL, DATABASE_URL, KEYSTORE_FILE and KEYSTORE_PASSWORD_FILE.");
  process.exit(2);
}
const db = openDatabase({ url: env.DATABASE_URL, applicationName: "hs-deploy" });
try {
  const chain = await connectChain(env.RPC_URL);
  const wallet = await openWallet(env, chain.chainId);
  const sender = createSender({ db, chain, clock: Date.now, waitMs: 300_000 });
  const contracts = await ensureContracts({ db, chain, sender, wallet }, { allowMainNetwork: true });
  for (const name of contractNames) console.log(`${name} ${contracts[name]}`);
} finally {
  await db.close();
}
