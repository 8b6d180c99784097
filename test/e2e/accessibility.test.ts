import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { AppParts } from '../../src/app.ts';
import { ChatError } from '../../src/core/errors.ts';
import { violationsOn } from '../support/accessibility.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { join, openPage, say, shows } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';

describe('the page for everybody (WCAG 2.2 AA, by axe-core), in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  const phone: BrowserContextOptions = {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  };
  const submit = (page: Page) => page.getByRole('button', { name: 'Join the room' }).click();

  async function isFineIn(page: Page, state: string): Promise<void> {
    assert.deepEqual(await violationsOn(page), [], state);
  }

  /** By day and by night, and from right to left. */
  async function isFine(page: Page, state: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await isFineIn(page, `${state}, ${colorScheme}`);
    }
    await page.evaluate(`document.documentElement.dir = 'rtl'`);
    await isFineIn(page, `${state}, right to left`);
    await page.evaluate(`document.documentElement.dir = 'ltr'`);
  }

  it('finds what is wrong with a page that is', async (t) => {
    const page = await browser.newPage();
    t.after(() => page.close());
    await page.setContent('<p style="color: #999; background: #fff">pale</p><img src="x.png">');
    const found = (await violationsOn(page)).join('\n');
    for (const rule of ['color-contrast', 'image-alt', 'html-has-lang'])
      assert.match(found, new RegExp(rule));
  });

  it('at the door: plain, with something to see, refused, asked for a password, waiting', async (t) => {
    const doorman: AppParts['authenticator'] = {
      async authenticate({ name = '', password }) {
        if (password !== 'sesame') throw new ChatError('credentials-required', 'Expected a password.');
        return { name, user: null };
      },
    };
    const empty = await servePage(t, { FEED: 'members' }, { authenticator: doorman });
    const page = await openPage(t, browser, empty.url);
    await page.getByRole('button', { name: 'Join the room' }).waitFor();
    await isFine(page, 'the form alone');
    await submit(page);
    await page.getByText('Choose a name to join with.').waitFor();
    await isFine(page, 'the form with an error');
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await submit(page);
    await page.getByLabel('Password').waitFor();
    await isFine(page, 'the form with a password');
    await page.route('**/v1/**', (route) => route.abort());
    await page.reload();
    await page.getByText('The room cannot be reached.').waitFor();
    await isFine(page, 'a room out of reach');

    const lively = await servePage(t);
    const bob = await ApiClient.join(lively.url, 'Bob');
    await bob.send('said before');
    const other = await openPage(t, browser, lively.url);
    await other.getByText('said before').waitFor();
    await isFine(other, 'the form beside what one sees of the room');
  });

  it('in an empty room, and with its bell and its help open', async (t) => {
    const server = await servePage(t);
    const ada = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    await ada.getByText('Live', { exact: true }).waitFor();
    await isFine(ada, 'an empty room');
    await ada.getByRole('button', { name: /^Notifications/ }).click();
    await isFine(ada, 'the choice of notifications');
    await ada.keyboard.press('Escape');
    await ada.getByRole('button', { name: 'Help' }).click();
    await ada.getByRole('dialog').waitFor();
    await isFine(ada, 'the help');
  });

  it('with everything in the log, and a connection that is lost', async (t) => {
    const server = await servePage(t);
    const ada = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    await ada.getByText('Live', { exact: true }).waitFor();
    const bob = await ApiClient.join(server.url, 'Bob');
    for (const text of ['Hello @Ada', 'and more', 'see https://example.org/a', '/me waves', 'שלום לכולם']) {
      await bob.send(text);
    }
    await say(ada, 'I said this');
    await shows(ada, 'I said this');
    await isFine(ada, 'a full log');

    await server.close();
    await ada
      .locator('.trouble')
      .getByText(/^Trying again in/)
      .waitFor();
    await say(ada, 'written meanwhile');
    await isFine(ada, 'a lost connection');

    // The server that comes next knows nothing of what was said: a gap is told.
    await servePage(t, { PORT: String(server.port) });
    await ada.getByText('The room was restarted').waitFor();
    await shows(ada, 'written meanwhile');
    await isFine(ada, 'a gap');
  });

  it('with a message that failed, in a room that one was shown out of', async (t) => {
    const server = await servePage(t, { SEND_LIMIT: 'off' });
    const ada = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    await ada.getByText('Live', { exact: true }).waitFor();
    const refusal = JSON.stringify({ code: 'invalid-message', detail: 'That cannot be said.', status: 422 });
    await ada.route('**/session/messages', async (route) => {
      // The field is written in again: the text stays in the log as failed.
      await ada.getByRole('textbox', { name: 'Message' }).fill('something else');
      await route.fulfill({ status: 422, contentType: 'application/problem+json', body: refusal });
    });
    await say(ada, 'refused');
    await ada.getByRole('button', { name: 'Send again' }).waitFor();
    await isFine(ada, 'a failed message');
    await ada.unroute('**/session/messages');

    const other = await ada.context().newPage();
    await other.goto(server.url);
    await other.getByRole('button', { name: 'Leave' }).click();
    await ada.getByRole('button', { name: 'Join again' }).waitFor();
    await isFine(ada, 'a stay that has ended');
  });

  it('on a telephone, with the roster open, and zoomed to twice the size', async (t) => {
    const server = await servePage(t);
    for (let guest = 1; guest <= 14; guest++) await ApiClient.join(server.url, `Guest ${guest}`);
    const context = await browser.newContext(phone);
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(server.url);
    await page.getByText('14 people are here.').waitFor();
    await isFine(page, 'the door on a telephone');
    await join(page, 'Ada');
    await isFine(page, 'the room on a telephone');
    await page.getByRole('button', { name: /15 here/ }).tap();
    await page.getByRole('heading', { name: 'Here now' }).waitFor();
    await isFine(page, 'the roster over the room');
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 640, height: 400 });
    await isFine(page, 'a small window');
    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    assert.equal(overflow, 0, 'nothing is wider than the window');
  });

  it('says that there is no such room', async (t) => {
    const server = await servePage(t, { ROOMS: 'lobby,second' });
    const page = await openPage(t, browser, `${server.url}/second`);
    await page.route('**/v1/rooms/second/**', (route) =>
      route.fulfill({
        status: 404,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code: 'room-not-found', detail: 'There is no room "second".', status: 404 }),
      }),
    );
    await page.reload();
    await page.getByText('There is no room called “second”.').waitFor();
    await isFine(page, 'no such room');
  });
});
