import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { join, openPage, say, shows } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';
import { feedPage } from '../support/readme.ts';
import { StatusStore } from '../support/status-store.ts';
import type { TestServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('the page in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  function open(t: TestContext, server: TestServer): Promise<Page> {
    return openPage(t, browser, server.url);
  }

  /** A server with the page of this tree. */
  it('lets two people talk', async (t) => {
    const server = await servePage(t);
    const ada = await open(t, server);
    const bob = await open(t, server);
    await join(ada, 'Ada');
    await join(bob, 'Bob');
    await say(ada, 'Hello Bob');
    await shows(bob, 'Hello Bob');
    await say(bob, 'Hello Ada');
    await shows(ada, 'Hello Ada');
    await shows(ada, 'Hello Bob');
    await shows(bob, 'Hello Ada');
  });

  it('talks with a curl-like client in the same room', async (t) => {
    const server = await servePage(t);
    const ada = await open(t, server);
    await join(ada, 'Ada');
    const shell = await ApiClient.join(server.url, 'Shell');
    await shell.send('from the shell');
    await shows(ada, 'from the shell');
    await say(ada, 'from the page');
    await shows(ada, 'from the page');
    const { body } = await shell.updates({ after: shell.cursor });
    assert.deepEqual(
      body.events.filter(({ type }) => type === 'message').map(({ message }) => message),
      ['from the shell', 'from the page'],
    );
  });

  it('keeps the session on reload, without leave or join, and doubles nothing', async (t) => {
    const server = await servePage(t);
    const watcher = await ApiClient.join(server.url, 'Watcher');
    const ada = await open(t, server);
    await join(ada, 'Ada');
    await say(ada, 'before the reload');
    await shows(ada, 'before the reload');
    await ada.reload();
    await ada.getByRole('textbox', { name: 'Message' }).waitFor();
    await shows(ada, 'before the reload');
    await say(ada, 'after the reload');
    await shows(ada, 'after the reload');
    const { body } = await watcher.updates({ after: watcher.cursor });
    assert.deepEqual(
      body.events.map(({ type, name, message }) => [type, name, message].filter(Boolean).join(' ')),
      ['join Watcher', 'join Ada', 'message Ada before the reload', 'message Ada after the reload'],
    );
  });

  it('is told of the gap when the server restarts in mid-talk, and goes on', async (t) => {
    const first = await servePage(t);
    const ada = await open(t, first);
    await join(ada, 'Ada');
    await say(ada, 'before the restart');
    await shows(ada, 'before the restart');
    await first.close();
    const second = await servePage(t, { PORT: String(first.port) });
    await ada.getByText('The room was restarted').waitFor();
    const bob = await ApiClient.join(second.url, 'Bob');
    await bob.send('after the restart');
    await shows(ada, 'after the restart');
    await say(ada, 'Ada is still here');
    await shows(ada, 'Ada is still here');
    await shows(ada, 'before the restart');
    assert.deepEqual((await bob.users()).body.users, ['Ada', 'Bob']);
  });

  it('goes on by polling where a stream cannot be had', async (t) => {
    const server = await servePage(t, { UPDATES_LIMIT: 'off' });
    const ada = await open(t, server);
    await ada.route('**/session/events*', (route) => route.abort());
    await join(ada, 'Ada');
    await ada.getByText('Polling', { exact: true }).waitFor();
    const bob = await ApiClient.join(server.url, 'Bob');
    await bob.send('through a poll');
    await shows(ada, 'through a poll');
  });

  it('says so while the store is away, and sends what was written when it is back', async (t) => {
    const store = new StatusStore();
    const server = await servePage(t, {}, { store });
    const ada = await open(t, server);
    await join(ada, 'Ada');
    const notice = ada.getByText('Messages cannot be saved at the moment.');
    store.fail('append', 'before');
    store.become('away');
    await notice.waitFor();
    await say(ada, 'patience');
    await waitUntil(() => (store.calls.get('append') ?? 0) > 0, 'the message was refused');
    const bob = await open(t, server);
    await join(bob, 'Bob');
    await bob.getByText('Messages cannot be saved at the moment.').waitFor();
    store.heal();
    store.become('ready');
    await shows(bob, 'patience');
    await shows(ada, 'patience');
    assert.equal(await notice.count(), 0);
  });

  it('shows hostile text as text [P-5]', async (t) => {
    const server = await servePage(t);
    const ada = await open(t, server);
    await join(ada, 'Ada');
    const hostile = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
    await say(ada, hostile);
    await shows(ada, hostile);
    assert.equal(await ada.getByRole('log').locator('img, script').count(), 0);
  });

  it('feeds a page of another origin, as the README shows it', async (t) => {
    const server = await servePage(t);
    const host = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><body>${feedPage().replaceAll('http://127.0.0.1:3000', server.url)}`);
    }).listen(0, '127.0.0.1');
    await once(host, 'listening');
    t.after(() => host.close());
    const address = host.address();
    assert.ok(address && typeof address === 'object');
    const ada = await ApiClient.join(server.url, 'Ada');
    await ada.send('said before');
    const page = await browser.newPage();
    t.after(() => page.close());
    await page.goto(`http://localhost:${address.port}`);
    await page.getByText('Ada: said before').waitFor();
    await ada.send('said live');
    await page.getByText('Ada: said live').waitFor();
  });

  it('leaves the room, and shows the way back in', async (t) => {
    const server = await servePage(t);
    const ada = await open(t, server);
    await join(ada, 'Ada');
    await ada.getByText('Live', { exact: true }).waitFor();
    const bob = await ApiClient.join(server.url, 'Bob');
    await ada.getByRole('button', { name: 'Leave' }).click();
    await ada.getByRole('button', { name: 'Join the room' }).waitFor();
    const { body } = await bob.updates({ after: bob.cursor });
    assert.deepEqual(
      body.events.map(({ type, name }) => `${type} ${name}`),
      ['join Bob', 'leave Ada'],
    );
  });

  it('says beside the name that it is taken', async (t) => {
    const server = await servePage(t);
    await ApiClient.join(server.url, 'Ada');
    const page = await open(t, server);
    await page.getByRole('textbox', { name: 'Your name' }).fill('ada');
    await page.getByRole('button', { name: 'Join the room' }).click();
    await page.getByText('Somebody in the room has this name').waitFor();
  });
});
