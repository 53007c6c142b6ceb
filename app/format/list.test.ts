import { expect, it } from "vitest";
import { colon, comma, list } from "./list.ts";

it("parts like things and clauses as each language does", () => {
  expect(list(["A", "B", "C"], "en")).toBe("A, B, C");
  expect(list(["5–7", "9"], "zh-Hant")).toBe("5–7、9");
  expect(list([], "zh-Hans")).toBe("");
  expect([colon("en"), colon("zh-Hant")]).toEqual([": ", "："]);
  expect([comma("en"), comma("zh-Hant"), comma("zh-Hans")]).toEqual([", ", "，", "，"]);
});
