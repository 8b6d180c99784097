import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { violationsOn } from '../support/accessibility.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { openPage } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';

describe('the page that builds snippets, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  it('builds one, shows it live, and says what the server has to allow', async (t) => {
    const server = await servePage(t, { ROOMS: 'lobby,tea', EMBED_ORIGINS: 'https://known.example' });
    const page = await openPage(t, browser, `${server.url}/embed`);
    const snippet = page.locator('#snippet');
    const script = `<script type="module" src="${server.url}/embed.js"></script>`;
    assert.equal(await snippet.textContent(), `${script}\n<parlor-room room="lobby"></parlor-room>`);
    const preview = page.frameLocator('parlor-room iframe');
    await preview.getByRole('heading', { name: 'lobby' }).waitFor();
    // An example, which keeps what the server has.
    await page.getByText('EMBED_ORIGINS=https://known.example,https://www.example.org').waitFor();
    assert.deepEqual(await violationsOn(page), [], 'a room');

    await page.getByLabel('Room', { exact: true }).fill('tea');
    await page.getByLabel('Theme').selectOption('dark');
    await page.getByLabel('Accent of your own').check();
    await page.getByLabel('Accent', { exact: true }).fill('#ff0066');
    await page.getByLabel('Height').fill('400');
    assert.equal(
      await snippet.textContent(),
      `${script}\n<parlor-room room="tea" theme="dark" accent="#ff0066" height="400"></parlor-room>`,
    );
    await preview.getByRole('heading', { name: 'tea' }).waitFor();
    await preview.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await preview.getByRole('button', { name: 'Join the room' }).click();
    await preview.getByRole('textbox', { name: 'Message' }).waitFor();
    assert.equal((await page.locator('parlor-room').boundingBox())?.height, 400);

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied.').waitFor();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), await snippet.textContent());

    const address = page.getByLabel('Address of your page');
    await address.fill('https://www.new.example/chat.html');
    await page.getByText('EMBED_ORIGINS=https://known.example,https://www.new.example').waitFor();
    await address.fill('https://known.example');
    await page.getByText('This server allows it').waitFor();
    assert.equal(await page.getByText('EMBED_ORIGINS=').count(), 0);

    await page.getByLabel('What to show').selectOption('feed');
    await page.getByLabel('Messages').fill('5');
    assert.match((await snippet.textContent()) ?? '', /<parlor-feed room="tea" last="5" theme="dark"/);
    const bob = await ApiClient.join(server.url, 'Bob', { room: 'tea' });
    await bob.send('shown live');
    await page.locator('parlor-feed').getByText('shown live').waitFor();
    assert.deepEqual(await violationsOn(page), [], 'a feed');
  });

  it('says that a feed which is not public cannot be shown elsewhere', async (t) => {
    const server = await servePage(t, { FEED: 'members' });
    const page = await openPage(t, browser, `${server.url}/embed`);
    await page.getByLabel('What to show').selectOption('feed');
    await page.getByText('Feeds of this server are not public').waitFor();
  });
});
