import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { violationsOn } from '../support/accessibility.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import {
  adminToken,
  answerRoomsAndBans,
  answerSessions,
  giveToken,
  goTo,
  manySessions,
  openDesk,
  openDoor,
  partOf,
  rowOf,
} from '../support/operator-page.ts';
import { servePage } from '../support/page-server.ts';

const parts = ['Overview', 'Sessions', 'Rooms', 'Bans'] as const;

describe('the page of the operator for everybody (WCAG 2.2 AA, by axe-core), in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  const serve = (t: TestContext) => servePage(t, { ADMIN_TOKEN: adminToken });

  /** By day and by night, and from right to left; nothing is wider than the window. */
  async function isFine(page: Page, state: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      assert.deepEqual(await violationsOn(page), [], `${state}, ${colorScheme}`);
    }
    await page.evaluate(`document.documentElement.dir = 'rtl'`);
    assert.deepEqual(await violationsOn(page), [], `${state}, right to left`);
    await page.evaluate(`document.documentElement.dir = 'ltr'`);
    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    assert.equal(overflow, 0, `${state}: nothing is wider than the window`);
  }

  it('at the door, refused, and with every part on a wide screen', async (t) => {
    const server = await serve(t);
    const page = await openDoor(t, browser, server.url);
    await isFine(page, 'the door');
    await giveToken(page, 'short');
    await page.getByText('This cannot be it').waitFor();
    await isFine(page, 'the door that refuses');
    await answerSessions(page, manySessions(9, Date.now()));
    await answerRoomsAndBans(page);
    await giveToken(page);
    for (const part of parts) {
      await goTo(page, part);
      if (part !== 'Overview') await partOf(page).getByRole('rowheader').first().waitFor();
      else await page.locator('canvas').nth(5).waitFor();
      await isFine(page, part);
    }
    await goTo(page, 'Sessions');
    await partOf(page).getByText('Filters', { exact: true }).click();
    await partOf(page).getByLabel('Streams', { exact: true }).fill('x');
    await isFine(page, 'filters of which one cannot be read');
  });

  it('with each thing it asks before it acts', async (t) => {
    const server = await serve(t);
    const ada = await ApiClient.join(server.url, 'Ada');
    await ada.send('said before');
    const page = await openDesk(t, browser, server.url);
    await answerRoomsAndBans(page);
    const opened = async (what: string) => {
      await page.getByRole('dialog').waitFor();
      await isFine(page, what);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    };
    await goTo(page, 'Sessions');
    for (const act of ['Remove: Ada', 'Ban: Ada']) {
      await page.getByRole('button', { name: act }).click();
      await opened(act);
    }
    await goTo(page, 'Rooms');
    for (const act of ['Announce: lobby', 'Close: lobby', 'Reopen: tea']) {
      await page.getByRole('button', { name: act }).click();
      await opened(act);
    }
    await page.getByRole('button', { name: 'Messages: lobby' }).click();
    await page.getByText('said before').waitFor();
    await opened('the messages of a room');
    await goTo(page, 'Bans');
    await page.getByRole('button', { name: 'Ban somebody' }).click();
    await opened('a ban of somebody');
    await page.getByRole('button', { name: 'Lift: Mallory' }).click();
    await opened('lifting a ban');
  });

  it('on a telephone, where each row is a card', async (t) => {
    const server = await serve(t);
    const page = await openDesk(t, browser, server.url);
    await page.setViewportSize({ width: 360, height: 740 });
    await answerSessions(page, manySessions(9, Date.now()));
    await answerRoomsAndBans(page);
    for (const part of parts) {
      await goTo(page, part);
      if (part !== 'Overview') await partOf(page).getByRole('rowheader').first().waitFor();
      await isFine(page, `${part} on a telephone`);
    }
    await goTo(page, 'Sessions');
    const card = rowOf(page, 'Guest 1');
    assert.equal(await card.getByRole('cell').count(), 12, 'a card is still a row');
    await partOf(page).getByLabel('Sort by').selectOption('Streams');
    await partOf(page).getByRole('button', { name: 'Ascending' }).click();
    assert.equal(await partOf(page).locator('[data-key=streams]').first().textContent(), '1');
    await card.getByRole('button', { name: 'Ban: Guest 1' }).click();
    await isFine(page, 'a question on a telephone');
  });

  it('goes by keys alone', async (t) => {
    const server = await serve(t);
    await ApiClient.join(server.url, 'Ada');
    const page = await openDoor(t, browser, server.url);
    // The field has the focus.
    await page.keyboard.type(adminToken);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Sessions' }).focus();
    await page.keyboard.press('Enter');
    const remove = page.getByRole('button', { name: 'Remove: Ada' });
    await remove.waitFor();
    const focused = () =>
      page.evaluate<string>(`(document.activeElement.getAttribute('aria-label') ||
      document.activeElement.textContent || document.activeElement.id)`);
    for (let steps = 0; (await focused()) !== 'Remove: Ada'; steps++) {
      assert.ok(steps < 40, `after 40 steps the focus is on ${await focused()}`);
      await page.keyboard.press('Tab');
    }
    // It stays there while the table goes on changing.
    await ApiClient.join(server.url, 'Bob');
    await rowOf(page, 'Bob').waitFor();
    assert.equal(await focused(), 'Remove: Ada');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Remove Ada?' }).waitFor();
    await page.keyboard.type('Shouts');
    assert.equal(await page.getByRole('dialog').getByLabel('Reason').inputValue(), 'Shouts');
    await page.keyboard.press('Enter');
    await page.getByText('Ada was removed from lobby.').waitFor();
  });
});
