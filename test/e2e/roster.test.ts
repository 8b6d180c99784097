import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { violationsOn } from '../support/accessibility.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { join, namesOn, openPage } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';
import type { TestServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const crowd = ['Bob', 'Zoë', 'Carl', 'Dora', 'Émile', 'Frieda', 'Gus', 'Hana', 'Ida', 'Jan 10', 'Jan 9'];

describe('the roster in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  const started = (t: TestContext) => servePage(t, { CREATE_LIMIT: 'off' });

  /** Mia's page, inside with these. */
  async function inside(t: TestContext, names: readonly string[], server?: TestServer): Promise<Page> {
    const { url } = server ?? (await started(t));
    for (const name of names) await ApiClient.join(url, name);
    const page = await openPage(t, browser, url);
    await join(page, 'Mia');
    await waitUntil(async () => (await namesOn(page)).length === names.length + 1, 'all are shown');
    return page;
  }

  it('lists oneself first and the others by name, and counts them', async (t) => {
    const page = await inside(t, crowd);
    const others = ['Bob', 'Carl', 'Dora', 'Émile', 'Frieda', 'Gus', 'Hana', 'Ida', 'Jan 9', 'Jan 10', 'Zoë'];
    assert.deepEqual(await namesOn(page), ['Mia', ...others]);
    assert.equal(await page.locator('#roster .count').textContent(), '12');
  });

  it('says who is new, leaves the others where they are, and takes out who leaves', async (t) => {
    const server = await started(t);
    const page = await inside(t, ['Bob', 'Zoë'], server);
    await page.locator('#roster li').evaluateAll((items) => {
      for (const item of items) item.setAttribute('data-kept', '');
    });
    const carl = await ApiClient.join(server.url, 'Carl');
    await page.getByRole('button', { name: 'Carl new' }).waitFor();
    assert.deepEqual(await namesOn(page), ['Mia', 'Bob', 'Carl', 'Zoë']);
    assert.equal(await page.locator('#roster .new').count(), 1);
    assert.equal(await page.locator('#roster li[data-kept]').count(), 3);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      assert.deepEqual(await violationsOn(page), [], colorScheme);
    }
    await carl.destroy();
    await waitUntil(async () => (await namesOn(page)).length === 3, 'Carl is gone');
  });

  it('marks nobody as new any more after two minutes', async (t) => {
    const server = await started(t);
    const page = await openPage(t, browser, server.url);
    await page.clock.install();
    await page.reload();
    await join(page, 'Mia');
    await page.clock.runFor(1000);
    await page.locator('#roster').getByText('Mia').waitFor();
    await ApiClient.join(server.url, 'Carl');
    await waitUntil(async () => {
      await page.clock.runFor(50);
      return (await page.locator('#roster .new').count()) === 1;
    }, 'Carl is new');
    await page.clock.runFor(121_000);
    assert.equal(await page.locator('#roster .new').count(), 0);
    assert.deepEqual(await namesOn(page), ['Mia', 'Carl']);
  });

  it('finds names whatever their case and accents, and says when there is none', async (t) => {
    const page = await inside(t, crowd);
    const filter = page.getByRole('searchbox', { name: 'Find a name' });
    const visible = page.locator('#roster li:visible .name');
    await filter.fill('EM');
    assert.deepEqual(await visible.allTextContents(), ['Émile']);
    assert.equal(await page.locator('#roster .count').textContent(), '1 of 12');
    assert.equal(await page.locator('#roster [role=status]').textContent(), '1 of 12');
    await filter.fill('qq');
    await page.locator('#roster .nobody').waitFor();
    assert.deepEqual(await violationsOn(page), []);
    await page.keyboard.press('Escape');
    assert.equal(await filter.inputValue(), '');
    assert.equal(await visible.count(), 12);
    await filter.fill('jan');
    await page.keyboard.press('Enter');
    assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), 'Jan 9: ');
  });

  it('shows no filter to few people', async (t) => {
    const page = await inside(t, ['Bob']);
    assert.equal(await page.getByRole('searchbox').count(), 0);
  });

  it('is one Tab stop, and Enter on a name puts it into the message', async (t) => {
    const server = await started(t);
    const page = await inside(t, ['Bob', 'Carl', 'Dora'], server);
    const gus = await ApiClient.join(server.url, 'Gus');
    await page.getByRole('button', { name: 'Gus' }).waitFor();
    const member = (name: string) => page.locator('#roster').getByRole('button', { name });
    assert.equal(await page.locator('#roster li button[tabindex="0"]').count(), 1);
    await page.getByRole('button', { name: 'Send' }).focus();
    await page.keyboard.press('Tab');
    assert.ok(await hasFocus(member('Bob')));
    await page.keyboard.press('ArrowDown');
    assert.ok(await hasFocus(member('Carl')));
    await page.keyboard.press('End');
    assert.ok(await hasFocus(member('Gus')));
    await gus.destroy();
    await waitUntil(() => hasFocus(member('Dora')), 'the focus goes to a neighbour');
    await page.keyboard.press('ArrowUp');
    assert.equal(await page.locator('#roster li button[tabindex="0"]').count(), 1);
    const field = page.getByRole('textbox', { name: 'Message' });
    await page.keyboard.press('Enter');
    assert.ok(await hasFocus(field));
    assert.equal(await field.inputValue(), 'Carl: ');
    await field.pressSequentially('and');
    await member('Bob').click();
    assert.equal(await field.inputValue(), 'Carl: and Bob ');
  });

  it('is a modal drawer where it is narrow, and gives the focus back', async (t) => {
    const page = await inside(t, ['Bob']);
    await page.setViewportSize({ width: 360, height: 740 });
    const toggle = page.getByRole('button', { name: '2 here: show who' });
    const drawer = page.getByRole('dialog', { name: 'Here now' });
    const open = async () => {
      await toggle.click();
      await drawer.waitFor();
      assert.ok(await hasFocus(drawer.getByRole('button', { name: 'Close' })));
      assert.equal(await page.locator('.room > :not([inert])').count(), 1, 'the rest is out of reach');
    };
    await open();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    assert.ok(await hasFocus(toggle));
    await open();
    await page.mouse.click(10, 400);
    await drawer.waitFor({ state: 'hidden' });
    await open();
    await drawer.getByRole('button', { name: 'Bob' }).click();
    await drawer.waitFor({ state: 'hidden' });
    assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), 'Bob: ');
    await open();
    await page.setViewportSize({ width: 1280, height: 740 });
    await waitUntil(async () => (await page.locator('[inert]').count()) === 0, 'all is in reach');
    assert.equal(await drawer.count(), 0, 'a wide window has no drawer');
  });

  it('changes little for one who comes into a room of two thousand', async (t) => {
    const server = await started(t);
    const page = await openPage(t, browser, server.url);
    const many = Array.from({ length: 2000 }, (_, i) => `Member ${i}`);
    await page.route('**/session/users*', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      await route.fulfill({ response, json: { ...body, users: [...body.users, ...many] } });
    });
    await join(page, 'Mia');
    await waitUntil(
      async () => (await page.locator('#roster .count').textContent()) === '2,001',
      'all are here',
    );
    await page.evaluate(`
      globalThis.changes = 0;
      new MutationObserver((records) => {
        for (const { addedNodes, removedNodes } of records) changes += addedNodes.length + removedNodes.length;
      }).observe(document.querySelector('#roster ul'), { childList: true });
    `);
    await ApiClient.join(server.url, 'Newcomer');
    await page.locator('#roster').getByText('Newcomer').waitFor();
    assert.equal(await page.evaluate('changes'), 1);
  });
});

function hasFocus(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => element === element.ownerDocument.activeElement);
}
