import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { builtPage } from '../support/built-page.ts';
import { startServer } from '../support/test-server.ts';

describe('the language of the page', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  async function opened(t: TestContext, locale: string, isCut = false): Promise<Page> {
    const server = await startServer({}, { publicDirectory: await builtPage() });
    const context = await browser.newContext({ locale });
    t.after(async () => {
      await context.close();
      await server.close();
    });
    const page = await context.newPage();
    if (isCut) await page.route('**/assets/de-*.js', (route) => route.abort());
    await page.goto(server.url);
    return page;
  }

  it('is the reader’s, if the page speaks it', async (t) => {
    const page = await opened(t, 'de-CH');
    await page.getByRole('textbox', { name: 'Dein Name' }).fill('Ada 😀');
    await page.getByRole('button', { name: 'Den Raum betreten' }).click();
    await page.getByText('In einem Namen geht 😀 nicht.').waitFor();
    await page.getByRole('textbox', { name: 'Dein Name' }).fill('x'.repeat(33));
    await page.getByRole('button', { name: 'Den Raum betreten' }).click();
    await page.getByText('Ein Name hat höchstens 32 Zeichen; dieser hat 33.').waitFor();
    await page.getByRole('textbox', { name: 'Dein Name' }).fill('Ada');
    await page.getByRole('button', { name: 'Den Raum betreten' }).click();
    const field = page.getByRole('textbox', { name: 'Nachricht' });
    await page.setViewportSize({ width: 360, height: 740 });
    await page.reload();
    const heightWith = async (text: string) => {
      await field.fill(text);
      return (await field.boundingBox())?.height;
    };
    assert.equal(await heightWith(''), await heightWith('x'), 'what hints at the field fits into one line');
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  });

  it('is English where the page does not speak it, and loads no other', async (t) => {
    const page = await opened(t, 'fr-FR');
    await page.getByRole('textbox', { name: 'Your name' }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    const loaded = await page.evaluate<string[]>(
      'performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname)',
    );
    assert.ok(loaded.some((path) => /^\/assets\/page-.*\.js$/.test(path)));
    assert.deepEqual(
      loaded.filter((path) => path.includes('/de-')),
      [],
    );
  });

  it('is English where its file does not come', async (t) => {
    const page = await opened(t, 'de-DE', true);
    await page.getByRole('textbox', { name: 'Your name' }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  });
});
