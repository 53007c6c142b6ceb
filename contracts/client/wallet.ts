import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Address, hexToBigInt, keccak256, stringToBytes } from "viem";
import { type LocalAccount, mnemonicToAccount, privateKeyToAccount } from "viem/accounts";
import { embeddedChainId } from "./chain.ts";
import { ChainSetupError } from "./errors.ts";
import { decryptKeystore } from "./keystore.ts";

/** Accounts that sign, and addresses that are paid. No key leaves this room. */
export type Wallet = {
  kind: "embedded" | "keystore";
  /** Deploys and gives roles. */
  owner: LocalAccount;
  /** Settles jobs and anchors roots. */
  settler: LocalAccount;
  /** Whose deposit pays for jobs. */
  client: LocalAccount;
  treasury: Address;
  /** Who is paid for a centre's work. */
  providerOf(centreId: string): Address;
};

export type WalletSettings = {
  DATA_DIR: string;
  NODE_ENV: "development" | "production" | "test";
  KEYSTORE_FILE?: string | undefined;
  KEYSTORE_PASSWORD_FILE?: string | undefined;
};

/** Path of the embedded chain's mnemonic. */
export const mnemonicPath = (dataFolder: string) => join(dataFolder, "chain", "mnemonic");

/**
 * With KEYSTORE_FILE one key signs everything and is paid for every centre: the operator's own. Without it the accounts
 * come from the embedded chain's mnemonic, which signs on no other chain and not in production mode.
 * @throws ChainSetupError saying what to set.
 */
export async function openWallet(settings: WalletSettings, chainId: number): Promise<Wallet> {
  if (settings.KEYSTORE_FILE) return keystoreWallet(settings.KEYSTORE_FILE, settings.KEYSTORE_PASSWORD_FILE);
  if (settings.NODE_ENV === "production" || chainId !== embeddedChainId) {
    throw new ChainSetupError(`Set KEYSTORE_FILE and KEYSTORE_PASSWORD_FILE to sign on chain ${chainId}.`);
  }
  const path = mnemonicPath(settings.DATA_DIR);
  const mnemonic = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new ChainSetupError(
      `There is no key to sign with: set KEYSTORE_FILE, or let the embedded chain make ${path}.`,
      { cause },
    );
  });
  return mnemonicWallet(mnemonic.trim());
}

/** Accounts 0 … 3 of the mnemonic, and one address for each centre, which depends on the centre's id alone. */
export function mnemonicWallet(mnemonic: string): Wallet {
  const account = (addressIndex: number) => mnemonicToAccount(mnemonic, { addressIndex });
  const providers = new Map<string, Address>();
  return {
    kind: "embedded",
    owner: account(0),
    settler: account(1),
    client: account(2),
    treasury: account(3).address,
    providerOf(centreId) {
      let address = providers.get(centreId);
      if (!address) {
        address = account(providerIndex(centreId)).address;
        providers.set(centreId, address);
      }
      return address;
    },
  };
}

/** 1,000 … 2³⁰ + 999 by hash, so that a centre keeps its address whatever others come and go. */
function providerIndex(centreId: string): number {
  return 1_000 + Number(hexToBigInt(keccak256(stringToBytes(`provider:${centreId}`))) % 2n ** 30n);
}

async function keystoreWallet(file: string, passwordFile: string | undefined): Promise<Wallet> {
  if (!passwordFile)
    throw new ChainSetupError("KEYSTORE_FILE needs KEYSTORE_PASSWORD_FILE, a file with the keystore's password.");
  const [text, password] = await Promise.all(
    [file, passwordFile].map((path) =>
      readFile(path, "utf8").catch((cause: unknown) => {
        throw new ChainSetupError(`${path} cannot be read.`, { cause });
      }),
    ),
  );
  const account = privateKeyToAccount(decryptKeystore(text!, password!.replace(/\r?\n$/, "")));
  return {
    kind: "keystore",
    owner: account,
    settler: account,
    client: account,
    treasury: account.address,
    providerOf: () => account.address,
  };
}
