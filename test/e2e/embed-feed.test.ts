import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { exampleOf } from '../client/support/installed-client.ts';
import { MoodyProxy } from '../client/support/moody-proxy.ts';
import { violationsOn } from '../support/accessibility.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { setHidden } from '../support/chat-page.ts';
import { blockForeignCookies, chatAddress, type HostPage, hostPage } from '../support/host-page.ts';
import { Operator, operated } from '../support/operator.ts';
import { servePage } from '../support/page-server.ts';
import { page as docsPage } from '../support/readme.ts';
import type { TestServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('the feed in a page of another origin, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  interface Read {
    readonly host: HostPage;
    readonly server: TestServer;
    /** Between the browser and the server. */
    readonly proxy: MoodyProxy;
    readonly chat: string;
    readonly page: Page;
  }

  async function read(t: TestContext, options: Record<string, string> = {}): Promise<Read> {
    const host = await hostPage((close) => t.after(close));
    const server = await servePage(t, { SEND_LIMIT: 'off', ...options });
    const proxy = await MoodyProxy.open(server.port);
    t.after(() => proxy.close());
    const chat = chatAddress(Number(new URL(proxy.url).port));
    host.html = `<!doctype html><html lang="en"><title>A shop</title><main><h1>A shop</h1>
      <script type="module" src="${chat}/embed.js"></script>
      <parlor-feed room="lobby" last="3"></parlor-feed></main>`;
    host.policy = `default-src 'none'; script-src ${chat}; connect-src ${chat}`;
    const page = await browser.newPage();
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(String(error)));
    page.on('dialog', (dialog) => troubles.push(dialog.message()));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) troubles.push(message.text());
    });
    t.after(() => page.close());
    t.after(() => assert.deepEqual(troubles, []));
    return { host, server, proxy, chat, page };
  }

  const texts = (page: Page) => page.locator('parlor-feed .text').allTextContents();
  const shows = (page: Page, text: string) =>
    page.getByRole('log').getByText(text, { exact: true }).waitFor();

  it('shows the last messages and those that come, as text, and no more than was wished', async (t) => {
    const { host, server, page } = await read(t);
    await blockForeignCookies(page);
    const ada = await ApiClient.join(server.url, 'Ada');
    const hostile = '<img src=x onerror="alert(1)"> javascript:alert(1) https://example.org/?a=<b>';
    for (const text of ['one', 'two', hostile, 'four']) await ada.send(text);
    // Joins and leaves are no messages.
    for (let i = 0; i < 20; i++) await (await ApiClient.join(server.url, `Guest ${i}`)).destroy();
    await page.goto(host.origin);
    await shows(page, 'four');
    assert.deepEqual(await texts(page), ['two', hostile, 'four']);
    assert.equal(await page.locator('parlor-feed img, parlor-feed b').count(), 0);
    const links = page.locator('parlor-feed a');
    assert.equal(await links.count(), 1);
    assert.equal(await links.getAttribute('href'), 'https://example.org/?a=');
    assert.match((await links.getAttribute('rel')) ?? '', /noopener noreferrer/);
    const bob = await ApiClient.join(server.url, 'Bob');
    await bob.send('/me waves');
    await waitUntil(
      async () => (await texts(page)).at(-1)?.startsWith('Bob waves') ?? false,
      'it comes live',
    );
    assert.equal((await texts(page)).length, 3);
    assert.deepEqual(await page.locator('parlor-feed [part~=name]').allTextContents(), ['Ada', 'Ada', 'Bob']);
  });

  it('goes on after a proxy’s 502, behind what it has shown', async (t) => {
    const { host, server, proxy, page } = await read(t);
    const ada = await ApiClient.join(server.url, 'Ada');
    await ada.send('before');
    await page.goto(host.origin);
    await shows(page, 'before');
    proxy.become('alone');
    await page.getByText('No connection. Trying again…').waitFor();
    await ada.send('meanwhile');
    proxy.become('fair');
    await shows(page, 'meanwhile');
    await ada.send('afterwards');
    await shows(page, 'afterwards');
    assert.deepEqual(await texts(page), ['before', 'meanwhile', 'afterwards']);
    await waitUntil(
      async () => !(await page.getByText('Trying again').isVisible()),
      'it says that all is well again',
    );
  });

  it('tells a gap', async (t) => {
    const { host, server, proxy, page } = await read(t, { HISTORY_EVENTS: '5' });
    host.html = host.html.replace('last="3"', 'last="10"');
    const ada = await ApiClient.join(server.url, 'Ada');
    await ada.send('before');
    await page.goto(host.origin);
    await shows(page, 'before');
    proxy.become('alone');
    await page.getByText('No connection. Trying again…').waitFor();
    for (let i = 1; i <= 9; i++) await ada.send(`number ${i}`);
    proxy.become('fair');
    await page.getByText('Events missing here: 4').waitFor();
    await shows(page, 'number 9');
    assert.deepEqual(await texts(page), ['before', ...[5, 6, 7, 8, 9].map((i) => `number ${i}`)]);
  });

  it('takes back what is redacted also where numbers have begun anew, and nothing else', async (t) => {
    const { host, server, page } = await read(t);
    host.html = host.html.replace('last="3"', 'last="10"');
    const example = exampleOf(docsPage('docs/embed.md'), 'feed').replaceAll(
      'http://127.0.0.1:3000',
      server.url,
    );
    host.html = host.html.replace('</main>', `</main>${example}`);
    host.policy = '';
    const sendBoth = async (first: string, second: string) => {
      const ada = await ApiClient.join(server.url, 'Ada');
      const answers = [await ada.send(first), await ada.send(second)];
      for (const text of [first, second]) await shows(page, text);
      return answers.map(({ body }) => body.id);
    };
    await (await ApiClient.join(server.url, 'Nobody')).destroy();
    await page.goto(host.origin);
    const before = await sendBoth('before', 'before that');
    await server.close();
    await servePage(t, { SEND_LIMIT: 'off', PORT: String(server.port), ...operated });
    await (await ApiClient.join(server.url, 'Nobody')).destroy();
    const after = await sendBoth('something bad', 'something good');
    assert.deepEqual(after, before, 'a store in memory begins anew');
    await new Operator(server.url).redact(after[0] ?? 0);
    await page.getByText('Message removed').waitFor();
    assert.deepEqual(await texts(page), ['before', 'before that', 'Message removed', 'something good']);
    await waitUntil(
      async () => (await page.locator('li').count()) === 3,
      'ten lines of one’s own take it back',
    );
    assert.deepEqual(await page.locator('li').allTextContents(), [
      'Ada: before',
      'Ada: before that',
      'Ada: something good',
    ]);
  });

  it('lets its connection go while nobody looks, and loses nothing by it', async (t) => {
    const { host, server, page } = await read(t);
    const ada = await ApiClient.join(server.url, 'Ada');
    const open = new Set<object>();
    server.app.server.on('request', (request, response) => {
      if (!request.url?.includes('/feed')) return;
      open.add(request);
      response.on('close', () => open.delete(request));
    });
    await page.goto(host.origin);
    await ada.send('seen');
    await shows(page, 'seen');
    await setHidden(page, true);
    await waitUntil(() => open.size === 0, 'the stream is closed');
    await ada.send('unseen');
    await setHidden(page, false);
    await shows(page, 'unseen');
    assert.deepEqual(await texts(page), ['seen', 'unseen']);
    await page.evaluate(`document.querySelector('parlor-feed').remove()`);
    await waitUntil(() => open.size === 0, 'a feed that is taken away lets go as well');
  });

  it('says that nothing was said yet, and of what cannot be read that it cannot', async (t) => {
    const { host, server, page } = await read(t);
    await page.goto(host.origin);
    await page.getByText('Nothing was said yet.').waitFor();
    await page.evaluate(`document.querySelector('parlor-feed').setAttribute('room', 'nowhere')`);
    await page.getByText('No connection. Trying again…').waitFor();
    await page.evaluate(`document.querySelector('parlor-feed').setAttribute('room', 'lobby')`);
    await page.getByText('Nothing was said yet.').waitFor();
    const ada = await ApiClient.join(server.url, 'Ada');
    await ada.send('the first');
    await shows(page, 'the first');
    assert.equal(await page.getByText('Nothing was said yet.').count(), 0);
    await page.evaluate(`document.querySelector('parlor-feed').removeAttribute('room')`);
    assert.equal(await page.getByText('the first').count(), 0, 'of no room nothing is shown');
  });

  it('looks as the page wishes, and can be read by everybody (WCAG 2.2 AA, by axe-core)', async (t) => {
    const { host, server, page } = await read(t);
    const ada = await ApiClient.join(server.url, 'Ada');
    await ada.send('look at https://example.org/');
    await (await ApiClient.join(server.url, 'Grace')).send('I do');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(host.origin);
    await shows(page, 'I do');
    const background = () =>
      page.evaluate(
        `getComputedStyle(document.querySelector('parlor-feed').shadowRoot.firstElementChild).backgroundColor`,
      );
    const becomes = (colour: string) => waitUntil(async () => (await background()) === colour, colour);
    assert.deepEqual(await violationsOn(page), [], 'by day');
    await page.emulateMedia({ colorScheme: 'dark' });
    await becomes('rgb(32, 29, 26)');
    assert.deepEqual(await violationsOn(page), [], 'by night');
    const set = (script: string) =>
      page.evaluate(`(feed => { ${script} })(document.querySelector('parlor-feed'))`);
    await set(`feed.setAttribute('theme', 'light'); feed.setAttribute('height', '200')`);
    await becomes('rgb(255, 253, 249)');
    await set(`feed.style.setProperty('--parlor-background', 'rgb(1, 2, 3)')`);
    await becomes('rgb(1, 2, 3)');
    assert.equal((await page.locator('parlor-feed').boundingBox())?.height, 200);
    await set(`feed.setAttribute('height', 'auto')`);
    await waitUntil(
      async () => ((await page.locator('parlor-feed').boundingBox())?.height ?? 200) < 190,
      'it is as high as what is in it',
    );
  });

  it('can be followed in ten lines of one’s own, as docs/embed.md has them', async (t) => {
    const { host, server, proxy, chat, page } = await read(t, operated);
    const example = exampleOf(docsPage('docs/embed.md'), 'feed').replaceAll('http://127.0.0.1:3000', chat);
    const [, script = ''] = /<script[^>]*>\n([\s\S]*)<\/script>/.exec(example) ?? [];
    assert.ok(script.trim().split('\n').length <= 13, 'some ten lines');
    host.html = `<!doctype html><meta charset="utf-8">${example}`;
    host.policy = '';
    const ada = await ApiClient.join(server.url, 'Ada');
    await ada.send('before <b>');
    await page.goto(host.origin);
    await page.getByText('Ada: before <b>').waitFor();
    proxy.become('alone');
    await ada.send('meanwhile');
    await waitUntil(() => proxy.asked.filter((each) => each.includes('/feed')).length >= 2, 'it has tried');
    proxy.become('fair');
    await page.getByText('Ada: meanwhile').waitFor();
    const { body: bad } = await ada.send('something bad');
    await page.getByText('Ada: something bad').waitFor();
    await new Operator(server.url).redact(bad.id);
    await ada.send('afterwards');
    await page.getByText('Ada: afterwards').waitFor();
    assert.deepEqual(
      (await page.locator('li').allTextContents()).map((text) => text.trim()),
      ['Ada: before <b>', 'Ada: meanwhile', 'Ada: afterwards'],
    );
  });
});
