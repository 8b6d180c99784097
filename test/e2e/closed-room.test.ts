import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { adminToken } from '../support/admin.ts';
import { launchBrowser } from '../support/browser.ts';
import { join, openPage } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';
import type { TestServer } from '../support/test-server.ts';

async function administer({ url }: TestServer, method: string, path: string, body?: object): Promise<void> {
  const { status } = await fetch(`${url}/v1/admin${path}`, {
    method,
    headers: {
      authorization: `Bearer ${adminToken}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  assert.ok(status === 204 || status === 201, `${status}`);
}

describe('a room that is closed, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  it('says so at its door and to who was inside, with the reason as text, and lets in again once it is open', async (t) => {
    const server = await servePage(t, { ADMIN_TOKEN: adminToken });
    const inside = await openPage(t, browser, server.url);
    await join(inside, 'Ada');
    await administer(server, 'PUT', '/rooms/lobby/closure', { reason: 'Back at <b>nine</b>.' });
    await inside.getByText('Back at <b>nine</b>.').first().waitFor();
    const outside = await openPage(t, browser, server.url);
    await outside.getByText('The room lobby is closed (Back at <b>nine</b>.).').waitFor();
    if (process.env.SHOTS) await outside.screenshot({ path: `${process.env.SHOTS}/closed.png` });
    await outside.getByRole('textbox', { name: 'Your name' }).fill('Bob');
    await outside.getByRole('button', { name: 'Join the room' }).click();
    await outside.getByText('The room lobby is closed (Back at <b>nine</b>.).').waitFor();
    if (process.env.SHOTS) await inside.screenshot({ path: `${process.env.SHOTS}/inside.png` });
    await administer(server, 'DELETE', '/rooms/lobby/closure');
    await outside.getByRole('button', { name: 'Join the room' }).click();
    await outside.getByRole('log').waitFor();
    assert.equal(await outside.getByText('is closed').count(), 0);
  });

  it('tells at the door from a banned address that it is banned', async (t) => {
    const server = await servePage(t, { ADMIN_TOKEN: adminToken });
    await administer(server, 'POST', '/bans', { kind: 'address', value: '127.0.0.1', reason: 'Adverts.' });
    const page = await openPage(t, browser, server.url);
    await page.getByText('Your address is banned (Adverts.).').waitFor();
  });
});
