import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { violationsOn } from '../support/accessibility.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { join, openPage, say, shows } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';
import type { TestServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('the composer in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  /** Ada's page, inside, with the field she writes in. */
  async function inside(t: TestContext, server: TestServer): Promise<{ page: Page; field: Locator }> {
    const page = await openPage(t, browser, server.url);
    await join(page, 'Ada');
    await page.getByText('Live', { exact: true }).waitFor();
    return { page, field: fieldOf(page) };
  }

  async function saidIn(server: TestServer): Promise<(string | undefined)[]> {
    const watcher = await ApiClient.join(server.url, `Watcher ${Math.random().toString(36).slice(2)}`);
    const { body } = await watcher.updates({ after: '0' });
    return body.events.filter(({ type }) => type === 'message').map(({ message }) => message);
  }

  it('sends by Enter and breaks the line by Shift+Enter', async (t) => {
    const server = await servePage(t);
    const { page, field } = await inside(t, server);
    await field.pressSequentially('one');
    await page.keyboard.press('Shift+Enter');
    await field.pressSequentially('two');
    assert.equal(await field.inputValue(), 'one\ntwo');
    await page.keyboard.press('Enter');
    await waitUntil(async () => (await saidIn(server)).includes('one\ntwo'), 'it was sent');
    assert.equal(await field.inputValue(), '');
  });

  it('leaves Enter, Tab and the arrows to an input method while it composes', async (t) => {
    const server = await servePage(t);
    const { page, field } = await inside(t, server);
    await say(page, 'said before');
    await shows(page, 'said before');
    await ApiClient.join(server.url, 'にほん');
    await page.locator('#roster').getByText('にほん').waitFor();
    await page.evaluate(`
      globalThis.heard = [];
      document.addEventListener('keydown', (event) => {
        if (event.key !== 'Delete') heard.push([event.key, event.isComposing, event.defaultPrevented]);
      });
    `);
    const session = await page.context().newCDPSession(page);
    const keys = ['Enter', 'Tab', 'ArrowUp', 'Escape'];
    for (const key of keys) {
      await field.fill('');
      await field.focus();
      await session.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
      await page.keyboard.press(key);
      assert.notEqual(await field.inputValue(), 'said before');
    }
    assert.deepEqual(
      await page.evaluate('heard'),
      keys.map((key) => [key, true, false]),
    );
    await field.fill('');
    await say(page, 'said after');
    await shows(page, 'said after');
    assert.deepEqual(await saidIn(server), ['said before', 'said after']);
  });

  it('completes names by Tab, who spoke last first, and is no trap', async (t) => {
    const server = await servePage(t);
    const { page, field } = await inside(t, server);
    await ApiClient.join(server.url, 'Anders');
    const anna = await ApiClient.join(server.url, 'Anna Maria');
    await anna.send('hello');
    await shows(page, 'hello');
    const status = page.locator('.composer [role=status]');

    await field.pressSequentially('an');
    await page.keyboard.press('Tab');
    assert.equal(await field.inputValue(), 'Anna Maria: ');
    assert.equal(await status.textContent(), 'Anna Maria, 1 of 2');
    await page.keyboard.press('Tab');
    assert.equal(await field.inputValue(), 'Anders: ');
    await page.keyboard.press('Shift+Tab');
    assert.equal(await field.inputValue(), 'Anna Maria: ');
    await page.keyboard.press('Escape');
    assert.equal(await field.inputValue(), 'an');
    assert.ok(await hasFocus(field));
    await page.keyboard.press('Tab');
    assert.equal(await field.inputValue(), 'an', 'taken back, it is not forced on anybody');
    assert.ok(!(await hasFocus(field)));

    await field.fill('so, @anna m');
    await page.keyboard.press('Tab');
    assert.equal(await field.inputValue(), 'so, @Anna Maria ');
    assert.ok(await hasFocus(field));
    await page.keyboard.press('Tab');
    assert.ok(!(await hasFocus(field)), 'one name alone: Tab goes on');
    assert.equal(await field.inputValue(), 'so, @Anna Maria ');

    for (const text of ['', 'so ', 'xyz']) {
      await field.fill(text);
      await page.keyboard.press('Tab');
      assert.ok(!(await hasFocus(field)), `"${text}"`);
    }
    await field.fill('an');
    await page.keyboard.press('Shift+Tab');
    assert.ok(!(await hasFocus(field)));
    assert.equal(await field.inputValue(), 'an');
  });

  it('lets a completion be undone', async (t) => {
    const server = await servePage(t);
    await ApiClient.join(server.url, 'Bob');
    const { page, field } = await inside(t, server);
    await field.pressSequentially('bo');
    await page.keyboard.press('Tab');
    assert.equal(await field.inputValue(), 'Bob: ');
    await page.keyboard.press('Control+z');
    assert.equal(await field.inputValue(), 'bo');
  });

  it('recalls by the arrow up what was said, also before a reload, and never over a draft', async (t) => {
    const server = await servePage(t);
    const { page, field } = await inside(t, server);
    for (const text of ['one', 'two\nlines', '//help']) await say(page, text);
    await shows(page, '/help');
    const press = async (key: string, expected: string) => {
      await page.keyboard.press(key);
      assert.equal(await field.inputValue(), expected, key);
    };
    await press('ArrowUp', '//help');
    await press('ArrowUp', 'two\nlines');
    await press('ArrowUp', 'two\nlines');
    await press('ArrowUp', 'one');
    await press('ArrowDown', 'two\nlines');
    await press('ArrowDown', '//help');
    await press('ArrowDown', '');
    await field.fill('a draft');
    await press('ArrowUp', 'a draft');
    await field.fill('');
    await page.reload();
    await shows(page, '/help');
    await field.focus();
    await press('ArrowUp', '//help');
  });

  it('recalls nothing of somebody who was here before in the same tab', async (t) => {
    const server = await servePage(t);
    const { page, field } = await inside(t, server);
    await say(page, 'between us');
    await shows(page, 'between us');
    await say(page, '/leave');
    await join(page, 'Bob');
    await shows(page, 'between us');
    await field.focus();
    await page.keyboard.press('ArrowUp');
    assert.equal(await field.inputValue(), '');
  });

  it('counts what is left near the limit, and keeps a text that is too long', async (t) => {
    const server = await servePage(t, { MAX_MESSAGE_BYTES: '200' });
    const { page, field } = await inside(t, server);
    const length = page.locator('#composer-length');
    await field.fill('x'.repeat(100));
    assert.ok(await length.isHidden());
    await field.fill('x'.repeat(101));
    assert.equal(await length.textContent(), 'Room for 99 more characters');
    await field.fill('é'.repeat(90));
    assert.equal(await length.textContent(), 'Room for about 10 more characters');
    // Told to those who do not see it once one pauses.
    const status = page.locator('.composer [role=status]');
    await status.getByText('Room for about 10 more characters').waitFor({ state: 'attached' });
    await field.fill('é'.repeat(103));
    assert.equal(await length.textContent(), '3 characters too long');
    await page.keyboard.press('Enter');
    const error = page.getByRole('alert').getByText('Not sent: this is 3 characters too long.');
    await error.waitFor();
    assert.equal(await field.inputValue(), 'é'.repeat(103));
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      assert.deepEqual(await violationsOn(page), [], `an error, ${colorScheme}`);
    }
    for (let i = 0; i < 3; i++) await page.keyboard.press('Backspace');
    assert.equal(await error.count(), 0);
    await page.keyboard.press('Enter');
    await shows(page, 'é'.repeat(100));
  });

  it('leaves control characters out of what is pasted, and says so', async (t) => {
    const server = await servePage(t);
    const { page, field } = await inside(t, server);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(`navigator.clipboard.writeText('\\x1b[31mred\\x07\\r\\nnext')`);
    await field.focus();
    await page.keyboard.press('Control+v');
    assert.equal(await field.inputValue(), '[31mred\nnext');
    await page.getByText('Control characters cannot be sent and were left out.').waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), null, 'what is left is fine');
    await page.evaluate(`
      message.value = 'half \\ud83d';
      message.dispatchEvent(new Event('input'));
    `);
    await page.keyboard.press('Enter');
    await page.getByText('Not sent: the selected character (U+D83D) cannot be sent.').waitFor();
    await page.keyboard.press('Delete');
    await page.keyboard.press('Enter');
    await shows(page, 'half');
  });

  it('carries out commands, and sends none that is unknown', async (t) => {
    const server = await servePage(t);
    const { page, field } = await inside(t, server);
    await say(page, '/me waves');
    await say(page, '/etc/passwd is a path');
    await say(page, '//text');
    await shows(page, '/text');
    assert.deepEqual(await saidIn(server), ['/me waves', '/etc/passwd is a path', '/text']);
    for (const [text, problem] of [
      ['/dance now', 'there is no command /dance. To say it, write //dance.'],
      ['/leave now', '/leave stands alone.'],
      ['/me', 'say what you do'],
    ] as const) {
      await say(page, text);
      await page.getByRole('alert').getByText(problem).waitFor();
      assert.equal(await field.inputValue(), text);
    }
    assert.equal((await saidIn(server)).length, 3);
    await say(page, '/leave');
    await page.getByRole('button', { name: 'Join the room' }).waitFor();
    await join(page, 'Ada');
    assert.equal(await field.inputValue(), '');
  });

  it('shows help by a command and by a button, and gives the focus back', async (t) => {
    const server = await servePage(t);
    const { page, field } = await inside(t, server);
    const help = page.getByRole('dialog', { name: 'Help: commands and keys' });
    await say(page, '/help');
    await help.waitFor();
    assert.ok(await hasFocus(help.getByRole('button', { name: 'Close' })));
    await help.getByText('On the time of a message: copies its link').waitFor();
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'hidden' });
    assert.ok(await hasFocus(field));
    assert.equal(await field.inputValue(), '');

    const button = page.getByRole('button', { name: 'Help: commands and keys' });
    await button.focus();
    await page.keyboard.press('Enter');
    await help.waitFor();
    await page.keyboard.press('Enter');
    await help.waitFor({ state: 'hidden' });
    assert.ok(await hasFocus(button));
    await button.click();
    await help.waitFor();
    await page.mouse.click(5, 5);
    await help.waitFor({ state: 'hidden' });
  });

  it('needs no pointer: from the door through a talk and out again', async (t) => {
    const server = await servePage(t);
    const bob = await ApiClient.join(server.url, 'Bob');
    const page = await openPage(t, browser, server.url);
    const { keyboard } = page;
    await page.getByRole('textbox', { name: 'Your name' }).waitFor();
    await keyboard.type('Ada');
    await keyboard.press('Enter');
    await page.locator('#roster').getByRole('button', { name: 'Bob' }).waitFor();
    await keyboard.type('bo');
    await keyboard.press('Tab');
    await keyboard.type('hello');
    await keyboard.press('Enter');
    await shows(page, 'Bob: hello');
    await keyboard.press('Tab');
    assert.ok(await hasFocus(page.getByRole('button', { name: 'Send' })));
    await keyboard.press('Tab');
    assert.ok(await hasFocus(page.locator('#roster').getByRole('button', { name: 'Bob' })));
    await keyboard.press('Enter');
    await keyboard.type('how are you?');
    await keyboard.press('Enter');
    await shows(page, 'Bob: how are you?');
    await keyboard.type('/help');
    await keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await keyboard.press('Escape');
    await keyboard.press('ArrowUp');
    await keyboard.type(' Well?');
    await keyboard.press('Enter');
    await shows(page, 'Bob: how are you? Well?');
    await keyboard.type('/leave');
    await keyboard.press('Enter');
    await page.getByRole('button', { name: 'Join the room' }).waitFor();
    // Shown only once leaving is acknowledged.
    assert.deepEqual((await bob.users()).body.users, ['Bob']);
  });

  it('keeps the draft of each tab through reload, leaving and an ended stay', async (t) => {
    const server = await servePage(t);
    const { page, field } = await inside(t, server);
    const second = await page.context().newPage();
    await second.goto(server.url);
    await fieldOf(second).fill('of the second tab');
    await field.fill('of the first tab');
    await page.reload();
    await second.reload();
    await field.waitFor();
    await fieldOf(second).waitFor();
    assert.equal(await field.inputValue(), 'of the first tab');
    assert.equal(await fieldOf(second).inputValue(), 'of the second tab');

    await page.getByRole('button', { name: 'Leave' }).click();
    await second.getByRole('button', { name: 'Join again' }).waitFor();
    assert.equal(await second.locator('#message').inputValue(), 'of the second tab');
    await second.getByRole('button', { name: 'Join again' }).click();
    await second.getByRole('complementary', { name: 'Here now' }).getByText('Ada').waitFor();
    await fieldOf(second).waitFor();
    assert.ok(await hasFocus(fieldOf(second)), 'one goes on writing');
    assert.equal(await fieldOf(second).inputValue(), 'of the second tab');
    await join(page, 'Ada');
    assert.equal(await field.inputValue(), 'of the first tab');
  });

  it('stays in sight above a keyboard that is laid over the page', async (t) => {
    const server = await servePage(t);
    const { page, field } = await inside(t, server);
    await page.addInitScript(`
      globalThis.seen = Object.assign(new EventTarget(), { scale: 1, offsetTop: 0, height: innerHeight });
      Object.defineProperty(globalThis, 'visualViewport', { value: seen });
    `);
    await page.reload();
    await field.waitFor();
    const bottom = async () => {
      const box = await field.boundingBox();
      return box === null ? 0 : box.y + box.height;
    };
    const see = (height: number, scale: number) =>
      page.evaluate(
        `Object.assign(seen, { height: ${height}, scale: ${scale} }).dispatchEvent(new Event('resize'))`,
      );
    const whole = await bottom();
    assert.ok(whole > 400);
    await see(400, 1);
    assert.ok((await bottom()) <= 400);
    await see(400, 1.8);
    assert.equal(await bottom(), whole, 'zoomed in, nothing changes');
    await see(400, 1);
    await see(700, 1);
    assert.equal(await bottom(), whole);
  });

  it('sends what was written offline once after a reload, in order', async (t) => {
    const server = await servePage(t);
    const { page } = await inside(t, server);
    await page.route('**/v1/**', (route) => route.abort());
    await say(page, 'first, offline');
    await say(page, 'second, offline');
    await page.locator('.outgoing').getByText('second, offline').waitFor();
    await page.reload();
    await page.getByText('The room cannot be reached.').waitFor();
    await page.unroute('**/v1/**');
    for (const text of ['first, offline', 'second, offline']) await shows(page, text);
    await waitUntil(async () => (await page.locator('.outgoing .entry').count()) === 0, 'nothing waits');
    assert.deepEqual(await saidIn(server), ['first, offline', 'second, offline']);
  });

  it('does not double a message whose answer was lost before the reload', async (t) => {
    const server = await servePage(t);
    const { page } = await inside(t, server);
    let arrived = false;
    await page.route('**/session/messages', async (route) => {
      if (!arrived) await route.fetch();
      arrived = true;
      await route.abort();
    });
    await page.route('**/session/events*', (route) => route.abort());
    await say(page, 'said once');
    await waitUntil(() => arrived, 'the server has it');
    await page.reload();
    await page.unrouteAll();
    await shows(page, 'said once');
    await waitUntil(async () => (await page.locator('.outgoing .entry').count()) === 0, 'nothing waits');
    await say(page, 'said after');
    await shows(page, 'said after');
    assert.deepEqual(await saidIn(server), ['said once', 'said after']);
  });
});

function fieldOf(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Message' });
}

function hasFocus(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => element === element.ownerDocument.activeElement);
}
