import { type ActionFunctionArgs, data, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { normalEmail, verifyPassword } from "#db/queries/people.ts";
import { localPath } from "../auth/local-path.ts";
import { optionalSession } from "../auth/person.server.ts";
import { attemptsByAddress, attemptsByEmail, formToken, readAnonymousForm, signIn } from "../auth/sign-in.server.ts";
import { Preferences } from "../components/layout/Preferences.tsx";
import { Button } from "../components/ui/Button.tsx";
import { TextField } from "../components/ui/form.tsx";
import { Note } from "../components/ui/states.tsx";
import { duration } from "../format/age.ts";
import { localeOf, translator } from "../i18n/texts.server.ts";
import { type PageHandle, pageMeta } from "../page.ts";

export const handle: PageHandle = { bare: true };
export const meta = pageMeta;

export async function loader({ request, context }: LoaderFunctionArgs) {
  const next = localPath(new URL(request.url).searchParams.get("next"));
  if (await optionalSession(request, context)) throw redirect(next);
  const { csrf, headers } = formToken(request, context);
  return data({ csrf, next, title: translator(request)("auth:signIn.title") }, { headers });
}

export async function action({ request, context }: ActionFunctionArgs) {
  const form = await readAnonymousForm(request);
  const t = translator(request);
  const email = String(form.get("email") ?? "").slice(0, 320);
  const password = String(form.get("password") ?? "").slice(0, 1_000);
  const nowMs = context.clock();
  const key = normalEmail(email);
  const { remoteAddress } = context;
  const waitMs = Math.max(attemptsByEmail.waitMs(key, nowMs), attemptsByAddress.waitMs(remoteAddress, nowMs));
  if (waitMs > 0) {
    const error = t("auth:signIn.tooMany", { wait: duration(waitMs, localeOf(request)) });
    return data({ email, error }, { status: 429, headers: { "Retry-After": String(Math.ceil(waitMs / 1_000)) } });
  }
  attemptsByEmail.fail(key, nowMs);
  attemptsByAddress.fail(remoteAddress, nowMs);
  const person = await verifyPassword(context.db, email, password);
  if (!person) {
    context.log.warn({ remoteAddress }, "sign-in refused");
    return data({ email, error: t("auth:signIn.wrong") }, { status: 401 });
  }
  attemptsByEmail.succeed(key);
  attemptsByAddress.forgive(remoteAddress, nowMs);
  throw redirect(localPath(form.get("next")), { headers: await signIn(context, person, "password") });
}

export default function SignIn() {
  const { t } = useTranslation("auth");
  const { csrf, next } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== "idle";
  return (
    <main className="bare">
      <div className="sheet-one">
        <div>
          <span className="brand" style={{ paddingInline: 0 }}>
            <svg width="20" height="20" aria-hidden="true">
              <use href="#logo" />
            </svg>
            HS Console
          </span>
          <h1>{t("signIn.title")}</h1>
        </div>
        {answer?.error && (
          <div role="alert">
            <Note s="act">{answer.error}</Note>
          </div>
        )}
        <Form method="post">
          <input type="hidden" name="csrf" value={csrf} />
          <input type="hidden" name="next" value={next} />
          <TextField
            label={t("signIn.email")}
            name="email"
            type="email"
            autoComplete="username"
            required
            defaultValue={answer?.email ?? ""}
          />
          <TextField
            label={t("signIn.password")}
            name="password"
            type="password"
            autoComplete="current-password"
            required
          />
          <Button primary disabled={busy}>
            {t("signIn.go")}
          </Button>
        </Form>
        <p className="meta">{t("signIn.help")}</p>
      </div>
      <Preferences />
    </main>
  );
}
