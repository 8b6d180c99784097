import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { Authority } from '../support/certificates.ts';
import { join, say, shows } from '../support/chat-page.ts';
import { has } from '../support/needs.ts';
import { servePage } from '../support/page-server.ts';

describe('the page over TLS, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  it('talks by streams, with a cookie for HTTPS alone, and without a word in the console', async (t) => {
    if (!has(t, 'openssl')) return;
    const { cert, key } = await (await Authority.create(t)).server();
    const server = await servePage(t, { TLS_CERT: cert, TLS_KEY: key });
    const said: string[] = [];
    const streams: string[] = [];
    const person = async (name: string) => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      t.after(() => context.close());
      const page = await context.newPage();
      page.on('console', (message) => {
        // Whoever comes for the first time has no session yet.
        if (!/status of 401/.test(message.text())) said.push(message.text());
      });
      page.on('pageerror', (error) => said.push(String(error)));
      page.on('response', (response) => {
        if (/text\/event-stream/.test(response.headers()['content-type'] ?? '')) streams.push(name);
      });
      await page.goto(server.url);
      await join(page, name);
      return { context, page };
    };
    const [ada, bob] = [await person('Ada'), await person('Bob')];
    await say(ada.page, 'hello over TLS');
    await shows(bob.page, 'hello over TLS');
    const [cookie] = await ada.context.cookies(server.url);
    assert.deepEqual([cookie?.name, cookie?.secure, cookie?.httpOnly], ['__Host-parlor-lobby', true, true]);
    assert.deepEqual([...new Set(streams)].sort(), ['Ada', 'Bob']);
    assert.deepEqual(said, []);
  });
});
