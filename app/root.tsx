import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useMatches, useRouteError } from "@remix-run/react";
import { type ReactNode, useContext } from "react";
import { ErrorPage } from "./components/layout/ErrorPage.tsx";
import { Shell } from "./components/layout/Shell.tsx";
import { Sprite } from "./components/layout/Sprite.tsx";
import { NonceContext } from "./nonce.ts";
import type { PageHandle } from "./page.ts";
import { presentShell } from "./presenters/shell.server.ts";
import { ReaderContext } from "./reader.ts";
import { useRootData } from "./use-format.ts";
import "./styles/index.css";

export const meta: MetaFunction = () => [{ title: "HS Console" }];

export const loader = ({ request, context }: LoaderFunctionArgs) => presentShell(request, context);

export function Layout({ children }: { children: ReactNode }) {
  const nonce = useContext(NonceContext);
  const reader = useContext(ReaderContext);
  const theme = useRootData()?.theme ?? reader.theme;
  return (
    <html lang={reader.locale} data-theme={theme === "system" ? undefined : theme} data-request={reader.requestId}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="/favicon.ico" sizes="32x32" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <Meta />
        <Links />
      </head>
      <body>
        <Sprite />
        {children}
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

export default function App() {
  const data = useRootData();
  const bare = useMatches().some((match) => (match.handle as PageHandle | undefined)?.bare);
  return bare || !data?.person ? (
    <Outlet />
  ) : (
    <Shell>
      <Outlet />
    </Shell>
  );
}

/** What no page of its own caught: not found, not allowed, failed. */
export function ErrorBoundary() {
  return <ErrorPage error={useRouteError()} />;
}
