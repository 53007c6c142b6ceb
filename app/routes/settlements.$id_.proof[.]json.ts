import type { LoaderFunctionArgs } from "@remix-run/node";
import { audit } from "#db/queries/people.ts";
import { requirePermission } from "../auth/person.server.ts";
import { buildSettlementProof } from "../presenters/settlement-proof.server.ts";

/** The proof of a settlement as a file. Whoever takes the salt along stands in the audit log. */
export async function loader({ request, context, params }: LoaderFunctionArgs) {
  const person = await requirePermission(request, context, "settlement.view");
  const proof = await buildSettlementProof(context, person, params.id ?? "");
  if (!proof) throw new Response("Not found", { status: 404 });
  if (proof.salt !== null) {
    const entry = { actor: person.id, action: "settlement.salt", subject: `settlement/${proof.settlement.id}` };
    await audit(context.db, entry, new Date(context.clock()));
  }
  return new Response(`${JSON.stringify(proof, null, 2)}\n`, {
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      "Content-Disposition": `attachment; filename="${proof.settlement.id}.proof.json"`,
      "Cache-Control": "no-store",
    },
  });
}
