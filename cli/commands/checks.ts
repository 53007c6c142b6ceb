import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../build.ts";
import type { Command } from "./command.ts";

const locales = ["en", "zh-Hant", "zh-Hans"] as const;

export const checkCommands: Command[] = [
  {
    name: "check locales",
    usage: "",
    summary: "Every text in each of the three languages, with the same placeholders, and none left empty.",
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
          for (const key of other.keys()) if (!english!.has(key)) problems.push(`${where}: ${key} is not in en`);
        });
      }
      for (const problem of problems) console.error(problem);
      console.log(`${texts} texts × ${locales.length} languages, ${problems.length} problems`);
      return problems.length ? 1 : 0;
    },
  },
];

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
