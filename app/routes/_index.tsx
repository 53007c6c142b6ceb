import type { LoaderFunctionArgs } from "@remix-run/node";
import { requirePermission } from "../auth/person.server.ts";

export async function loader({ request, context }: LoaderFunctionArgs) {
  await requirePermission(request, context, "fleet.view");
  return {};
}

export default function Fleet() {
  return <h1>Fleet</h1>;
}
