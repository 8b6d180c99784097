import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser } from 'playwright-core';
import { exampleOf, installedClient } from '../client/support/installed-client.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { Operator, operated } from '../support/operator.ts';
import { page as pageOf } from '../support/readme.ts';
import { startServer } from '../support/test-server.ts';

/** Serves a page and, beside it, the client's modules as they were built; returns its origin. */
async function serve(t: TestContext, html: () => string): Promise<string> {
  const { modules } = await installedClient(t);
  const server = createServer(async (request, response) => {
    const isModule = request.url?.startsWith('/client/') && request.url.endsWith('.js');
    response.setHeader('content-type', isModule ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(isModule ? await readFile(join(modules, basename(request.url ?? ''))) : html());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  // Another name than the chat server has: another site.
  return `http://localhost:${address.port}`;
}

describe('the typed client in a page of another origin', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  it('joins, hears and shows, as docs/client.md says, without a bundler', async (t) => {
    let html = '';
    const origin = await serve(t, () => html);
    const server = await startServer({ ...operated, ALLOWED_ORIGINS: origin });
    t.after(() => server.close());
    const example = exampleOf(pageOf('docs/client.md'), 'page');
    html = `<!doctype html><body>${example.replaceAll('http://127.0.0.1:3000', server.url)}`;
    const ada = await ApiClient.join(server.url, 'Ada');
    await ada.send('said before');

    const page = await browser.newPage();
    t.after(() => page.close());
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(String(error)));
    await page.goto(origin);
    await page.getByText('Guest: join', { exact: true }).waitFor();
    await ada.send('said live');
    await page.getByText('Ada: said live', { exact: true }).waitFor();
    assert.deepEqual(await page.locator('#log li').allTextContents(), [
      'Ada: join',
      'Ada: said before',
      'Guest: join',
      'Ada: said live',
    ]);
    assert.deepEqual((await ada.users()).body.users, ['Ada', 'Guest']);
    const operator = new Operator(server.url);
    await operator.announce('We close at noon.');
    const announced = page.getByText('Announcement: We close at noon.', { exact: true });
    await announced.waitFor();
    const secret = await ada.send('my address');
    await page.getByText('Ada: my address', { exact: true }).waitFor();
    await operator.redact(secret.body.id);
    await page.getByText('Ada: my address', { exact: true }).waitFor({ state: 'detached' });
    assert.equal(await page.locator('#log li').last().textContent(), await announced.textContent());

    const place = await page.evaluate(
      async ({ module, url }) => {
        const { join } = await import(module);
        const room = await join({
          url,
          room: 'lobby',
          name: 'Second',
          storage: Reflect.get(globalThis, 'localStorage'),
        });
        const sent = await room.send('from another site');
        await room.leave();
        return { ...sent, state: room.state, ending: room.ending.reason };
      },
      { module: `${origin}/client/index.js`, url: server.url },
    );
    await page.getByText('Second: from another site', { exact: true }).waitFor();
    await page.getByText('Second: leave', { exact: true }).waitFor();
    assert.equal(typeof place.id, 'number');
    assert.deepEqual([place.state, place.ending], ['ended', 'destroyed']);
    assert.deepEqual(troubles, []);
  });
});
