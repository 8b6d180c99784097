import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { join, openPage, say, setHidden, shows } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';
import type { TestServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

/** In place of the browser's notifications, which nobody can see in a test: notes what would be shown, and what was asked. */
const notedNotifications = `
  const noted = { asked: 0, shown: [], closed: 0, answer: 'granted' };
  globalThis.noted = noted;
  globalThis.Notification = class extends EventTarget {
    static get permission() { return localStorage.getItem('permission') ?? 'default'; }
    static async requestPermission() {
      noted.asked += 1;
      if (!navigator.userActivation.isActive) throw new Error('Nobody has clicked.');
      localStorage.setItem('permission', noted.answer);
      return noted.answer;
    }
    constructor(title, { body, tag }) {
      super();
      noted.shown.push(title.replace(/[\\u2068\\u2069]/g, '') + ': ' + body.replace(/[\\u2068\\u2069]/g, '') + ' #' + tag);
      noted.last = this;
    }
    close() { noted.closed += 1; }
  };
`;

describe('a page that nobody looks at, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  const icons = (page: Page) =>
    page
      .locator('link[rel=icon]')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')?.split('/').at(-1)));
  const shownOn = (page: Page) => page.evaluate('noted.shown') as Promise<string[]>;
  const bell = (page: Page, state: string) =>
    page.getByRole('button', { name: `Notifications: ${state}`, exact: true });

  async function opened(t: TestContext, server: TestServer, name: string): Promise<Page> {
    const page = await openPage(t, browser, server.url);
    await page.addInitScript(notedNotifications);
    await page.reload();
    await join(page, name);
    await page.getByText('Live', { exact: true }).waitFor();
    return page;
  }

  it('counts in its title and marks its icon, stronger for a mention, until one looks', async (t) => {
    const server = await servePage(t);
    const ada = await opened(t, server, 'Ada');
    const bob = await ApiClient.join(server.url, 'Bob');
    await bob.send('while she looks');
    await shows(ada, 'while she looks');
    assert.equal(await ada.title(), 'lobby · Parlor');
    await ada.evaluate(`
      globalThis.drawn = 0;
      new MutationObserver((changes) => { drawn += changes.length; })
        .observe(document.head, { subtree: true, attributeFilter: ['href'] });
    `);
    await setHidden(ada, true);
    await bob.send('one');
    await waitUntil(async () => (await ada.title()) === '(1) lobby · Parlor', 'one is counted');
    await bob.send('two');
    await waitUntil(async () => (await ada.title()) === '(2) lobby · Parlor', 'both are counted');
    assert.deepEqual(await icons(ada), ['favicon-unread.png', 'favicon-unread.svg']);
    await bob.send('and you, ada?');
    await waitUntil(async () => (await ada.title()) === '(3) lobby · Parlor', 'the mention is counted');
    assert.deepEqual(await icons(ada), ['favicon-mention.png', 'favicon-mention.svg']);
    await setHidden(ada, false);
    await waitUntil(async () => (await ada.title()) === 'lobby · Parlor', 'nothing is unread');
    assert.deepEqual(await icons(ada), ['favicon.png', 'favicon.svg']);
    assert.equal(
      await ada.evaluate('drawn'),
      3 * 2,
      'both icons, when they change and not with each message',
    );
  });

  it('puts the count on the icon of an installed page, and takes it away', async (t) => {
    const server = await servePage(t);
    const ada = await opened(t, server, 'Ada');
    // Of a page that is installed; one that refuses breaks nothing.
    await ada.evaluate(`
      globalThis.badges = [];
      navigator.setAppBadge = async (count) => { badges.push(count); throw new Error('refused'); };
      navigator.clearAppBadge = async () => { badges.push('none'); };
    `);
    const bob = await ApiClient.join(server.url, 'Bob');
    await setHidden(ada, true);
    await bob.send('one');
    await waitUntil(async () => (await ada.title()) === '(1) lobby · Parlor', 'it is counted');
    await setHidden(ada, false);
    await waitUntil(async () => (await ada.title()) === 'lobby · Parlor', 'nothing is unread');
    assert.deepEqual(await ada.evaluate('badges.slice(-2)'), [1, 'none']);
  });

  it('notifies of what one chose, and asks for leave on that click only', async (t) => {
    const server = await servePage(t);
    const ada = await opened(t, server, 'Ada');
    const bob = await ApiClient.join(server.url, 'Bob');
    await setHidden(ada, true);
    await bob.send('Ada, before she chose');
    await shows(ada, 'Ada, before she chose');
    await setHidden(ada, false);
    assert.deepEqual([await ada.evaluate('noted.asked'), await shownOn(ada)], [0, []]);

    await bell(ada, 'Off').click();
    await ada.getByRole('button', { name: 'When somebody mentions me' }).click();
    await bell(ada, 'When somebody mentions me').waitFor();
    assert.equal(await ada.evaluate('noted.asked'), 1);
    await bob.send('Ada, while she looks');
    await shows(ada, 'Ada, while she looks');
    await setHidden(ada, true);
    await bob.send('to everybody');
    await bob.send('to <b>Ada</b>');
    await waitUntil(async () => (await shownOn(ada)).length > 0, 'she is notified');
    assert.deepEqual(await shownOn(ada), ['Bob in lobby: to <b>Ada</b> #parlor:lobby']);
    await bob.send('Ada?');
    await waitUntil(async () => (await shownOn(ada)).length > 1, 'she is notified again');
    assert.equal((await shownOn(ada))[1], '2 new messages in lobby: Bob: Ada? #parlor:lobby');

    // Looking clears it; the choice outlives the page, and can be taken back.
    await setHidden(ada, false);
    assert.equal(await ada.evaluate('noted.closed'), 1);
    await ada.reload();
    await bell(ada, 'When somebody mentions me').click();
    await ada.getByRole('button', { name: 'Off', exact: true }).click();
    await bell(ada, 'Off').waitFor();
    await setHidden(ada, true);
    await bob.send('Ada, too late');
    await shows(ada, 'Ada, too late');
    assert.deepEqual(await shownOn(ada), []);
  });

  it('comes to the front when its notification is clicked', async (t) => {
    const server = await servePage(t);
    const ada = await opened(t, server, 'Ada');
    await bell(ada, 'Off').click();
    await ada.getByRole('button', { name: 'For every message' }).click();
    await bell(ada, 'For every message').waitFor();
    const bob = await ApiClient.join(server.url, 'Bob');
    await setHidden(ada, true);
    await bob.send('hello');
    await waitUntil(async () => (await shownOn(ada)).length > 0, 'she is notified');
    await ada.evaluate(`
      globalThis.focus = () => { noted.focused = true; };
      noted.last.dispatchEvent(new Event('click'));
    `);
    assert.deepEqual(await ada.evaluate('[noted.focused, noted.closed]'), [true, 1]);
  });

  it('says how it is where the browser lets it not', async (t) => {
    const server = await servePage(t);
    const ada = await opened(t, server, 'Ada');
    await ada.evaluate(`noted.answer = 'denied'`);
    await bell(ada, 'Off').click();
    await ada.getByRole('button', { name: 'For every message' }).click();
    await ada.getByText('Your browser keeps this page from notifying you.').waitFor();
    await ada.keyboard.press('Escape');
    assert.equal(await bell(ada, 'Off').getAttribute('aria-expanded'), 'false');
    assert.equal(await ada.evaluate('document.activeElement.className'), 'quiet bell');

    // By the keyboard alone: opened, gone through, and left.
    await ada.keyboard.press('Enter');
    for (let step = 0; step < 4; step++) await ada.keyboard.press('Tab');
    await ada.getByRole('group', { name: 'Notifications' }).waitFor({ state: 'hidden' });

    await ada.addInitScript('delete globalThis.Notification');
    await ada.reload();
    await bell(ada, 'Off').click();
    await ada.getByText('This browser has no notifications for pages.').waitFor();
  });

  it('is one of several tabs: one notifies, and none while one is looked at', async (t) => {
    const server = await servePage(t);
    const ada = await opened(t, server, 'Ada');
    await bell(ada, 'Off').click();
    await ada.getByRole('button', { name: 'For every message' }).click();
    await bell(ada, 'For every message').waitFor();
    const tabs = [ada];
    for (let more = 0; more < 2; more++) {
      const tab = await ada.context().newPage();
      await tab.addInitScript(notedNotifications);
      await tab.goto(server.url);
      await bell(tab, 'For every message').waitFor();
      tabs.push(tab);
    }
    const allShown = async () => (await Promise.all(tabs.map(shownOn))).flat();
    const bob = await ApiClient.join(server.url, 'Bob');
    await Promise.all(tabs.slice(1).map((tab) => setHidden(tab, true)));
    await bob.send('one tab is looked at');
    for (const tab of tabs) await shows(tab, 'one tab is looked at');
    await setHidden(ada, true);
    await bob.send('nobody looks');
    for (const tab of tabs) await shows(tab, 'nobody looks');
    await waitUntil(async () => (await allShown()).length > 0, 'somebody is notified');
    await say(ada, 'Ada answers');
    for (const tab of tabs) await shows(tab, 'Ada answers');
    assert.deepEqual(await allShown(), ['Bob in lobby: nobody looks #parlor:lobby']);
  });
});
