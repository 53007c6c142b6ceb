import { type AppLoadContext, createReadableStreamFromReadable, type EntryContext } from "@remix-run/node";
import { isRouteErrorResponse, RemixServer } from "@remix-run/react";
import { isbot } from "isbot";
import { renderToPipeableStream } from "react-dom/server";
import { I18nextProvider } from "react-i18next";
import { isDatabaseLost } from "#db/failure.ts";
import { localeOf, serverI18n, themeOf } from "./i18n/texts.server.ts";
import { NonceContext } from "./nonce.ts";
import { ReaderContext } from "./reader.ts";
import { withoutNul } from "./without-nul.ts";

const abortAfterMs = 5_000;
/** A browser, or a proxy, may ask again after this. */
const retryAfterS = "5";

/** Requests that failed because the database could not be reached: 503, not 500. The browser keeps its page and asks again. */
const away = new WeakSet<AppLoadContext>();

/** Streams the page; a crawler gets it whole. Errors inside the stream are logged with the request's id. */
export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  context: AppLoadContext,
): Promise<Response> {
  const locale = localeOf(request);
  const reader = { locale, theme: themeOf(request), requestId: context.requestId };
  const whole = isbot(request.headers.get("User-Agent") ?? "");
  return new Promise((resolve, reject) => {
    let responseStatus = away.has(context) ? 503 : status;
    const send = () => {
      const body = withoutNul();
      headers.set("Content-Type", "text/html; charset=utf-8");
      headers.set("Content-Language", locale);
      headers.set("Cache-Control", "no-store");
      headers.append("Vary", "Cookie, Accept-Language");
      headers.set("X-Request-Id", context.requestId);
      if (responseStatus === 503) headers.set("Retry-After", retryAfterS);
      resolve(new Response(createReadableStreamFromReadable(body), { headers, status: responseStatus }));
      stream.pipe(body);
    };
    const stream = renderToPipeableStream(
      <NonceContext.Provider value={context.nonce}>
        <ReaderContext.Provider value={reader}>
          <I18nextProvider i18n={serverI18n(locale)}>
            <RemixServer context={remixContext} url={request.url} nonce={context.nonce} abortDelay={abortAfterMs} />
          </I18nextProvider>
        </ReaderContext.Provider>
      </NonceContext.Provider>,
      {
        nonce: context.nonce,
        onShellReady: () => !whole && send(),
        onAllReady: () => whole && send(),
        onShellError: reject,
        onError(error) {
          responseStatus = 500;
          context.log.error({ err: error, requestId: context.requestId }, "a page could not be rendered");
        },
      },
    );
    context.res.on("close", () => stream.abort());
    setTimeout(() => stream.abort(), abortAfterMs).unref();
  });
}

/** Data for a page that is open already: says under which id a failure stands in the log, and whether to ask again. */
export function handleDataRequest(response: Response, { context }: { context: AppLoadContext }): Response {
  response.headers.set("X-Request-Id", context.requestId);
  if (response.status < 500 || !away.has(context)) return response;
  response.headers.set("Retry-After", retryAfterS);
  return new Response(response.body, { status: 503, headers: response.headers });
}

/** Loader and action errors: logged once, with the id that the reader sees. */
export function handleError(error: unknown, { request, context }: { request: Request; context: AppLoadContext }): void {
  if (isDatabaseLost(error)) away.add(context);
  if (request.signal.aborted) return;
  // A one-time link is a secret for as long as it was not used.
  const path = new URL(request.url).pathname.replace(/^\/sign-in\/link\/.*/, "/sign-in/link/…");
  const told = { requestId: context.requestId, method: request.method, path };
  // An address that is not there, a page that is not for this role: the caller's mistake.
  if (isRouteErrorResponse(error) && error.status < 500) context.log.info({ ...told, status: error.status }, "refused");
  else context.log.error({ ...told, err: error }, "a request failed");
}
