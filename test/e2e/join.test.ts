import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Authenticator } from '../../src/core/authenticator.ts';
import { ChatError } from '../../src/core/errors.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { join, openPage, setHidden, shows } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';
import { StatusStore } from '../support/status-store.ts';
import type { TestServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Whoever knows the word gets in; `Mallory` never does. */
const doorman: Authenticator = {
  async authenticate({ name = '', password }) {
    if (name === 'Mallory') throw new ChatError('permission-denied', 'Mallory is not welcome.');
    if (password !== 'sesame') throw new ChatError('credentials-required', 'Expected a password.');
    return { name, user: null };
  },
};

describe('the door of a room, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  const nameField = (page: Page) => page.getByRole('textbox', { name: 'Your name' });
  const passwordField = (page: Page) => page.getByLabel('Password');
  const submit = (page: Page) => page.getByRole('button', { name: 'Join the room' }).click();

  it('shows who is there and what was said last, live, and nobody sees who looks', async (t) => {
    const server = await servePage(t);
    const bob = await ApiClient.join(server.url, 'Bob');
    await bob.send('said before');
    const page = await openPage(t, browser, server.url);
    await page.getByRole('heading', { name: 'lobby' }).waitFor();
    await page.getByText('said before').waitFor();
    await page.getByText('1 person is here.').waitFor();
    const eve = await ApiClient.join(server.url, 'Eve');
    await eve.send('<b>said live</b>');
    await page.getByText('<b>said live</b>').waitFor();
    await page.getByText('2 people are here.').waitFor();
    assert.deepEqual((await bob.users()).body.users, ['Bob', 'Eve']);
    assert.deepEqual(await page.context().cookies(), []);
  });

  it('counts those of whom it does not say the names', async (t) => {
    const server = await servePage(t);
    for (let guest = 1; guest <= 15; guest++) await ApiClient.join(server.url, `Guest ${guest}`);
    const page = await openPage(t, browser, server.url);
    await page.getByText('15 people are here.').waitFor();
    await page.getByText('and 3 more', { exact: true }).waitFor();
  });

  it('lets its connection go when one has joined or looks elsewhere', async (t) => {
    const server = await servePage(t);
    const bob = await ApiClient.join(server.url, 'Bob');
    const page = await openPage(t, browser, server.url);
    await page.getByText('1 person is here.').waitFor();
    const streams = () => openConnections(server);
    const before = await streams();
    await setHidden(page, true);
    await waitUntil(async () => (await streams()) < before, 'the feed is let go');
    await bob.send('while nobody looked');
    await setHidden(page, false);
    await page.getByText('while nobody looked').waitFor();
    const feeds: string[] = [];
    page.on('requestfinished', (request) => feeds.push(request.url()));
    page.on('requestfailed', (request) => feeds.push(request.url()));
    await join(page, 'Ada');
    await waitUntil(() => feeds.some((url) => url.includes('/feed?')), 'the feed has ended');
    await shows(page, 'while nobody looked');
  });

  it('says nothing of a room whose feed is not public', async (t) => {
    const server = await servePage(t, { FEED: 'members' });
    await ApiClient.join(server.url, 'Bob');
    const page = await openPage(t, browser, server.url);
    const refused = page.waitForResponse((response) => response.url().includes('/feed'));
    await nameField(page).waitFor();
    assert.equal((await refused).status(), 401);
    assert.equal(await page.getByText('Here now').isVisible(), false);
    await join(page, 'Ada');
  });

  it('sees the room by itself once the store is there', async (t) => {
    const store = new StatusStore('away');
    const server = await servePage(t, {}, { store });
    store.fail('load', 'before');
    const page = await openPage(t, browser, server.url);
    await page.waitForResponse((response) => response.url().includes('/feed'));
    store.heal();
    store.become('ready');
    await page.getByText('Nobody is here yet.').waitFor();
  });

  it('asks for a password only where the server does, and says when it is wrong', async (t) => {
    const server = await servePage(t, {}, { authenticator: doorman });
    const page = await openPage(t, browser, server.url);
    await nameField(page).fill('Ada');
    assert.equal(await passwordField(page).isVisible(), false);
    await submit(page);
    await page.getByText('This room asks for a password.').waitFor();
    const focused = () => page.evaluate('document.activeElement.id');
    assert.equal(await focused(), 'password');
    assert.equal(await passwordField(page).getAttribute('autocomplete'), 'current-password');

    await passwordField(page).fill('open');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the password for this name.').waitFor();
    assert.equal(await passwordField(page).getAttribute('aria-invalid'), 'true');
    assert.equal(await focused(), 'password');

    await nameField(page).fill('Mallory');
    await submit(page);
    await page.getByText('Mallory is not welcome.').waitFor();

    await nameField(page).fill('Ada');
    await passwordField(page).fill('sesame');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    const kept = await page.evaluate('JSON.stringify([localStorage, sessionStorage])');
    assert.doesNotMatch(String(kept), /sesame/);

    // Left from elsewhere: whoever sits here now writes it himself.
    await page.getByText('Live', { exact: true }).waitFor();
    await page.evaluate(`fetch('/v1/rooms/lobby/session', { method: 'DELETE' })`);
    await page.getByRole('button', { name: 'Join again' }).click();
    await passwordField(page).waitFor();
    assert.equal(await passwordField(page).inputValue(), '');
  });

  it('keeps the name for next time', async (t) => {
    const server = await servePage(t);
    const page = await openPage(t, browser, server.url);
    await join(page, 'Ada Lovelace');
    await page.getByRole('button', { name: 'Leave' }).click();
    await nameField(page).waitFor();
    await page.reload();
    await waitUntil(async () => (await nameField(page).inputValue()) === 'Ada Lovelace', 'the name is there');
  });

  it('says beside the name what is wrong with it', async (t) => {
    const server = await servePage(t);
    await ApiClient.join(server.url, 'Ada');
    const page = await openPage(t, browser, server.url);
    for (const [name, text] of [
      ['', 'Choose a name to join with.'],
      ['ada', 'Somebody in the room has this name, or one that looks the same.'],
      ['Ada', 'If it is you, leave there first, or wait a little.'],
      ['x'.repeat(33), 'A name has 32 characters at the most; this one has 33.'],
      ['Ada <3', 'A name cannot have < in it.'],
    ] as const) {
      await nameField(page).fill(name);
      await submit(page);
      await page.locator('#name-remark', { hasText: text }).waitFor();
      assert.equal(await nameField(page).getAttribute('aria-invalid'), 'true');
    }
    await nameField(page).fill('Bob');
    assert.equal(await page.locator('#name-remark').textContent(), '');
  });

  it('says when no more tries are let through, and when they are again', async (t) => {
    const server = await servePage(t, { CREATE_LIMIT: '1/60' });
    await ApiClient.join(server.url, 'Bob');
    const page = await openPage(t, browser, server.url);
    await nameField(page).fill('Ada');
    await submit(page);
    await page.getByText(/That was too much at once\. Try again in \d+ seconds?\./).waitFor();
  });
});

function openConnections(server: TestServer): Promise<number> {
  return new Promise((resolve, reject) =>
    server.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}
