/** The room's page in a real browser, as a person uses it. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';

/** A page in a browser context of its own: another person. Fails the test on any error or dialog in it. */
export async function openPage(t: TestContext, browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('dialog', (dialog) => troubles.push(`dialog: ${dialog.message()}`));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) troubles.push(message.text());
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(troubles, []);
  });
  await page.goto(url);
  return page;
}

export async function join(page: Page, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Your name' }).fill(name);
  await page.getByRole('button', { name: 'Join the room' }).click();
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.keyboard.press('Enter');
}

/** Waits until the log shows `text` exactly `times` times. */
export async function shows(page: Page, text: string, times = 1): Promise<void> {
  const found = page.getByRole('log').getByText(text, { exact: true });
  await found.first().waitFor();
  assert.equal(await found.count(), times);
}

/** What the log shows, entry by entry. */
export function entriesOf(page: Page): Promise<string[]> {
  return page.locator('[role=log] .entry').allTextContents();
}

/** Who is here, as the page has it. */
export function namesOn(page: Page): Promise<string[]> {
  return page.locator('#roster li .name').allTextContents();
}

/** Lets the page believe that it is hidden, or seen again: browsers without a window show all their tabs. */
export async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  const state = isHidden ? 'hidden' : 'visible';
  await page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${state}' });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  `);
}
