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
            centreIds: values.centres ? values.centres.split(",") : null,
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
        const centreIds = values.centres ? values.centres.split(",") : null;
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
