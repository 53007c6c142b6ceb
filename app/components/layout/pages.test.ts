import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pages, showsRange } from "./pages.ts";

const routes = new URL("../../routes/", import.meta.url);

/** `jobs._index.tsx` → `/jobs`, `centres.$id.tsx` → `/centres/x`. */
const pathOf = (file: string) =>
  `/${file
    .replace(/\.tsx$/, "")
    .replace(/(^|\.)_index$/, "")
    .replace(/\$\w*/g, "x")
    .replace(/_?\./g, "/")}`;

describe("showsRange", () => {
  const files = readdirSync(routes).filter((name) => name.endsWith(".tsx") && name !== "$.tsx");

  it.each(files)("offers the range on %s only if its loader reads it", (file) => {
    const reads = /\bparseView\(/.test(readFileSync(new URL(file, routes), "utf8"));
    expect([pathOf(file), showsRange(pathOf(file))]).toEqual([pathOf(file), reads]);
  });
});

describe("pages", () => {
  it("have a key each", () => {
    expect(new Set(pages.map(({ key }) => key)).size).toBe(pages.length);
  });
});
