/* The console goes away under an open page, by kill -9, by errors and by a new build: the page stays, says so, and comes back by itself. */
import pg from "pg";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRunning } from "#cli/data-folder.ts";
import { axeViolations, launchBrowser, openPage, type Watched } from "#test/support/browser.ts";
import {
  type ConsoleProcess,
  firstSignInLink,
  startConsole,
  temporaryFolder,
  waitUntil,
} from "#test/support/console-process.ts";
import { redeemLink } from "#test/support/sign-in.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: ConsoleProcess;
let browser: Browser;
let watched: Watched;
let page: Page;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startConsole(folder.path, { SIM_HISTORY_DAYS: "1" });
  browser = await launchBrowser();
  watched = await openPage(browser);
  page = watched.page;
  await redeemLink(page, await firstSignInLink(folder.path), "Lin Wei", "lin.wei@example.org");
  await page.locator(".bar > .live").getByText("Live").waitFor();
  await remember();
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await server?.interrupt();
  await folder?.remove();
});

/** A mark that only this document has: whoever reloads loses it. */
const remember = () =>
  page.evaluate(() => {
    window.name = "remembered";
    window.addEventListener("pagehide", () => {
      window.name = "";
    });
  });
const isSameDocument = () => page.evaluate(() => window.name === "remembered");
const heading = () => page.locator("h1").textContent();
const banner = () => page.locator(".strip-banner");
const isLive = () => page.locator(".bar > .live").getByText("Live").isVisible();
const hours = (text: string) => /\d\d:\d\d:\d\d/.exec(text)?.[0];

describe("kill -9 under an open page", () => {
  it("leaves the last figures, marked as old, with ages that go on", async () => {
    const figures = () => page.locator(".figure .value").allTextContents();
    const ages = async () => (await page.locator(".fleet-table td:last-child").allTextContents()).join();
    await server.kill();
    await banner().waitFor({ timeout: 5_000 });
    // An answer may have been on its way.
    await page.waitForTimeout(500);
    const shown = await figures();
    const asOf = hours((await page.locator(".bar > .live").textContent()) ?? "");
    expect(await page.locator("p[role=status]").allTextContents()).toContainEqual(
      expect.stringMatching(/^Disconnected since \d\d:\d\d:\d\d\.$/),
    );
    expect(await axeViolations(page)).toEqual([]);
    const aged = await ages();
    await waitUntil(async () => (await ages()) !== aged, 5_000, "ages that go on");
    const old = page.locator(".app[data-stale]");
    expect(await old.count()).toBe(0);
    await old.waitFor({ timeout: 40_000 });
    expect(await page.locator('.figure[data-q="stale"]').count()).toBe(shown.length);
    expect(await heading()).toBe("Fleet");
    expect(await figures()).toEqual(shown);
    // The time of the figures stands still, how long ago that is does not.
    expect(hours((await page.locator(".bar > .live").textContent()) ?? "")).toBe(asOf);
    expect(await banner().textContent()).toMatch(/Figures are from \d\d:\d\d:\d\d, (3|4)\d\ss ago/);
    expect(await axeViolations(page)).toEqual([]);
  });

  it("does not take the page away from whoever clicks meanwhile", async () => {
    await page.locator(".nav").getByRole("link", { name: "Reports" }).click();
    await banner().getByText("opens as soon as the console answers").waitFor();
    expect(await heading()).toBe("Fleet");
  });

  it("is over by itself: the page that was asked for opens with fresh figures", async () => {
    server = await startConsole(folder.path, { SIM_HISTORY_DAYS: "1", PORT: new URL(server.url).port });
    await waitUntil(async () => (await heading()) === "Reports", 45_000, "the page that was asked for");
    await waitUntil(isLive, 45_000, "live events");
    expect(await banner().count()).toBe(0);
    expect(await page.locator(".app[data-stale]").count()).toBe(0);
    await page.goto(server.url);
  });
});

describe("a refresh that fails", () => {
  for (const status of [503, 500, undefined]) {
    it(`keeps the page, then recovers in the same document (${status ?? "network gone"})`, async () => {
      await page.locator(".bar > .live").getByText("Live").waitFor();
      await remember();
      const before = await page.locator(".figure .value").allTextContents();
      await page.route("**/*.data*", (route) =>
        status
          ? route.fulfill({ status, contentType: "text/plain", body: "no", headers: { "X-Request-Id": "7f3a-19c2" } })
          : route.abort("connectionrefused"),
      );
      await banner().waitFor({ timeout: 15_000 });
      expect(await heading()).toBe("Fleet");
      expect(await page.locator(".figure .value").count()).toBe(before.length);
      await page.unroute("**/*.data*");
      // Unless it was faster by itself.
      const again = banner().getByRole("button", { name: "Try now" });
      await again.click({ timeout: 2_000 }).catch(() => {});
      await waitUntil(isLive, 5_000, "live again");
      expect(await isSameDocument()).toBe(true);
    });
  }

  it("asks slower and slower", async () => {
    const times: number[] = [];
    await page.route("**/*.data*", (route) => {
      times.push(Date.now());
      return route.fulfill({ status: 503, body: "" });
    });
    await waitUntil(() => times.length >= 4, 30_000, "four attempts");
    await page.unroute("**/*.data*");
    const pauses = times.slice(1).map((time, index) => time - times[index]!);
    expect(pauses[1]).toBeGreaterThan(pauses[0]! * 1.1);
    expect(pauses[2]).toBeGreaterThan(pauses[1]! * 1.1);
    await waitUntil(isLive, 15_000, "live again");
  });
});

