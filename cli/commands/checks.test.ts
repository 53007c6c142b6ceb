import { expect, it } from "vitest";
import { faultsOf } from "./checks.ts";

it("finds the other region's words, the other script and a second name for one thing", () => {
  expect(faultsOf("登入所有装置", "zh-Hans")).toEqual(["says 登入, not 登录", "says 装置, not 设备"]);
  expect(faultsOf("登錄後保存", "zh-Hant")).toEqual(["says 登錄, not 登入", "says 保存, not 儲存"]);
  expect(faultsOf("負載與這裏", "zh-Hans")).toEqual(["has 這, of the other script"]);
  expect(faultsOf("电表", "zh-Hant")).toEqual(["has 电, of the other script"]);
  expect(faultsOf("範疇二，所在地基準", "zh-Hant")).toEqual(["says 所在地, not 地域"]);
});

it("finds half-width punctuation and a missing space, but not in placeholders, code and formulas", () => {
  expect(faultsOf("PUE (广州), 青海", "zh-Hans")).toHaveLength(1);
  expect(faultsOf("过去24 小时", "zh-Hans")).toEqual(["has no space at “去2”"]);
  expect(faultsOf("{{centre}}的 `hs 資料` = keccak256(鹽 ‖ 作業編號)，過去 24 小時", "zh-Hant")).toEqual([]);
});
