import { parseArgs } from "node:util";
import { createApiToken, createPerson, createSignInLink } from "#db/queries/people.ts";
import { type Role, roles } from "#db/schema/people.ts";
import { type Command, UsageError } from "./command.ts";
import { withDatabase } from "./with-database.ts";

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
      const days = values.days === undefined ? undefined : Number(values.days);
      if (days !== undefined && !(Number.isInteger(days) && days > 0))
        throw new UsageError("--days takes a whole number of days");
      await withDatabase(async (db) => {
        const now = new Date();
        const { token } = await createApiToken(
          db,
          {
            name: values.name ?? `${role} token`,
            role,
            centreIds: readCentres(values.centres),
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
      const { email, name } = values;
      if (!email || !name) throw new UsageError("--email and --name are needed");
      await withDatabase(async (db, context) => {
        const now = new Date();
        const centreIds = readCentres(values.centres);
        const person = await createPerson(db, { email, name, role, centreIds }, now);
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

/** @returns null where the option is absent: all centres. An empty list is a mistake, never "all". */
function readCentres(text: string | undefined): string[] | null {
  if (text === undefined) return null;
  const ids = text.split(",").map((id) => id.trim());
  if (ids.some((id) => id === ""))
    throw new UsageError("--centres takes ids joined by commas; leave it out for all centres");
  return ids;
}
