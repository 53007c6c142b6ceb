import type { MetaFunction } from "@remix-run/node";

/** `export const meta = pageMeta;` in a route whose loader returns `title` (already translated: `translator(request)(…)`). */
export const pageMeta: MetaFunction = ({ data }) => {
  const title = (data as { title?: unknown } | undefined)?.title;
  return [{ title: typeof title === "string" ? `${title} · HS Console` : "HS Console" }];
};

/** `export const handle: PageHandle = { bare: true }`: a page without navigation (sign-in). */
export type PageHandle = { bare?: boolean };
