import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { violationsOn } from '../support/accessibility.ts';
import { launchBrowser } from '../support/browser.ts';
import { openPage } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';

describe('the page of the API, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  const widthOf = (page: Page) => page.evaluate('document.documentElement.scrollWidth');

  it('shows every operation, and asks nobody else for anything', async (t) => {
    const server = await servePage(t);
    const page = await openPage(t, browser, 'about:blank');
    const asked: string[] = [];
    const troubles: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => troubles.push(message.text()));
    const answer = await page.goto(`${server.url}/docs`);
    assert.match(answer?.headers()['content-security-policy'] ?? '', /default-src 'none'; style-src 'self'/);
    assert.deepEqual(
      asked.filter((url) => !url.startsWith(`${server.url}/`)),
      [],
    );
    assert.ok(
      asked.some((url) => /\/assets\/docs-[A-Z0-9]+\.css$/.test(url)),
      asked.join(),
    );
    const { paths } = JSON.parse(await (await fetch(`${server.url}/openapi.json`)).text());
    const names: string[] = Object.values<Record<string, { operationId: string }>>(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    assert.ok(names.length > 25);
    for (const name of names) {
      assert.equal(await page.getByRole('heading', { name, exact: true, level: 3 }).count(), 1, name);
    }
    assert.deepEqual(troubles, []);
  });

  it('has no link that leads nowhere', async (t) => {
    const server = await servePage(t);
    const page = await openPage(t, browser, `${server.url}/docs/`);
    const lost = await page.evaluate(`[...document.querySelectorAll('a[href^="#"]')]
      .filter((link) => document.getElementById(link.hash.slice(1)) === null).map((link) => link.hash)`);
    assert.deepEqual(lost, []);
    const ids = await page.evaluate(`[...document.querySelectorAll('[id]')].map(({ id }) => id)`);
    assert.ok(Array.isArray(ids));
    assert.equal(new Set(ids).size, ids.length);
    await page.getByRole('navigation').getByRole('link', { name: 'send', exact: true }).click();
    await page.waitForURL(/#send$/);
    const send = page.getByRole('article', { name: 'send', exact: true });
    await send.getByText('/v1/rooms/{room}/session/messages').waitFor();
    await send.getByRole('link', { name: 'key-reused' }).click();
    await page.waitForURL(/#error-key-reused$/);
  });

  it('is for everybody (WCAG 2.2 AA, by axe-core), wide and narrow, by day and by night', async (t) => {
    const server = await servePage(t);
    const page = await openPage(t, browser, `${server.url}/docs`);
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: 740 });
      assert.equal(await widthOf(page), width);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await violationsOn(page), [], `${width} ${colorScheme}`);
      }
    }
    // The first thing that the keyboard reaches leads past the contents.
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.hash'), '#content');
  });
});
