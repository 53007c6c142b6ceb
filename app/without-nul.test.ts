import { PassThrough, type Transform } from "node:stream";
import { text } from "node:stream/consumers";
import { createElement } from "react";
import { renderToPipeableStream } from "react-dom/server";
import { expect, it } from "vitest";
import { withoutNul } from "./without-nul.ts";

const lines = Array.from({ length: 400 }, (_, index) => `青海 ${index}`);

function page(through: Transform): Promise<string> {
  renderToPipeableStream(
    createElement("ul", null, ...lines.map((line) => createElement("li", { title: line }, line))),
  ).pipe(through);
  return text(through);
}

it("keeps every character of a page longer than React's buffer, and nothing else", async () => {
  expect(await page(withoutNul())).toBe(`<ul>${lines.map((line) => `<li title="${line}">${line}</li>`).join("")}</ul>`);
});

it("is still needed: once React fills its buffers without zeros, it can go", async () => {
  expect(await page(new PassThrough())).toContain("\0");
});
