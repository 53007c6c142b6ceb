import { createContext } from "react";

/** The request's CSP nonce, on the server only: browsers hide it from scripts. */
export const NonceContext = createContext<string | undefined>(undefined);
