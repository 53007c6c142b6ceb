import { expect, it } from "vitest";
import { Debounce } from "./debounce.ts";
import type { Rule, RuleResult, Snapshot } from "./types.ts";

/** A rule that finds what the test says, opens after 10 s and closes after 20 s; and one of another name. */
function stage() {
  let result: RuleResult = { findings: [] };
  const rule: Rule = { name: "gpuHot", opensAfterMs: 10_000, closesAfterMs: 20_000, find: () => result };
  const other: Rule = { ...rule, name: "inletHot", find: () => ({ findings: [] }) };
  const debounce = new Debounce();
  const open = new Map<string, string>();
  const look = (atS: number, causes: string[], undecided: string[] = []) => {
    const message = { key: "k", values: {} };
    result = { findings: causes.map((cause) => ({ cause, severity: "act", centreId: "c", message })), undecided };
    const decided = debounce.decide([rule, other], { nowMs: atS * 1_000 } as Snapshot, open);
    for (const { cause, rule: name } of decided.open) open.set(cause, name);
    for (const cause of decided.close) open.delete(cause);
    return {
      open: decided.open.map(({ cause }) => cause),
      keep: decided.keep.map(({ cause }) => cause),
      close: decided.close,
    };
  };
  return { look, open };
}
const nothing = { open: [], keep: [], close: [] };

it("opens what is found without a break for long enough, once", () => {
  const { look } = stage();
  expect(look(0, ["a"])).toEqual(nothing);
  expect(look(8, [])).toEqual(nothing);
  expect(look(10, ["a"])).toEqual(nothing);
  expect(look(19.9, ["a", "b"])).toEqual(nothing);
  expect(look(20, ["a", "b"])).toEqual({ ...nothing, open: ["a"] });
  expect(look(22, ["a"])).toEqual({ ...nothing, keep: ["a"] });
});

it("closes what is gone without a break for long enough", () => {
  const { look, open } = stage();
  open.set("a", "gpuHot");
  expect(look(0, [])).toEqual(nothing);
  expect(look(19, ["a"])).toEqual({ ...nothing, keep: ["a"] });
  expect(look(20, [])).toEqual(nothing);
  expect(look(40, [])).toEqual({ ...nothing, close: ["a"] });
});

it("leaves alone what cannot be decided, and other rules' alarms", () => {
  const { look, open } = stage();
  open.set("a", "gpuHot").set("foreign", "chain-mismatch");
  for (const at of [0, 30, 60]) expect(look(at, [], ["a"])).toEqual(nothing);
  expect(look(61, [])).toEqual(nothing);
  expect(look(80, [])).toEqual(nothing);
  expect(look(81, [])).toEqual({ ...nothing, close: ["a"] });
  expect([...open.keys()]).toEqual(["foreign"]);
});
