/** Parlor on the host name of another site, as docs/proxies.md has it: its pages beside that site's, its API below a path. */

import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser } from 'playwright-core';
import { join as joinRoom } from '../../src/client/index.ts';
import { faultsOf, findings, sentence } from '../cli/doctor/findings.ts';
import { launchBrowser } from '../support/browser.ts';
import { join, openPage, say, shows } from '../support/chat-page.ts';
import { has } from '../support/needs.ts';
import { operated } from '../support/operator.ts';
import { servePage } from '../support/page-server.ts';
import { nginxArguments, ProxyProcess } from '../support/proxy-process.ts';
import { freePort } from '../support/redis-server.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { waitUntil } from '../support/wait-until.ts';
import { blockOf, type Change } from './support/recipes.ts';

/** A site of somebody else, with a room `chat` on its host. Its address, without a slash at the end. */
async function besideSite(t: TestContext): Promise<string> {
  const server = await servePage(t, { ROOMS: 'chat', TRUST_PROXY: '127.0.0.1', ...operated });
  const folder = temporaryFolder(t);
  const port = await freePort();
  const upstream: Change = ['127.0.0.1:3000', `127.0.0.1:${server.port}`];
  const site = `server {
    listen 127.0.0.1:${port};
    default_type text/html;
    location / { return 200 '<title>Another site</title>'; }
    ${blockOf('nginx: beside', [upstream])}
    ${blockOf('nginx: below', [upstream])}
  }`;
  await new ProxyProcess(t, 'nginx', nginxArguments(folder, site), folder, port).start();
  return `http://127.0.0.1:${port}`;
}

describe('docs/proxies.md: beside another site', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  it('has the page at the name of its room, with all that it loads, and the site at every other address', async (t) => {
    if (!has(t, 'nginx')) return;
    const url = await besideSite(t);
    const ada = await openPage(t, browser, 'about:blank');
    const loaded = new Map<string, string>();
    ada.on('response', (response) => {
      const type = response.headers()['content-type'] ?? '';
      loaded.set(new URL(response.url()).pathname, `${response.status()} ${type}`);
    });
    await ada.goto(`${url}/chat`);
    const bob = await openPage(t, browser, `${url}/chat`);
    await join(ada, 'Ada');
    await join(bob, 'Bob');
    await say(ada, 'Hello beside the site!');
    await shows(bob, 'Hello beside the site!');
    await bob.goto(`${url}/plain/chat`);
    await bob.getByText('Hello beside the site!').waitFor({ state: 'attached' });
    assert.ok([...loaded.keys()].some((path) => /^\/v1\/.*\/events$/.test(path)));
    // The site answers everything with HTML.
    const strays = [...loaded].filter(([path, type]) => path !== '/chat' && /html|^[45](?!01)/.test(type));
    assert.deepEqual(strays, []);
    for (const path of [
      '/embed',
      '/embed/chat',
      '/embed.js',
      '/static/favicon.svg',
      '/manifest/chat',
      '/plain',
    ]) {
      const answer = await fetch(url + path, { headers: { accept: '*/*' } });
      assert.ok(answer.ok, path);
      assert.doesNotMatch(await answer.text(), /Another site/, path);
    }
    for (const path of ['/', '/chats', '/embedded', '/plainly', '/admin', '/livez', '/index.html']) {
      assert.match(await (await fetch(url + path)).text(), /Another site/, path);
    }
  });

  it('has the API below a path, for programs', async (t) => {
    if (!has(t, 'nginx')) return;
    const url = await besideSite(t);
    const ada = await joinRoom({ url: `${url}/parlor`, room: 'chat', name: 'Ada' });
    t.after(() => ada.close());
    const bob = await joinRoom({ url: `${url}/parlor/`, room: 'chat', name: 'Bob' });
    t.after(() => bob.close());
    for (const address of [`${url}/chat`, `${url}/parlor`]) {
      const all = await findings(address, { name: 'Doc' });
      assert.deepEqual(faultsOf(all), [], address);
      for (const check of ['buffering', 'cookie', 'message']) sentence(all, 'ok', check);
    }
    const heard: string[] = [];
    bob.on('message', ({ message }) => heard.push(message));
    await waitUntil(() => bob.state === 'live' && ada.state === 'live', 'both are inside');
    await ada.send('Hello below a path!');
    await waitUntil(() => heard.includes('Hello below a path!'), 'Bob hears Ada');
    await Promise.all([ada.leave(), bob.leave()]);
  });
});
