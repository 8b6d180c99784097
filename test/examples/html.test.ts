import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { LastingServer } from '../fault/support/lasting-server.ts';
import { launchBrowser } from '../support/browser.ts';
import { Operator, operated } from '../support/operator.ts';
import { waitUntil } from '../support/wait-until.ts';
import { MeddlingProxy } from './support/meddling-proxy.ts';
import { openServer, patient } from './support/room-server.ts';
import { logOf, visitor } from './support/transcript.ts';
import { lookMs, patienceMs } from './support/typist.ts';

const file = fileURLToPath(new URL('../../examples/html/feed.html', import.meta.url));

describe('the example in HTML', { concurrency: 3 }, () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  async function open(t: TestContext, parlor: string): Promise<Page> {
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    await page.goto(`${await startHost(t)}?room=${parlor.replace('http://', '')}/lobby/`);
    return page;
  }

  it('follows the feed from another origin, through kills of the server and refusals on the way', async (t) => {
    const server = await LastingServer.fromSource(t, patient);
    await server.start();
    const proxy = await MeddlingProxy.open(t, server.url);
    const bob = await visitor(t, server.url, 'Bob');
    await bob.send('before anybody looked');
    const page = await open(t, proxy.url);
    await shows(page, 'Bob: before anybody looked');
    await bob.send('<b>not bold</b>');
    await shows(page, 'Bob: <b>not bold</b>');
    // An EventSource is closed for good by this.
    proxy.refuse(/GET .*\/feed/, 502);
    await server.kill();
    await waitUntil(() => proxy.unmet === 0, 'the feed was refused', patienceMs);
    await server.start();
    await bob.send('after it was away');
    await shows(page, 'Bob: after it was away');
    await isTranscript(page, server.url);
    assert.equal(await page.getByRole('status').textContent(), '');
  });

  it('tells a gap when a server that keeps nothing was started again', async (t) => {
    const first = await openServer(t);
    const proxy = await MeddlingProxy.open(t, first.url);
    const page = await open(t, proxy.url);
    await (await visitor(t, first.url, 'Bob')).send('one');
    await shows(page, 'Bob: one');
    await first.close();
    const server = await openServer(t);
    proxy.target = server.url;
    await (await visitor(t, server.url, 'Bob')).send('two');
    await shows(page, 'Bob: two');
    const lines = await linesOf(page);
    assert.deepEqual(lines.slice(lines.indexOf('Some events are lost.') + 1), [
      'Bob has joined.',
      'Bob: two',
    ]);
  });

  it('LOG-4: shows announcements, and nothing of what is redacted', async (t) => {
    const server = await openServer(t, operated);
    const operator = new Operator(server.url);
    const bob = await visitor(t, server.url, 'Bob');
    const { body: before } = await bob.send('before anybody looked');
    await operator.redact(before.id);
    const page = await open(t, server.url);
    const { body: bad } = await bob.send('bad');
    const announced = await operator.announce('<b>we close</b>');
    await shows(page, 'Announcement: <b>we close</b>');
    for (const id of [bad.id, announced]) await operator.redact(id);
    await bob.send('good');
    await shows(page, 'Bob: good');
    assert.deepEqual(await linesOf(page), [
      'Bob has joined.',
      'Bob: (removed)',
      'Bob: (removed)',
      'Announcement: (removed)',
      'Bob: good',
    ]);
  });

  it('works as a file, too', async (t) => {
    const server = await openServer(t);
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(`${pathToFileURL(file)}?room=${server.url}/lobby`);
    await (await visitor(t, server.url, 'Bob')).send('to a file');
    await shows(page, 'Bob: to a file');
  });
});

/** Somebody's web server, of another origin than the room's. */
async function startHost(t: TestContext): Promise<string> {
  const host = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(readFileSync(file));
  });
  host.listen(0, '127.0.0.1');
  await once(host, 'listening');
  t.after(() => {
    host.closeAllConnections();
    host.close();
  });
  const address = host.address();
  if (address === null || typeof address === 'string') throw new Error('The host is closed.');
  return `http://localhost:${address.port}/`;
}

function linesOf(page: Page): Promise<string[]> {
  return page.getByRole('log').locator('li').allTextContents();
}

async function shows(page: Page, line: string): Promise<void> {
  const isThere = async () => (await linesOf(page)).includes(line);
  await waitUntil(isThere, `the page shows "${line}"`, patienceMs, lookMs);
}

async function isTranscript(page: Page, url: string): Promise<void> {
  const words = { join: ' has joined.', leave: ' has left.' } as Record<string, string>;
  const events = await logOf(url);
  assert.deepEqual(
    await linesOf(page),
    events.map(({ type, name, message }) =>
      message === undefined ? `${name}${words[type]}` : `${name}: ${message}`,
    ),
  );
}
