import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { violationsOn } from '../support/accessibility.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { join, openPage } from '../support/chat-page.ts';
import { has, hasLinux } from '../support/needs.ts';
import { servePage } from '../support/page-server.ts';
import { TextBrowser } from '../support/text-browser.ts';
import { waitUntil } from '../support/wait-until.ts';

const run = promisify(execFile);

async function messagesOf(api: ApiClient): Promise<string[]> {
  const { events } = (await api.history()).body;
  return events.filter(({ type }) => type === 'message').map(({ name, message }) => `${name}: ${message}`);
}

describe('the plain pages in a real browser without scripts', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  async function withoutScripts(t: TestContext): Promise<BrowserContext> {
    const context = await browser.newContext({ javaScriptEnabled: false });
    t.after(() => context.close());
    return context;
  }

  /** A page whose console says nothing. */
  async function open(t: TestContext, context: BrowserContext, url: string): Promise<Page> {
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    t.after(() => assert.deepEqual(said, []));
    await page.goto(url);
    return page;
  }

  async function enter(page: Page, name: string): Promise<FrameLocator> {
    await page.getByRole('textbox', { name: 'Your name' }).fill(name);
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    return page.frameLocator('iframe');
  }

  it('shows what others say while one is typing, and sends it with Enter', async (t) => {
    // With this timeout the frame refreshes every three seconds.
    const server = await servePage(t, { SESSION_TIMEOUT: '9' });
    const page = await open(t, await withoutScripts(t), `${server.url}/plain`);
    const log = await enter(page, 'Ada');
    // The field has the focus.
    await page.keyboard.type('half a ');
    await (await ApiClient.join(server.url, 'Bob')).send('meanwhile');
    await log.getByText('meanwhile').waitFor();
    await page.keyboard.type('sentence');
    await page.keyboard.press('Enter');
    await log.getByText('half a sentence').waitFor();
    assert.deepEqual(await messagesOf(new ApiClient(server.url)), ['Bob: meanwhile', 'Ada: half a sentence']);
    assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), '');
    // For browsers without frames only.
    assert.equal(await page.locator('section.still').isVisible(), false);
  });

  it('begins at the newest, and stays where one has paused it', async (t) => {
    const server = await servePage(t, { SESSION_TIMEOUT: '9', SEND_LIMIT: 'off' });
    const bob = await ApiClient.join(server.url, 'Bob');
    for (let i = 1; i <= 60; i++) await bob.send(`message ${i}.`);
    await bob.destroy();
    const page = await open(t, await withoutScripts(t), `${server.url}/plain`);
    const log = await enter(page, 'Ada');
    await log.getByText('message 60.').waitFor();
    const isSeen = async (text: string) => {
      const [frame, line] = [page.locator('iframe'), log.getByText(text)];
      const [outer, inner] = [await frame.boundingBox(), await line.boundingBox()];
      return !!outer && !!inner && inner.y >= outer.y && inner.y + inner.height <= outer.y + outer.height;
    };
    assert.ok(await isSeen('message 60.'));
    assert.ok(!(await isSeen('message 10.')));
    await log.getByRole('link', { name: 'Pause' }).click();
    const news = log.frameLocator('iframe');
    await news.getByText('Nothing new after this.').waitFor();
    await log.getByText('message 10.').scrollIntoViewIfNeeded();
    await (await ApiClient.join(server.url, 'Eve')).send('after the pause');
    await news.getByText('2 events after this.').waitFor();
    assert.ok(await isSeen('message 10.'), 'nothing has moved');
    await news.getByRole('link', { name: 'To the newest' }).click();
    await log.getByText('after the pause').waitFor();
    assert.ok(await isSeen('after the pause'));
  });

  it('a closed page leaves the room by itself', async (t) => {
    const server = await servePage(t, { SESSION_TIMEOUT: '3', REAPER_INTERVAL: '0.2', READ_LIMIT: 'off' });
    const context = await withoutScripts(t);
    const page = await open(t, context, `${server.url}/plain`);
    const log = await enter(page, 'Ada');
    await log.getByText('Ada joined').waitFor();
    await page.close();
    const api = new ApiClient(server.url);
    await waitUntil(async () => {
      const { events } = (await api.history()).body;
      return events.some(({ type }) => type === 'leave');
    }, 'Ada was taken for gone');
    const again = await open(t, context, `${server.url}/plain`);
    await again.getByText('you were taken for gone').waitFor();
    assert.equal(await again.getByRole('textbox', { name: 'Your name' }).inputValue(), 'Ada');
  });

  it('goes on with the session of the main page', async (t) => {
    const server = await servePage(t);
    const main = await openPage(t, browser, server.url);
    await join(main, 'Ada');
    const plain = await main.context().newPage();
    await plain.goto(`${server.url}/plain`);
    await plain.getByText('You are Ada.').waitFor();
  });

  it('is accessible in its states, by day and by night', async (t) => {
    const server = await servePage(t);
    const bob = await ApiClient.join(server.url, 'Bob');
    await bob.send('hello');
    // The check is a script of its own; the pages have none.
    const context = await browser.newContext();
    t.after(() => context.close());
    const page = await context.newPage();
    const check = async (state: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        assert.deepEqual(await violationsOn(page), [], `${state}, ${colorScheme}`);
      }
    };
    await page.goto(`${server.url}/plain`);
    await check('outside');
    await page.getByRole('textbox', { name: 'Your name' }).fill('bob');
    await page.keyboard.press('Enter');
    await page.getByText('already in use').waitFor();
    await check('refused');
    const log = await enter(page, 'Ada');
    await log.getByText('hello').waitFor();
    await check('inside');
    // Held still: a frame that refreshes would take the check with it.
    const paused = await log.getByRole('link', { name: 'Pause' }).getAttribute('href');
    await page.goto(`${server.url}${paused}`);
    await page.getByText('hello').waitFor();
    const filled = 'document.body.getBoundingClientRect().height >= innerHeight';
    assert.ok(await page.evaluate<boolean>(filled), 'a short log is no patch on another colour');
    await check('earlier messages');
    await page.goto(`${server.url}/plain/nowhere`);
    await check('no room');
  });

  it('fits a narrow window at any text size, without scrolling sideways', async (t) => {
    const server = await servePage(t);
    const bob = await ApiClient.join(server.url, 'Bob');
    await bob.send('x'.repeat(300));
    const page = await open(t, await withoutScripts(t), `${server.url}/plain`);
    await enter(page, 'Ada');
    await page.setViewportSize({ width: 320, height: 256 });
    for (const frame of page.frames()) {
      const [scrolled, shown] = await frame.evaluate<[number, number]>(
        '[document.documentElement.scrollWidth, innerWidth]',
      );
      assert.ok(scrolled <= shown, `${frame.url()}: ${scrolled} > ${shown}`);
    }
  });
});

