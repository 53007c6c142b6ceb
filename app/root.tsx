import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import {
  isRouteErrorResponse,
  Links,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  useMatches,
  useRouteError,
} from "@remix-run/react";
import { type ReactNode, useContext } from "react";
import { useTranslation } from "react-i18next";
import { Shell } from "./components/layout/Shell.tsx";
import { Sprite } from "./components/layout/Sprite.tsx";
import { ButtonLink } from "./components/ui/Button.tsx";
import { defaultLocale } from "./i18n/locales.ts";
import { NonceContext } from "./nonce.ts";
import type { PageHandle } from "./page.ts";
import { presentShell } from "./presenters/shell.server.ts";
import { useRootData } from "./use-format.ts";
import "./styles/index.css";

export const meta: MetaFunction = () => [{ title: "HS Console" }];

export const loader = ({ request, context }: LoaderFunctionArgs) => presentShell(request, context);

export function Layout({ children }: { children: ReactNode }) {
  const nonce = useContext(NonceContext);
  const data = useRootData();
  return (
    <html lang={data?.locale ?? defaultLocale} data-theme={data && data.theme !== "system" ? data.theme : undefined}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
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
  const { t } = useTranslation("common");
  const error = useRouteError();
  const data = useRootData();
  const status = isRouteErrorResponse(error) ? error.status : 500;
  const kind = status === 404 ? "notFound" : status === 403 ? "forbidden" : "failed";
  const said =
    isRouteErrorResponse(error) && typeof error.data === "string" && status !== 404 && status < 500
      ? error.data
      : undefined;
  const page = (
    <div className="head" role="alert">
      <div>
        <h1>{t(`error.${kind}.title`)}</h1>
        <p className="lead">{said ?? t(`error.${kind}.text`)}</p>
        <div className="actions">
          <ButtonLink to="/">{t("error.home")}</ButtonLink>
        </div>
      </div>
    </div>
  );
  return data?.person ? <Shell>{page}</Shell> : <main className="bare">{page}</main>;
}