describe("a new build", () => {
  it("whose old scripts are gone opens the page that was asked for as a whole document, once", async () => {
    await page.goto(server.url);
    await remember();
    let documents = 0;
    page.on("request", (request) => {
      if (request.isNavigationRequest()) documents++;
    });
    // Gone for this document, however often it asks; the next one has its own.
    const script = "**/assets/settlements._index-*.js";
    await page.route(script, (route) => (documents === 0 ? route.fulfill({ status: 404 }) : route.continue()));
    await page.evaluate(() => (document.querySelector('.nav a[href="/settlements"]') as HTMLElement).click());
    await waitUntil(async () => (await heading()) === "Settlements", 10_000, "the page that was asked for");
    await page.locator(".bar > .live").getByText("Live").waitFor();
    expect(await isSameDocument()).toBe(false);
    expect(documents).toBe(1);
    await page.unroute(script);
  });
});

describe("a first load that fails", () => {
  const query = async (text: string) => {
    const client = new pg.Client({ connectionString: (await readRunning(folder.path))!.databaseUrl });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  const broken = async (table: string, work: () => Promise<void>) => {
    await query(`alter table ${table} rename to ${table}_away`);
    await work().finally(() => query(`alter table ${table}_away rename to ${table}`));
  };
  const titles = {
    en: "This page could not be loaded",
    "zh-Hant": "頁面無法載入",
    "zh-Hans": "页面无法加载",
  };

  it("keeps the frame, says what to do, and comes back by itself", async () => {
    await broken("zone_series", async () => {
      await page.goto(server.url);
      expect(await heading()).toBe(titles.en);
      expect(await page.locator(".nav a").count()).toBeGreaterThan(4);
      expect(await page.locator("main").textContent()).toMatch(/ref [0-9a-f]{4}-[0-9a-f]{4}/);
      expect(await axeViolations(page)).toEqual([]);
      await remember();
    });
    await waitUntil(async () => (await heading()) === "Fleet", 20_000, "the page itself");
    await waitUntil(isLive, 10_000, "live events");
    expect(await isSameDocument()).toBe(true);
  });

  for (const [locale, title] of Object.entries(titles)) {
    it(`without the frame's own data still speaks ${locale} in the chosen colours, and hydrates`, async () => {
      const { origin: url } = new URL(server.url);
      const other = await openPage(browser, { colorScheme: "light" });
      await other.context.addCookies([
        ...(await watched.context.cookies()),
        { name: "hs_locale", value: locale, url },
        { name: "hs_theme", value: "dark", url },
      ]);
      await broken("session", async () => {
        await other.page.goto(server.url);
        expect(await other.page.locator("h1").textContent()).toBe(title);
        const html = other.page.locator("html");
        expect([await html.getAttribute("lang"), await html.getAttribute("data-theme")]).toEqual([locale, "dark"]);
        expect(await axeViolations(other.page)).toEqual([]);
        await other.page.getByRole("link").first().focus();
      });
      await waitUntil(
        async () => (await other.page.locator(".nav a").count()) > 4,
        20_000,
        "the page itself, without a reload",
      );
      // The browser itself tells of every answer 5xx; whatever else it says is a mistake of ours.
      expect(other.problems.filter((problem) => !/^500 |status of 50\d/.test(problem))).toEqual([]);
      await other.context.close();
    });
  }
});

describe("the keyboard", () => {
  it("finds pages and centres, lists its shortcuts, and can be told to leave single keys alone", async () => {
    await page.goto(server.url);
    await page.locator(".bar > .live").getByText("Live").waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.className)).toMatch(/skip/);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("qing");
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/centres/qinghai");

    await page.keyboard.press("g");
    await page.keyboard.press("j");
    await page.waitForURL("**/jobs");
    await page.keyboard.press("?");
    const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await dialog.waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByRole("checkbox").uncheck();
    await page.keyboard.press("Escape");
    expect(await dialog.count()).toBe(0);
    for (const key of ["?", "/", "g", "f"]) await page.keyboard.press(key);
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(new URL(page.url()).pathname).toBe("/jobs");
    await page.keyboard.press("Control+k");
    expect(await page.getByRole("dialog").count()).toBe(1);
    await page.keyboard.press("Escape");

    const opener = page.locator(".nav-foot").getByRole("button", { name: "Keyboard shortcuts" }).first();
    await opener.click();
    await page.getByRole("checkbox").check();
    await page.keyboard.press("Escape");
    expect(await opener.evaluate((button) => button === document.activeElement)).toBe(true);
    await page.goto(`${server.url}/jobs/new`);
    const field = page.locator("main input[type=text], main input:not([type])").first();
    await field.fill("");
    await field.focus();
    await page.keyboard.type("g?/f");
    expect(await field.inputValue()).toBe("g?/f");
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  it("leaves no target below 24 px, and offers a range only where it does something", async () => {
    for (const [path, ranged] of Object.entries({
      "/": 1,
      "/centres/qinghai": 1,
      "/jobs": 1,
      "/reports": 0,
      "/people": 0,
      "/jobs/new": 0,
    })) {
      await page.goto(server.url + path);
      expect([path, await page.locator('.range select[name="from"]').count()]).toEqual([path, ranged]);
      const small = await page.evaluate(() =>
        [
          ...document.querySelectorAll(
            ".bar :is(a, button, select), .nav :is(a, button), .seg :is(a, label), .btn, td a, th a",
          ),
        ]
          .filter((element) => (element as HTMLElement).checkVisibility())
          .map((element) => `${element.textContent} ${element.getBoundingClientRect().height.toFixed(1)}`)
          .filter((text) => Number(text.split(" ").at(-1)) < 24),
      );
      expect([path, small]).toEqual([path, []]);
    }
    const icon = await fetch(`${server.url}/favicon.ico`);
    expect([icon.status, icon.headers.get("content-type")]).toEqual([200, "image/x-icon"]);
  });
});
