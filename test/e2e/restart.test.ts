import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { LastingServer } from '../fault/support/lasting-server.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { entriesOf, join, namesOn, openPage, say, shows } from '../support/chat-page.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('pages whose server is killed and started again', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  it('go on by themselves, with the whole talk and nobody left [SES-8, P-1, P-2]', async (t) => {
    const server = await LastingServer.open(t);
    await server.start();
    const ada = await openPage(t, browser, server.url);
    const bob = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    await join(bob, 'Bob');
    // A member is in the room from its first stream on.
    for (const page of [ada, bob]) await page.getByText('Live', { exact: true }).waitFor();
    const talk: string[] = [];
    for (let turn = 1; turn <= 5; turn++) {
      for (const [page, name] of [[ada, 'Ada'] as const, [bob, 'Bob'] as const]) {
        const text = `${name}, turn ${turn}`;
        talk.push(text);
        await say(page, text);
        await shows(ada, text);
        await shows(bob, text);
      }
    }
    const pages = [ada, bob];
    await waitUntil(async () => (await namesOn(ada)).length === 2, 'the roster is drawn');
    const namesBefore = await Promise.all(pages.map(namesOn));
    const entriesBefore = await Promise.all(pages.map(entriesOf));

    await server.kill();
    await ada.getByText('Live', { exact: true }).waitFor({ state: 'hidden' });
    await say(ada, 'written while it was away');
    await server.start();

    for (const page of pages) {
      await shows(page, 'written while it was away');
      await page.getByText('Live', { exact: true }).waitFor();
    }
    await say(bob, 'Bob is still here');
    for (const page of pages) await shows(page, 'Bob is still here');
    for (const [index, page] of pages.entries()) {
      const entries = await entriesOf(page);
      const entriesThen = entriesBefore[index] ?? [];
      assert.deepEqual(entries.slice(0, entriesThen.length), entriesThen);
      // No join, no leave, no word of a gap: nothing but what was said.
      assert.equal(entries.length, entriesThen.length + 2, entries.join(' | '));
      assert.deepEqual(await namesOn(page), namesBefore[index]);
    }

    await ada.reload();
    await shows(ada, 'Bob is still here');
    for (const text of talk) await shows(ada, text);
    const watcher = await ApiClient.join(server.url, 'Watcher');
    const { body } = await watcher.updates({ after: '0' });
    assert.deepEqual(
      body.events.map(({ type, name, message }) => message ?? `${type} ${name}`),
      ['join Ada', 'join Bob', ...talk, 'written while it was away', 'Bob is still here', 'join Watcher'],
    );
  });
});
