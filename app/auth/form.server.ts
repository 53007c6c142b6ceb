import { isStorable } from "../api/input.ts";

const formTypes = /^(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i;

/**
 * The fields of a form of one of our pages: texts that the database can keep.
 * @throws 415 for what is no form, 400 for one that is broken or holds a file or a NUL.
 */
export async function parseForm(request: Request): Promise<FormData> {
  if (!formTypes.test(request.headers.get("Content-Type") ?? ""))
    throw new Response("Send the form of this page.", { status: 415 });
  const form = await request.formData().catch(() => undefined);
  if (!form) throw new Response("The form broke off or is not whole. Send it again.", { status: 400 });
  for (const [name, value] of form)
    if (typeof value !== "string" || !isStorable(name) || !isStorable(value))
      throw new Response("A field of the form holds a file or a NUL, and none of ours does.", { status: 400 });
  return form;
}