describe('the plain pages in text browsers', () => {
  /** What is pressed, and the word that stands on the screen then. */
  type Steps = readonly (readonly [keys: string, word: string])[];
  const browsers: Record<
    string,
    { command: string; dump: string[]; name: string; enter: Steps; say: Steps }
  > = {
    w3m: {
      command: 'w3m -no-mouse',
      dump: ['-dump', '-cols', '80'],
      name: 'Wilma',
      enter: [
        ['\t\r', 'TEXT:'],
        ['Wilma\r', 'Wilma'],
        ['\t\r', 'Send'],
      ],
      say: [
        ['\t\r', 'TEXT:'],
        ['w3m-text\r', 'w3m-text'],
        ['\t\r', 'Wilma:'],
      ],
    },
    lynx: {
      command: 'lynx -accept_all_cookies',
      dump: ['-dump', '-nolist', '-width=80'],
      name: 'Linus',
      enter: [
        ['Linus\r', 'button'],
        ['\r', 'Send'],
      ],
      say: [
        ['lynx-text\r', 'button'],
        ['\r', 'Linus:'],
      ],
    },
  };

  for (const [program, { command, dump, name, enter, say }] of Object.entries(browsers)) {
    it(`${program} shows the room, joins it and talks in it`, async (t) => {
      if (!hasLinux(t) || !has(t, program) || !has(t, 'script')) return;
      const server = await servePage(t, { UPDATES_LIMIT: 'off', READ_LIMIT: 'off' });
      const bob = await ApiClient.join(server.url, 'Bob');
      await bob.send('two\n* 12:00 lines <b>');
      const { stdout } = await run(program, [...dump, `${server.url}/plain`], {
        env: { ...process.env, LC_ALL: 'C.UTF-8' },
      });
      assert.match(stdout, /1 person is here: Bob/);
      assert.match(stdout, /Your name [[_]/);
      // A line of a message cannot pass for an event: it stands further in.
      const [, mark = ''] = /^( *\S +)\d\d:\d\d Bob: two$/m.exec(stdout) ?? [];
      assert.match(stdout, new RegExp(`^ {${mark.length}}\\* 12:00 lines <b>$`, 'm'));

      const terminal = TextBrowser.open(t, command, `${server.url}/plain`);
      await terminal.isReady('Join');
      await terminal.press(enter);
      await terminal.isReady('Send');
      assert.deepEqual((await bob.users()).body.users, ['Bob', name]);
      await bob.send('meanwhile');
      await terminal.press(say);
      assert.deepEqual((await messagesOf(bob)).slice(1), ['Bob: meanwhile', `${name}: ${program}-text`]);
    });
  }
});
