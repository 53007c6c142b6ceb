import { connection } from "./use-connection.ts";

/** A refresh that takes longer than this is not coming: the network went away without saying so. */
const patienceMs = 15_000;
/** The console, or what stands before it, cannot answer at present. */
const away = new Set([502, 503, 504]);
/** Under which id the console's log knows the request. */
const idHeader = "X-Request-Id";

type Router = { state: { navigation: { state: string }; revalidation: string } };
type Options = {
  /** Remix's own; undefined before it is there. */
  router: () => Router | undefined;
  fetch: typeof fetch;
  origin: string;
};

/**
 * Remix asks for a page's data by `fetch`, and a failure replaces the whole page by its error boundary: also when the
 * page is there already and was only to be refreshed. Loaders that run in the browser could catch that one by one, at
 * the price of a request each. Here it is caught once: a request for data that fails is asked again, slower and slower,
 * until it is answered or Remix gives it up because somebody goes elsewhere. Until then the page stays as it is, and
 * `connection` says since when.
 *
 * - A refresh is held as long as the console does not answer or answers 5xx.
 * - A new page is held as long as the console is away; a 500 of its own is shown as such.
 * - A form is sent once. While the connection is known to be lost it waits until the console answers again.
 */
export function steadyFetch({ router, fetch: plain, origin }: Options): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, origin);
    const method = init?.method ?? (input instanceof Request ? input.method : "GET");
    const isData = url.origin === origin && (url.pathname.endsWith(".data") || url.pathname === "/__manifest");
    if (!isData) return plain(input, init);
    const signal = init?.signal;
    if (method !== "GET") {
      if (connection.now().lostSinceMs !== undefined) await untilReachable(plain, signal);
      return told(await plain(input, init));
    }
    for (let attempt = 0; ; attempt++) {
      const refreshes = isRefresh(router());
      const answer = await whole(plain, input, init, refreshes);
      // A page of a portal or a proxy in place of the console's data.
      if (!answer || answer.headers.get("Content-Type")?.startsWith("text/html")) connection.notAnswered();
      else if (away.has(answer.status) || (refreshes && answer.status >= 500))
        connection.notAnswered(answer.headers.get(idHeader));
      else return told(answer);
      await connection.pause(attempt, signal);
    }
  };
}

/** Waits until the console answers at all. @throws the signal's reason. */
export async function untilReachable(plain: typeof fetch, signal?: AbortSignal | null): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const answer = await plain("/healthz", { cache: "no-store", ...(signal && { signal }) }).catch(() => undefined);
    if (answer?.ok) return;
    connection.notAnswered();
    await connection.pause(attempt, signal);
  }
}

function told(answer: Response): Response {
  if (answer.status >= 500) connection.failed(answer.headers.get(idHeader));
  else connection.answered();
  return answer;
}

/** The page that is there is loaded once more, and nobody goes anywhere. */
const isRefresh = (router: Router | undefined) =>
  router?.state.revalidation === "loading" && router.state.navigation.state === "idle";

/** The answer with its whole body: one that breaks off in the middle is none. undefined: none came. @throws when it was given up. */
async function whole(
  plain: typeof fetch,
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  hurry: boolean,
): Promise<Response | undefined> {
  const limit = hurry ? AbortSignal.timeout(patienceMs) : undefined;
  const signals = [init?.signal, limit].filter((signal) => signal != null);
  try {
    const answer = await plain(input, { ...init, ...(signals.length && { signal: AbortSignal.any(signals) }) });
    const body = answer.body && (await answer.arrayBuffer());
    return new Response(body, { status: answer.status, statusText: answer.statusText, headers: answer.headers });
  } catch (error) {
    if (init?.signal?.aborted) throw error;
    return undefined;
  }
}
