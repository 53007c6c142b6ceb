import { parseArgs } from "node:util";
import { z } from "zod";
import type { Database } from "#db/client.ts";
import { isUniqueViolation } from "#db/failure.ts";
import { centreNames } from "#db/queries/job-pages.ts";
import { createApiToken, createPerson, createSignInLink } from "#db/queries/people.ts";
import { type Role, roles } from "#db/schema/people.ts";
import { type Command, UsageError } from "./command.ts";
import { withDatabase } from "./with-database.ts";

/** As the page's form has it. */
const mostDays = 3_650;
const personName = z.string().trim().min(1).max(120);
const personEmail = z.string().trim().max(320).pipe(z.email());

export const peopleCommands: Command[] = [
  {
    name: "token create",
    usage: "--role ROLE [--name NAME] [--centres a,b] [--days N]",
    summary: "Makes a bearer token for the API; it is shown once.",
    async run(args) {
      const { values } = parseArgs({
        args,
        strict: true,
        options: {
          role: { type: "string" },
          name: { type: "string" },
          centres: { type: "string" },
          days: { type: "string" },
        },
      });
      const role = readRole(values.role);
      const days = readDays(values.days);
      const name = readName(values.name ?? `${role} token`);
      const centreIds = readCentres(values.centres);
      await withDatabase(async (db) => {
        await refuseUnknownCentres(db, centreIds);
        const now = new Date();
        const { token } = await createApiToken(
          db,
          {
            name,
            role,
            centreIds,
            expiresAt: days ? new Date(now.getTime() + days * 86_400_000) : null,
          },
          now,
        );
        console.log(token);
      });
    },
  },
  {
    name: "person invite",
    usage: "--email EMAIL --name NAME --role ROLE [--centres a,b]",
    summary: "Makes a person and a one-time sign-in link.",
    async run(args) {
      const { values } = parseArgs({
        args,
        strict: true,
        options: {
          role: { type: "string" },
          name: { type: "string" },
          email: { type: "string" },
          centres: { type: "string" },
        },
      });
      const role = readRole(values.role);
      if (!values.email || !values.name) throw new UsageError("--email and --name are needed");
      const email = readEmail(values.email);
      const name = readName(values.name);
      const centreIds = readCentres(values.centres);
      await withDatabase(async (db, context) => {
        await refuseUnknownCentres(db, centreIds);
        const now = new Date();
        const person = await createPerson(db, { email, name, role, centreIds }, now).catch((error: unknown) => {
          if (isUniqueViolation(error))
            throw new UsageError(`--email ${email} is taken: give another, or make that person a new link on /people`);
          throw error;
        });
        const link = await createSignInLink(db, person.id, now);
        console.log(`${context.consoleUrl}/sign-in/link/${link.token}`);
      });
    },
  },
];

function readRole(text: string | undefined): Role {
  const role = roles.find((name) => name === text);
  if (!role) throw new UsageError(`--role takes one of ${roles.join(", ")}`);
  return role;
}

function readName(text: string): string {
  const name = personName.safeParse(text);
  if (!name.success) throw new UsageError("--name takes 1 to 120 characters");
  return name.data;
}

function readEmail(text: string): string {
  const email = personEmail.safeParse(text);
  if (!email.success)
    throw new UsageError(`--email takes an address such as mei@example.org, not ${JSON.stringify(text)}`);
  return email.data;
}

function readDays(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > mostDays) throw new UsageError(`--days takes a whole number from 1 to ${mostDays}`);
  return days;
}

/** A scope that names no centre would show nothing, and one day everything of a centre that gets that id. */
async function refuseUnknownCentres(db: Database, centreIds: string[] | null): Promise<void> {
  if (!centreIds) return;
  const known = (await centreNames(db)).map(({ id }) => id);
  const unknown = centreIds.filter((id) => !known.includes(id));
  if (unknown.length)
    throw new UsageError(
      `--centres: there is no ${unknown.join(", ")}; known are ${known.join(", ") || "none, apply a fleet file first"}`,
    );
}

/** @returns null where the option is absent: all centres. An empty list is a mistake, never "all". */
function readCentres(text: string | undefined): string[] | null {
  if (text === undefined) return null;
  const ids = text.split(",").map((id) => id.trim());
  if (ids.some((id) => id === ""))
    throw new UsageError("--centres takes ids joined by commas; leave it out for all centres");
  return ids;
}
