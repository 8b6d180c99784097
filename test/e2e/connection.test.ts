import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { join, openPage, say, shows } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('how it stands with the connection, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  it('a lost connection is said after a while, with a countdown, and tried again on a click', async (t) => {
    const server = await servePage(t);
    const ada = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    await ada.getByText('Live', { exact: true }).waitFor();
    const top = () => ada.getByRole('log').evaluate((log) => log.getBoundingClientRect().top);
    const topBefore = await top();
    await server.close();
    const banner = ada.locator('.trouble');
    await banner.getByText('No connection. What you write is sent later.').waitFor();
    assert.equal(await top(), topBefore, 'the log does not move');
    await banner.getByText(/^Trying again in \d+ s$/).waitFor();
    const said = ada.getByRole('status').filter({ hasText: 'No connection.' });
    assert.doesNotMatch((await said.textContent()) ?? '', /\d/, 'no screen reader hears the countdown');
    await say(ada, 'written meanwhile');

    // Not the one that is made by itself.
    await banner.getByText(/^Trying again in [2-9]/).waitFor();
    const asked = ada.waitForRequest('**/session/events*');
    await banner.getByRole('button', { name: 'Try now' }).click();
    await asked;

    await servePage(t, { PORT: String(server.port) });
    await shows(ada, 'written meanwhile');
    await banner.waitFor({ state: 'hidden' });
    await ada.getByRole('status').filter({ hasText: 'Connected again.' }).waitFor({ state: 'attached' });
  });

  it('a browser without network says so at once, and is back at once with it', async (t) => {
    const server = await servePage(t);
    const ada = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    await ada.getByText('Live', { exact: true }).waitFor();
    await ada.context().setOffline(true);
    await ada.locator('.trouble').getByText('You are offline.').waitFor();
    await ada.getByText('Offline', { exact: true }).waitFor();
    await say(ada, 'written offline');
    await ada.getByText('Is sent when the connection is back.').waitFor();
    const bob = await ApiClient.join(server.url, 'Bob');
    await ada.context().setOffline(false);
    await ada.locator('.trouble').waitFor({ state: 'hidden' });
    await shows(ada, 'written offline');
    await ada.getByText('Is sent when the connection is back.').waitFor({ state: 'detached' });
    await bob.send('welcome back');
    await shows(ada, 'welcome back');
  });

  it('a server on the same machine is not called away because the browser has no network', async (t) => {
    const server = await servePage(t);
    const ada = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    await ada.getByText('Live', { exact: true }).waitFor();
    const asked = ada.waitForResponse((response) => response.url().endsWith('/session/ping'));
    await ada.evaluate(`
      Object.defineProperty(navigator, 'onLine', { value: false, configurable: true });
      dispatchEvent(new Event('offline'));
    `);
    await asked;
    await ada.locator('.trouble').waitFor({ state: 'hidden' });
    await ada.getByText('Live', { exact: true }).waitFor();
  });

  it('while it polls it says why, until that is dismissed', async (t) => {
    const server = await servePage(t, { UPDATES_LIMIT: 'off' });
    const ada = await openPage(t, browser, server.url);
    await ada.route('**/session/events*', (route) =>
      route.fulfill({ status: 200, contentType: 'text/html', body: 'a page of the proxy' }),
    );
    await join(ada, 'Ada');
    const line = ada.locator('.trouble');
    await line.getByText('does not let the stream of messages through').waitFor();
    await line.getByRole('button', { name: 'All right' }).click();
    await line.waitFor({ state: 'hidden' });
    assert.equal(await ada.evaluate('document.activeElement.name'), 'message');
    const bob = await ApiClient.join(server.url, 'Bob');
    await bob.send('by a poll');
    await shows(ada, 'by a poll');
  });

  it('a page that is shown again looks at once', async (t) => {
    const server = await servePage(t);
    const ada = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    await ada.getByText('Live', { exact: true }).waitFor();
    await ada.route('**/session/**', (route) => route.abort());
    server.app.server.closeAllConnections();
    await ada
      .locator('.trouble')
      .getByText(/^Trying again in/)
      .waitFor();
    let tries = 0;
    ada.on('request', () => tries++);
    await ada.unroute('**/session/**');
    await ada.evaluate(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`);
    await ada.getByText('Live', { exact: true }).waitFor();
    await waitUntil(() => tries > 0, 'it was asked for anew');
  });

  it('a computer that has slept looks at once, though no event tells of it', async (t) => {
    const server = await servePage(t);
    const ada = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    await ada.getByText('Live', { exact: true }).waitFor();
    // Longer than this test waits.
    const busy = { status: 503, headers: { 'Retry-After': '600' }, body: '{"code":"unavailable"}' };
    await ada.route('**/session/**', (route) => route.fulfill(busy));
    server.app.server.closeAllConnections();
    await ada
      .locator('.trouble')
      .getByText(/^Trying again in \d{3} s$/)
      .waitFor();
    await ada.unroute('**/session/**');
    await ada.evaluate('{ const now = Date.now; Date.now = () => now() + 60_000; }');
    await ada.getByText(/^(Live|Polling)$/).waitFor();
  });

  it('a room that cannot be reached says so before one is in it, and is tried again on a click', async (t) => {
    const server = await servePage(t);
    const page = await openPage(t, browser, server.url);
    // Longer than this test waits.
    const busy = { status: 503, headers: { 'Retry-After': '600' }, body: '{"code":"unavailable"}' };
    await page.route('**/v1/**', (route) => route.fulfill(busy));
    await page.reload();
    await page.getByText('The room cannot be reached.').waitFor();
    await page.getByText(/^Trying again in \d{3} s$/).waitFor();
    await page.unroute('**/v1/**');
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByRole('button', { name: 'Join the room' }).waitFor();
  });

  it('a room that cannot be reached comes by itself', async (t) => {
    const server = await servePage(t);
    const page = await openPage(t, browser, server.url);
    await page.route('**/v1/**', (route) => route.abort());
    await page.reload();
    await page.getByText('The room cannot be reached.').waitFor();
    await page.unroute('**/v1/**');
    await page.getByRole('button', { name: 'Join the room' }).waitFor();
  });
});
