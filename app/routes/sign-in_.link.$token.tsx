import { type ActionFunctionArgs, data, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData } from "@remix-run/react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { isUniqueViolation } from "#db/failure.ts";
import { audit, findSignInLink, redeemSignInLink } from "#db/queries/people.ts";
import { formToken, linksByAddress, readAnonymousForm, signIn } from "../auth/sign-in.server.ts";
import { Preferences } from "../components/layout/Preferences.tsx";
import { Button } from "../components/ui/Button.tsx";
import { TextField } from "../components/ui/form.tsx";
import { duration } from "../format/age.ts";
import { localeOf, translator } from "../i18n/texts.server.ts";
import { type PageHandle, pageMeta } from "../page.ts";

export const handle: PageHandle = { bare: true };
export const meta = pageMeta;

/** Whom the link is for; one that is none counts against the address. @throws 429. */
async function findLink({ request, context, params }: LoaderFunctionArgs | ActionFunctionArgs) {
  const nowMs = context.clock();
  const waitMs = linksByAddress.waitMs(context.remoteAddress, nowMs);
  if (waitMs > 0) {
    const wait = duration(waitMs, localeOf(request));
    const headers = { "Retry-After": String(Math.ceil(waitMs / 1_000)) };
    throw new Response(translator(request)("auth:signIn.tooMany", { wait }), { status: 429, headers });
  }
  linksByAddress.fail(context.remoteAddress, nowMs);
  const person = await findSignInLink(context.db, params.token ?? "", new Date(nowMs));
  if (person) linksByAddress.forgive(context.remoteAddress, nowMs);
  return person;
}

/** Looking at the link does not use it: mail scanners and previews look. */
export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const person = await findLink({ request, context, params });
  const { csrf, headers } = formToken(request, context);
  const title = translator(request)("auth:link.title");
  const known = person && {
    name: person.name,
    email: person.email.endsWith("@localhost") ? "" : person.email,
    hasPassword: person.hasPassword,
  };
  return data(
    { csrf, title, person: known ?? null },
    { status: person ? 200 : 410, headers: { ...headers, "Referrer-Policy": "no-referrer" } },
  );
}

const fields = z.object({
  name: z.string().trim().min(1).max(120),
  email: z.string().trim().max(320).pipe(z.email()),
  password: z.string().min(12).max(1_000),
});

export async function action({ request, context, params }: ActionFunctionArgs) {
  const form = await readAnonymousForm(request);
  const t = translator(request);
  const parsed = fields.safeParse({ name: form.get("name"), email: form.get("email"), password: form.get("password") });
  if (!parsed.success) {
    const wrong = new Set(parsed.error.issues.map((issue) => String(issue.path[0])));
    const errors = Object.fromEntries([...wrong].map((field) => [field, t(`auth:link.errors.${field}`)]));
    return data({ errors: errors as { name?: string; email?: string; password?: string } }, { status: 422 });
  }
  if (!(await findLink({ request, context, params }))) throw redirect(new URL(request.url).pathname);
  const now = new Date(context.clock());
  const person = await redeemSignInLink(context.db, params.token ?? "", parsed.data, now).catch((error: unknown) => {
    if (isUniqueViolation(error)) return "taken" as const;
    throw error;
  });
  if (person === "taken") return data({ errors: { email: t("auth:link.errors.taken") } }, { status: 409 });
  // Used a moment ago or too old: the loader says so.
  if (!person) throw redirect(new URL(request.url).pathname);
  await audit(context.db, { actor: person.id, action: "password.set", subject: person.id }, now);
  throw redirect("/", { headers: await signIn(context, person, "link") });
}

export default function SignInLink() {
  const { t } = useTranslation("auth");
  const { csrf, person } = useLoaderData<typeof loader>();
  const errors = useActionData<typeof action>()?.errors as
    | { name?: string; email?: string; password?: string }
    | undefined;
  return (
    <main className="bare">
      <div className="sheet-one">
        {person ? (
          <>
            <div>
              <h1>{t("link.title")}</h1>
              <p className="ink-2">{t(person.hasPassword ? "link.again" : "link.first")}</p>
            </div>
            <Form method="post">
              <input type="hidden" name="csrf" value={csrf} />
              <TextField
                label={t("link.name")}
                name="name"
                autoComplete="name"
                required
                maxLength={120}
                defaultValue={person.name}
                error={errors?.name}
              />
              <TextField
                label={t("signIn.email")}
                name="email"
                type="email"
                autoComplete="username"
                required
                defaultValue={person.email}
                error={errors?.email}
              />
              <TextField
                label={t("link.password")}
                name="password"
                type="password"
                autoComplete="new-password"
                required
                minLength={12}
                hint={t("link.passwordHint")}
                error={errors?.password}
              />
              <Button primary>{t("link.go")}</Button>
            </Form>
          </>
        ) : (
          <>
            <h1>{t("link.goneTitle")}</h1>
            <p className="ink-2">{t("link.goneText")}</p>
            <Link to="/sign-in">{t("signIn.title")}</Link>
          </>
        )}
      </div>
      <Preferences />
    </main>
  );
}
