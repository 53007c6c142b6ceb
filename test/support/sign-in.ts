import type { Page } from "playwright-core";

/** Opens a one-time link, gives the person a name, an address and a password, and waits for the fleet page. */
export async function redeemLink(page: Page, link: string, name: string, email: string): Promise<void> {
  await page.goto(link);
  await page.locator('input[name="name"]').fill(name);
  await page.locator('input[name="email"]').fill(email);
  await page.locator('input[name="password"]').fill("correct horse battery staple");
  await page.locator('form[method="post"] button[type="submit"]').first().click();
  await page.waitForURL(`${new URL(link).origin}/`);
}
