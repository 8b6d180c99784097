import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { openPage, shows } from '../support/chat-page.ts';
import { installedPackage } from '../support/installed-package.ts';
import { assertProblem } from '../support/problem.ts';
import { ServerProcess } from '../support/server-process.ts';

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

describe('examples/plugin', () => {
  it('knows its customers, says what happens, and talks by a page of its own', async (t) => {
    const { folder } = await installedPackage(t, 'plugin');
    const shop = ServerProcess.spawn({ cwd: folder, command: [process.execPath, 'shop.js'] });
    t.after(() => shop.stop());
    const url = await shop.printed(/listening at (http:\/\/127\.0\.0\.1:\d+)/);

    const page = await openPage(t, browser, url);
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Talk to us' }).click();
    await page.getByRole('alert').getByText('The shop does not know this name').waitFor();
    await page.getByLabel('Password').fill('analytical engine');
    await page.getByRole('button', { name: 'Talk to us' }).click();
    await page.getByLabel('Message').fill('Do you sell engines?');
    await page.keyboard.press('Enter');
    await shows(page, 'Ada: Do you sell engines?');
    const order = await fetch(`${url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"item":"an engine"}',
    });
    assert.equal(order.status, 201);
    await shows(page, 'Shop: Somebody has bought an engine.');
    await page.getByLabel('Message').fill('My card is 1234567812345678');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Keep your card’s number to yourself.').waitFor();

    const bob = new ApiClient(`${url}/chat`);
    assert.equal((await bob.create({ name: 'Bob', password: 'builder' })).status, 201);
    assertProblem(await bob.send('hello'), 403, 'permission-denied');
    assert.equal((await bob.updates()).status, 200);
    const end = new Promise((resolve) => shop.child.once('close', resolve));
    shop.child.kill('SIGTERM');
    assert.equal(await end, 0);
    await shows(page, 'Announcement: The shop closes.');
    assert.match(shop.stdout, /"customer":"customer-2".*a customer is in the chat/);
  });
});
