import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../build.ts";
import type { Command } from "./command.ts";

const locales = ["en", "zh-Hant", "zh-Hans"] as const;

/**
 * Words that must not stand in a language's texts, each with the one to say instead: what only the other region says,
 * and a second name for a thing that has one. zh-Hant keeps the source's own words (數據, 服務器, 網絡, 哈希).
 */
const wrongWords: Record<(typeof locales)[number], string> = {
  en: "",
  "zh-Hant": `登錄=登入 鏈接=連結 設置=設定 字段=欄位 字符=字元 字節=位元組 加載=載入 保存=儲存 導出=匯出 導入=匯入 創建=建立
    默認=預設 缺省=預設 刷新=更新 菜單=選單 視圖=檢視 打印=列印 屏幕=螢幕 會話=工作階段 賬=帳 搜索=搜尋 粘貼=貼上 信息=資訊
    內存=記憶體 緩存=快取 線程=執行緒 進程=程序 口徑=基準 紀錄=記錄 所在地=地域 合約口徑=合約基準 光伏=太陽能
    電網化石=電網火電 餘熱再利用=餘熱回收 量測=計量 量度=計量 測量=計量 估計=估算 排程器=調度器 清潔佔比=清潔能源佔比`,
  "zh-Hans": `登入=登录 登出=退出登录 连结=链接 装置=设备 工作阶段=会话 程式=程序 档案=文件 支援=支持 伺服器=服务器 资料=数据
    网路=网络 预设=默认 讯息=消息 资讯=信息 使用者=用户 权杖=令牌 栏位=字段 字元=字符 位元组=字节 套用=应用 检视=查看
    载入=加载 储存=保存 汇出=导出 汇入=导入 列印=打印 萤幕=屏幕 介面=界面 选单=菜单 位址=地址 快取=缓存 记忆体=内存
    透过=通过 帐=账 杂凑=哈希 伫列=队列 自订=自定义 机率=概率 愈=越 地域基准=地域口径 合约基准=合约口径 所在地=地域
    台账=账本 光伏=太阳能 电网化石=电网火电 余热再利用=余热回收 量测=计量 量度=计量 测量=计量 估计=估算 排程=调度 使用率=利用率
    清洁占比=清洁能源占比`,
};
/** A few of the most frequent characters that only one of the two scripts has. */
const wrongScript: Partial<Record<(typeof locales)[number], RegExp>> = {
  "zh-Hant": /[个这为们时间会说对过还进动数电网连码录记节设备无读应实测计点开关页报结价产总单标记区风试题选择证链权责]/,
  "zh-Hans": /[個這為們時間會說對過還進動數電網連碼錄記節設備無讀應實測計點開關頁報結價產總單標區風試題選擇證鏈權責]/,
};
/** Latin punctuation beside a Chinese character. */
const halfWidth = /\p{Script=Han}[,;:!?()]|[,;:!?()]\s?\p{Script=Han}/u;
/** A Latin letter or a digit that touches a Chinese character: a space stands between. */
const touching = /\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Script=Han}/u;

export const checkCommands: Command[] = [
  {
    name: "check locales",
    usage: "",
    summary:
      "Every text in each of the three languages, with the same placeholders, none left empty, each in its own words.",
    async run() {
      const folder = join(projectRoot, "app", "locales");
      const problems: string[] = [];
      let texts = 0;
      const namespaces = (await readdir(join(folder, "en"))).filter((name) => name.endsWith(".json"));
      for (const locale of locales.slice(1)) {
        for (const name of await readdir(join(folder, locale)))
          if (!namespaces.includes(name)) problems.push(`${locale}/${name}: not in en`);
      }
      for (const name of namespaces) {
        const [english, ...others] = await Promise.all(
          locales.map(async (locale) =>
            flatten(JSON.parse(await readFile(join(folder, locale, name), "utf8").catch(() => "{}"))),
          ),
        );
        texts += english!.size;
        for (const [key, text] of english!) if (!text.trim()) problems.push(`en/${name}: ${key} is empty`);
        others.forEach((other, index) => {
          const where = `${locales[index + 1]}/${name}`;
          for (const [key, text] of english!) {
            // Chinese has one plural form: i18next reads key_other for every count.
            if (key.endsWith("_one") && !other.has(key)) continue;
            const theirs = other.get(key);
            if (theirs === undefined) problems.push(`${where}: ${key} is missing`);
            else if (!theirs.trim()) problems.push(`${where}: ${key} is empty`);
            else if (placeholders(theirs) !== placeholders(text))
              problems.push(
                `${where}: ${key} has ${placeholders(theirs) || "no placeholder"}, en has ${placeholders(text) || "none"}`,
              );
          }
          for (const [key, theirs] of other)
            for (const fault of faultsOf(theirs, locales[index + 1]!)) problems.push(`${where}: ${key} ${fault}`);
          for (const key of other.keys()) if (!english!.has(key)) problems.push(`${where}: ${key} is not in en`);
        });
      }
      for (const problem of problems) console.error(problem);
      console.log(`${texts} texts × ${locales.length} languages, ${problems.length} problems`);
      return problems.length ? 1 : 0;
    },
  },
];

/** What is wrong with the language of a Chinese text; placeholders, code and formulas are left out. */
export function faultsOf(text: string, locale: (typeof locales)[number]): string[] {
  const words = text.replaceAll(/\{\{[^}]*\}\}|`[^`]*`|\w+\([^)]*\)/g, "\u0000");
  return [
    ...wrongWords[locale]
      .split(/\s+/)
      .map((pair) => pair.split("=") as [string, string])
      .filter(([word]) => word && words.includes(word))
      .map(([word, right]) => `says ${word}, not ${right}`),
    ...[...(wrongScript[locale]?.exec(words) ?? [])].map((letter) => `has ${letter}, of the other script`),
    ...[...(halfWidth.exec(words) ?? [])].map((part) => `has half-width punctuation at “${part}”`),
    ...[...(touching.exec(words) ?? [])].map((part) => `has no space at “${part}”`),
  ];
}

function flatten(value: unknown, prefix = ""): Map<string, string> {
  const result = new Map<string, string>();
  for (const [key, child] of Object.entries(value as Record<string, unknown>)) {
    if (typeof child === "string") result.set(prefix + key, child);
    else for (const [inner, text] of flatten(child, `${prefix}${key}.`)) result.set(inner, text);
  }
  return result;
}

function placeholders(text: string): string {
  return [
    ...new Set([...text.matchAll(/\{\{\s*([\w.]+)[^}]*\}\}|<(\d+)>/g)].map((match) => match[0].replace(/\s/g, ""))),
  ]
    .sort()
    .join(" ");
}
