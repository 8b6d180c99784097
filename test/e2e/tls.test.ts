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

  it('asks whoever has a certificate for nothing, and whoever has none for a name where that will do', async (t) => {
    if (!has(t, 'openssl')) return;
    const [own, people] = [await Authority.create(t, 'own'), await Authority.create(t, 'people')];
    const { cert, key } = await own.server();
    const options = { TLS_CERT: cert, TLS_KEY: key, TLS_CLIENT_CA: people.cert };
    const server = await servePage(t, { ...options, AUTH: 'certificate,open' });
    const { cert: certPath, key: keyPath } = await people.issue('ada', { subject: '/CN=Ada' });
    const { origin } = new URL(server.url);
    const open = async (clientCertificates: { origin: string; certPath: string; keyPath: string }[]) => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true, clientCertificates });
      t.after(() => context.close());
      const page = await context.newPage();
      await page.goto(server.url);
      return page;
    };
    const ada = await open([{ origin, certPath, keyPath }]);
    await ada.getByRole('button', { name: 'Join the room' }).click();
    await ada.locator('#roster li .name', { hasText: /^Ada$/ }).waitFor();
    const bob = await open([]);
    await join(bob, 'Bob');
    await say(ada, 'known by my certificate');
    await shows(bob, 'known by my certificate');
  });
});
