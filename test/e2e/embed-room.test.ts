import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import { exampleOf } from '../client/support/installed-client.ts';
import { violationsOn } from '../support/accessibility.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import {
  blockForeignCookies,
  chatAddress,
  eventOn,
  eventsOn,
  type HostPage,
  hostPage,
  noteEvents,
} from '../support/host-page.ts';
import { servePage } from '../support/page-server.ts';
import { page as docsPage } from '../support/readme.ts';
import type { TestServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

/** What a browser asked of the chat. */
interface Asked {
  readonly path: string;
  readonly cookie: string | undefined;
  readonly authorization: string | undefined;
}

interface Embedded {
  readonly host: HostPage;
  readonly server: TestServer;
  /** As the browser knows it. */
  readonly chat: string;
  readonly asked: Asked[];
  readonly context: BrowserContext;
  readonly page: Page;
}

describe('parlor-room in a page of another origin, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  /** A page with a room in it; nothing in it fails, and its own policy forbids all that it can do without. */
  async function embedded(
    t: TestContext,
    {
      body = '<parlor-room room="lobby"></parlor-room>',
      options = {},
      hostName = 'host',
      chatOf = chatAddress,
    }: {
      readonly body?: string;
      readonly options?: Record<string, string>;
      readonly hostName?: string;
      readonly chatOf?: (port: number) => string;
    } = {},
  ): Promise<Embedded> {
    const context = await browser.newContext();
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(String(error)));
    page.on('console', (message) => {
      const isTrouble = message.type() === 'error' || /Content Security Policy/.test(message.text());
      // There is no such room; or two frames share a token, and one of them has left.
      if (isTrouble && !/status of 40[14]/.test(message.text())) troubles.push(message.text());
    });
    // Before the servers, which it would miss.
    t.after(() => context.close());
    await noteEvents(page);
    const host = await hostPage((close) => t.after(close), hostName);
    const server = await servePage(t, { EMBED_ORIGINS: host.origin, ...options });
    t.after(() => assert.deepEqual([troubles, server.faults], [[], []]));
    const asked: Asked[] = [];
    server.app.server.on('request', ({ url = '', headers }) => {
      asked.push({ path: url, cookie: headers.cookie, authorization: headers.authorization });
    });
    const chat = chatOf(server.port);
    host.html = `<!doctype html><html lang="en"><title>A shop</title><body><main><h1>A shop</h1>
      <script type="module" src="${chat}/embed.js"></script>${body}</main>`;
    host.policy = `default-src 'none'; script-src ${chat}; frame-src ${chat}; connect-src ${chat}`;
    return { host, server, chat, asked, context, page };
  }

  /** What is in the element's frame. */
  async function frameOf(page: Page, element = 'parlor-room'): Promise<Frame> {
    const handle = await page.locator(`${element} iframe`).elementHandle();
    const frame = await handle?.contentFrame();
    assert.ok(frame);
    return frame;
  }

  async function joinIn(page: Page, name: string, element?: string): Promise<Frame> {
    const frame = await frameOf(page, element);
    await frame.getByRole('textbox', { name: 'Your name' }).fill(name);
    await frame.getByRole('button', { name: 'Join the room' }).click();
    await frame.getByRole('textbox', { name: 'Message' }).waitFor();
    return frame;
  }

  async function sayIn(frame: Frame, text: string): Promise<void> {
    await frame.getByRole('textbox', { name: 'Message' }).fill(text);
    await frame.getByRole('textbox', { name: 'Message' }).press('Enter');
  }

  const shows = (frame: Frame, text: string) =>
    frame.getByRole('log').getByText(text, { exact: true }).waitFor();
  const colour = (frame: Frame, property: string) =>
    frame.evaluate(`getComputedStyle(document.documentElement).${property}`);

  function forbidStorage(page: Page) {
    return page.addInitScript(() => {
      for (const name of ['sessionStorage', 'localStorage']) {
        Object.defineProperty(globalThis, name, {
          get() {
            throw new DOMException('Forbidden.', 'SecurityError');
          },
        });
      }
    });
  }

  /** Whether a frame of another site keeps a cookie that it sets. */
  async function keepsForeignCookie(t: TestContext, page: Page): Promise<boolean> {
    const outer = await hostPage((close) => t.after(close), 'outer');
    const framed = await hostPage((close) => t.after(close), 'framed');
    framed.html = `<script>document.cookie = 'probe=1; SameSite=None; Secure'</script>`;
    outer.html = `<iframe src="${framed.origin}"></iframe>`;
    await page.goto(outer.origin);
    const inner = page.frames().find((frame) => frame.url().startsWith(framed.origin));
    return (await inner?.evaluate('document.cookie')) === 'probe=1';
  }

  for (const isBlocked of [false, true]) {
    it(`works, and goes on after a reload, with cookies of other sites ${isBlocked ? 'blocked' : 'allowed'}`, async (t) => {
      const { host, server, chat, asked, context, page } = await embedded(t);
      if (isBlocked) await blockForeignCookies(page);
      assert.equal(await keepsForeignCookie(t, page), !isBlocked, 'the control');
      const ada = await ApiClient.join(server.url, 'Ada');
      await page.goto(host.origin);
      const frame = await joinIn(page, 'Bob');
      assert.equal((await eventOn(page, 'joined')).name, 'Bob');
      await sayIn(frame, 'hello from a shop');
      await shows(frame, 'hello from a shop');
      await ada.send('hello, Bob');
      await shows(frame, 'hello, Bob');
      const message = await eventOn(page, 'message', (detail) => detail.name === 'Ada');
      assert.deepEqual([message.message, message.isOwn], ['hello, Bob', false]);
      assert.equal(message.id, 4);
      assert.equal(typeof message.timestamp, 'number');

      await page.reload();
      assert.equal((await eventOn(page, 'joined')).name, 'Bob');
      const again = await frameOf(page);
      await shows(again, 'hello, Bob');
      await sayIn(again, 'still here');
      await shows(again, 'still here');
      const { events } = (await ada.history()).body;
      assert.deepEqual(
        events.map(({ type }) => type),
        ['join', 'join', 'message', 'message', 'message'],
      );

      // The frame itself, its files and everything it asked.
      assert.ok(asked.length > 10);
      const token = asked.find(({ authorization }) => authorization)?.authorization?.split(' ')[1] ?? '';
      assert.ok(token.length > 20);
      assert.deepEqual(
        asked.filter(({ cookie, path }) => cookie !== undefined || path.includes(token)),
        [],
      );
      const cookies = await context.cookies(chat);
      assert.deepEqual(cookies, []);
    });
  }

  it('has nothing to do with the session of the chat’s own page, even on the same site', async (t) => {
    const { host, asked, page, chat, context } = await embedded(t, {
      hostName: 'shop.example',
      chatOf: (port) => `http://chat.example.localhost:${port}`,
    });
    const own = await context.newPage();
    await own.goto(chat);
    await own.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await own.getByRole('button', { name: 'Join the room' }).click();
    await own.getByRole('textbox', { name: 'Message' }).waitFor();
    assert.equal((await context.cookies(chat)).length, 1);
    asked.length = 0;
    await page.goto(host.origin);
    const frame = await joinIn(page, 'Bob');
    await sayIn(frame, 'I am not Ada');
    await own.getByRole('log').getByText('I am not Ada').waitFor();
    const byFrame = asked.filter(({ path, authorization }) => path.startsWith('/v1/') && authorization);
    assert.ok(byFrame.length > 0);
    assert.deepEqual(
      byFrame.filter(({ cookie }) => cookie !== undefined),
      [],
    );
    // The feed at the door, and `create`, go without a token: those with a cookie are the other page's.
    const feeds = asked.filter(({ path }) => path.includes('/feed?'));
    assert.ok(feeds.length > 0);
    assert.deepEqual(
      feeds.filter(({ cookie }) => cookie !== undefined),
      [],
    );
    assert.equal((await context.cookies(chat)).length, 1, 'and leaves its cookie alone');
  });

  it('keeps its token in memory where storage is forbidden', async (t) => {
    const { host, server, page } = await embedded(t);
    await forbidStorage(page);
    await page.goto(host.origin);
    const frame = await joinIn(page, 'Bob');
    await sayIn(frame, 'without a storage');
    await shows(frame, 'without a storage');
    const ada = await ApiClient.join(server.url, 'Ada');
    assert.deepEqual((await ada.users()).body.users, ['Bob', 'Ada']);
    await frame.getByRole('button', { name: 'Leave' }).click();
    await frame.getByRole('textbox', { name: 'Your name' }).waitFor();
    await eventOn(page, 'left');
  });

  it('gives its name back at a reload where storage is forbidden', async (t) => {
    const { host, server, page } = await embedded(t, { options: { UPDATES_LIMIT: 'off' } });
    await forbidStorage(page);
    const ada = await ApiClient.join(server.url, 'Ada');
    await page.goto(host.origin);
    await joinIn(page, 'Bob');
    await page.reload();
    await waitUntil(async () => (await ada.users()).body.users.length === 1, 'Bob has left');
    await joinIn(page, 'Bob');
    // As a page does that takes its chat away.
    await page.evaluate(`document.querySelector('parlor-room').remove()`);
    await waitUntil(async () => (await ada.users()).body.users.length === 1, 'Bob has left again');
  });

  it('counts as unread what nobody has seen, and tells the page', async (t) => {
    const { host, server, page } = await embedded(t, { options: { SEND_LIMIT: 'off' } });
    const ada = await ApiClient.join(server.url, 'Ada');
    await page.goto(host.origin);
    const frame = await joinIn(page, 'Bob');
    await ada.send('seen');
    await shows(frame, 'seen');
    await eventOn(page, 'message');
    assert.deepEqual(
      (await eventsOn(page)).filter(({ type }) => type === 'unread'),
      [],
      'what is in sight is read',
    );

    // As a page does that folds its chat away.
    await page.evaluate(`document.querySelector('parlor-room').hidden = true`);
    // That it is, the browser tells with its next frame.
    const isTold = async () => {
      const { body } = await ada.send('is it hidden?');
      await eventOn(page, 'message', ({ id }) => id === body.id);
      return page.evaluate<boolean>(`document.querySelector('parlor-room').unread > 0`);
    };
    await waitUntil(isTold, 'it is hidden');
    const before = Number((await eventOn(page, 'unread')).unread);
    await ada.send('you are meant, @Bob');
    const { unread } = await eventOn(page, 'unread', ({ mentions }) => mentions === 1);
    assert.ok(Number(unread) > before);
    assert.deepEqual(
      await page.evaluate(
        `(({ unread, mentions, memberName }) => [unread, mentions, memberName])(document.querySelector('parlor-room'))`,
      ),
      [unread, 1, 'Bob'],
    );
    await page.evaluate(`document.querySelector('parlor-room').hidden = false`);
    await eventOn(page, 'unread', ({ unread }) => unread === 0);

    // Out of sight, far down the page.
    await page.evaluate(`document.querySelector('parlor-room').style.marginBlockStart = '5000px'`);
    await waitUntil(isTold, 'it is out of sight');
  });

  it('looks as the page wishes, live, and refuses what is no colour', async (t) => {
    const { host, page } = await embedded(t);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.goto(host.origin);
    const frame = await joinIn(page, 'Bob');
    const set = (script: string) =>
      page.evaluate(`(room => { ${script} })(document.querySelector('parlor-room'))`);
    const becomes = (property: string, value: string) =>
      waitUntil(async () => (await colour(frame, property)) === value, `${property} is ${value}`);
    const accent = () =>
      frame.evaluate(`getComputedStyle(document.querySelector('.primary')).backgroundColor`);
    const paper = { light: 'rgb(247, 243, 236)', dark: 'rgb(23, 21, 19)' };

    await becomes('backgroundColor', paper.light);
    await page.emulateMedia({ colorScheme: 'dark' });
    await becomes('backgroundColor', paper.dark);
    await set(`room.setAttribute('theme', 'light')`);
    await becomes('backgroundColor', paper.light);
    await set(`room.setAttribute('theme', 'dark')`);
    await becomes('backgroundColor', paper.dark);
    // A page that has one scheme only.
    await set(`room.removeAttribute('theme'); document.documentElement.style.colorScheme = 'light'`);
    await becomes('backgroundColor', paper.light);

    await set(`room.setAttribute('accent', '#0b5fff')`);
    await waitUntil(async () => (await accent()) === 'rgb(11, 95, 255)', 'it has the accent');
    await set(`room.style.setProperty('--parlor-background', 'navy')`);
    await becomes('backgroundColor', 'rgb(0, 0, 128)');
    assert.equal(await colour(frame, 'colorScheme'), 'dark');
    for (const bad of ['url(https://evil.example/)', 'var(--x)', 'expression(1)', '12px', 'x'.repeat(400)]) {
      await set(`room.style.setProperty('--parlor-background', ${JSON.stringify(bad)})`);
      await becomes('backgroundColor', paper.light);
      await set(`room.style.setProperty('--parlor-background', 'navy')`);
      await becomes('backgroundColor', 'rgb(0, 0, 128)');
    }
    // What is not solid lies on the paper; it is not the black that browsers count it as.
    await set(`room.style.setProperty('--parlor-background', 'transparent')`);
    await becomes('backgroundColor', paper.light);
    await set(`room.style.setProperty('--parlor-background', 'rgb(0 0 0 / 0.2)')`);
    await becomes('backgroundColor', 'rgb(198, 194, 189)');
    await set(`room.style.cssText = ''; room.setAttribute('accent', 'red; color: red')`);
    await waitUntil(async () => (await accent()) === 'rgb(29, 106, 91)', 'it has the accent of its own');
    await set(
      `room.style.setProperty('--parlor-font', 'Georgia, serif'); room.style.setProperty('--parlor-radius', '3px')`,
    );
    await becomes('fontFamily', 'Georgia, serif');
    assert.equal(
      await frame.evaluate(`getComputedStyle(document.querySelector('.primary')).borderRadius`),
      '3px',
    );
  });

  it('can be read by everybody, whatever the page wishes (WCAG 2.2 AA, by axe-core)', async (t) => {
    const { host, server, page } = await embedded(t);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.goto(host.origin);
    const frame = await frameOf(page);
    await frame.getByRole('textbox', { name: 'Your name' }).waitFor();
    assert.deepEqual(await violationsOn(frame), [], 'the door');
    await joinIn(page, 'Bob');
    for (const name of ['Ada', 'Grace', 'Linus']) {
      const member = await ApiClient.join(server.url, name);
      await member.send(`Bob, look at https://example.org/${name}`);
      await shows(frame, `https://example.org/${name}`);
    }
    for (const [background, accent, text] of [
      ['', '', ''],
      ['#777', '#777', '#777'],
      ['yellow', 'lime', 'white'],
      ['#111', 'blue', '#222'],
      ['', '#ffcc00', ''],
    ]) {
      const style = `--parlor-background:${background};--parlor-accent:${accent};--parlor-text:${text}`;
      await page.evaluate(`document.querySelector('parlor-room').style.cssText = ${JSON.stringify(style)}`);
      // What is told over the port comes in order: the name of the next font comes behind the colours.
      const font = `x${background}`.replace(/\W/g, '');
      await page.evaluate(
        `document.querySelector('parlor-room').style.setProperty('--parlor-font', '${font}')`,
      );
      await waitUntil(async () => (await colour(frame, 'fontFamily')) === font, 'it looks as is wished');
      assert.deepEqual(await violationsOn(frame), [], style);
    }
    assert.deepEqual(await violationsOn(page), [], 'the page around');
  });

  it('is as high as what is in it, up to a bound, if that is wished', async (t) => {
    const { host, server, page } = await embedded(t, {
      body: '<parlor-room room="lobby" height="auto"></parlor-room>',
      options: { SEND_LIMIT: 'off' },
    });
    const ada = await ApiClient.join(server.url, 'Ada');
    await page.goto(host.origin);
    const frame = await joinIn(page, 'Bob');
    const height = () =>
      page.evaluate<number>(`document.querySelector('parlor-room').getBoundingClientRect().height`);
    const isWhole = () =>
      frame.evaluate<boolean>(`(s => s.scrollHeight <= s.clientHeight)(document.querySelector('.scroller'))`);
    await waitUntil(isWhole, 'nothing is to be scrolled');
    const before = await height();
    for (let i = 0; i < 4; i++) await ada.send(`line ${i}`);
    await shows(frame, 'line 3');
    await waitUntil(async () => (await height()) > before + 40 && (await isWhole()) === true, 'it grows');
    for (let i = 0; i < 40; i++) await ada.send(`more ${i}`);
    await shows(frame, 'more 39');
    await waitUntil(async () => (await height()) === 36 * 16, 'it is at its bound');
    await page.evaluate(`document.querySelector('parlor-room').setAttribute('height', '300')`);
    await waitUntil(async () => (await height()) === 300, 'it has the height that is asked for');
    await page.evaluate(`document.querySelector('parlor-room').setAttribute('height', 'tall')`);
    assert.equal(await height(), 30 * 16, 'what is no height is passed over');
    await page.evaluate(`document.querySelector('parlor-room').setAttribute('height', '300')`);
    // As in a page of its own: what is too much is scrolled.
    assert.equal(await isWhole(), false);
  });

  it('says so where the server does not allow it, and leads to the room', async (t) => {
    const { host, chat, page } = await embedded(t, { options: { EMBED_ORIGINS: 'https://other.example' } });
    const warnings: string[] = [];
    page.removeAllListeners('console');
    page.on('console', (message) => warnings.push(message.text()));
    await page.goto(host.origin);
    await page.getByText('The chat cannot be shown on this page.').waitFor();
    const link = page.getByRole('link', { name: 'Open it in a tab' });
    assert.equal(await link.getAttribute('href'), `${chat}/lobby`);
    assert.ok(warnings.some((text) => text.includes(`EMBED_ORIGINS lacks ${host.origin}`)));
    assert.equal(await page.locator('parlor-room iframe').isVisible(), false);
  });

  it('takes nobody else for its frame', async (t) => {
    const { host, page } = await embedded(t);
    const stranger = await hostPage((close) => t.after(close), 'stranger');
    stranger.html = `<script>
      var answers = [];
      addEventListener('message', ({ data }) => answers.push(data));
      parent.postMessage({ type: 'parlor:ready' }, '*');
      parent.postMessage('over', '*');
    </script>`;
    host.policy = '';
    host.html = host.html.replace('</h1>', `</h1><iframe src="${stranger.origin}"></iframe>`);
    await page.goto(host.origin);
    await joinIn(page, 'Bob');
    const frame = page.frames().find((each) => each.url().startsWith(stranger.origin));
    // What it is answered would have come before that.
    await page.evaluate(`document.querySelector('iframe').contentWindow.postMessage('last', '*')`);
    await waitUntil(async () => (await frame?.evaluate('answers.includes("last")')) === true, 'it hears');
    assert.deepEqual(await frame?.evaluate('answers'), ['last']);
  });

  it('hands what it hears to nobody but the page around it', async (t) => {
    const { host, chat, page } = await embedded(t);
    const stranger = await hostPage((close) => t.after(close), 'stranger');
    stranger.html = `<script>
      var answers = [];
      function ask() {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => answers.push(data);
        parent.frames[0].postMessage({ type: 'parlor:hello' }, '*', [port2]);
      }
    </script>`;
    host.policy = '';
    // Another frame can reach only one that is not in an element's shadow.
    host.html = `<!doctype html><iframe id="plain" src="${chat}/embed/lobby"></iframe><iframe src="${stranger.origin}"></iframe>`;
    await page.goto(host.origin);
    const handle = await page.locator('#plain').elementHandle();
    const frame = await handle?.contentFrame();
    const other = page.frames().find((each) => each.url().startsWith(stranger.origin));
    assert.ok(frame && other);
    await frame.getByRole('textbox', { name: 'Your name' }).fill('Bob');
    await frame.getByRole('button', { name: 'Join the room' }).click();
    await frame.getByRole('textbox', { name: 'Message' }).waitFor();
    await other.evaluate('ask()');
    await sayIn(frame, 'between us');
    await shows(frame, 'between us');
    assert.deepEqual(await other.evaluate('answers'), []);

    // The control: whom the page lets be itself is answered.
    await page.evaluate(`{
      var answers = [];
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => answers.push(data.type);
      frames[0].postMessage({ type: 'parlor:hello' }, '*', [port2]);
    }`);
    await waitUntil(async () => page.evaluate<boolean>(`answers.includes('joined')`), 'the page is told');
    assert.deepEqual(await other.evaluate('answers'), []);
  });

  it('does not take the focus, but can be given it', async (t) => {
    const { host, page } = await embedded(t, {
      body: '<parlor-room room="lobby" name="Proposed"></parlor-room>',
    });
    await page.goto(host.origin);
    const frame = await frameOf(page);
    const field = frame.getByRole('textbox', { name: 'Your name' });
    await field.waitFor();
    assert.equal(await field.inputValue(), 'Proposed');
    const focused = () => page.evaluate('document.activeElement.localName');
    assert.equal(await focused(), 'body');
    await page.evaluate(`document.querySelector('parlor-room').focus()`);
    await waitUntil(async () => (await focused()) === 'parlor-room', 'the element has it');
    await page.keyboard.press('Enter');
    await frame.getByRole('textbox', { name: 'Message' }).waitFor();
    await page.keyboard.type('typed at once');
    await page.keyboard.press('Enter');
    await shows(frame, 'typed at once');
    await page.reload();
    const again = await frameOf(page);
    await again.getByRole('textbox', { name: 'Message' }).waitFor();
    assert.equal(await focused(), 'body');
  });

  it('is one member in all its frames of a tab, as a copied tab is, and says each message once', async (t) => {
    const { host, server, page } = await embedded(t);
    const ada = await ApiClient.join(server.url, 'Ada');
    await page.goto(host.origin);
    const first = await joinIn(page, 'Bob');
    // A duplicated tab has a copy of the storage; so has another frame in this one.
    await page.evaluate(`{
      const other = document.createElement('parlor-room');
      other.id = 'other';
      other.setAttribute('room', 'lobby');
      document.body.append(other);
    }`);
    const second = await frameOf(page, '#other');
    await sayIn(second, 'from the copy');
    await shows(first, 'from the copy');
    await sayIn(first, 'from the first');
    await shows(second, 'from the first');
    assert.deepEqual((await ada.users()).body.users, ['Ada', 'Bob']);
    await second.getByRole('button', { name: 'Leave' }).click();
    await first.getByText('You left the room, maybe in another tab.').waitFor();
    const { events } = (await ada.history()).body;
    assert.deepEqual(
      events.map(({ type, message }) => message ?? type),
      ['join', 'join', 'from the copy', 'from the first', 'leave'],
    );
  });

  it('can be folded away behind a button that counts, as docs/embed.md shows', async (t) => {
    const body = exampleOf(docsPage('docs/embed.md'), 'fold');
    const { host, server, page } = await embedded(t, { body });
    host.policy = '';
    const ada = await ApiClient.join(server.url, 'Ada');
    await page.goto(host.origin);
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await button('Chat').click();
    await joinIn(page, 'Bob');
    await button('Chat').click();
    await page.locator('#chat').waitFor({ state: 'hidden' });
    await waitUntil(async () => {
      const { body: sent } = await ada.send('are you there?');
      await eventOn(page, 'message', ({ id }) => id === sent.id);
      return button('Chat (1)').isVisible();
    }, 'the button counts');
    await button('Chat (1)').click();
    await button('Chat').waitFor();
  });

  it('may be loaded twice, moved, and given another room', async (t) => {
    const { host, page, chat } = await embedded(t, { options: { ROOMS: 'lobby,tea' } });
    host.html += `<script type="module" src="${chat}/embed.js?again"></script><div id="elsewhere"></div>`;
    await page.goto(host.origin);
    await joinIn(page, 'Bob');
    await page.evaluate(`elsewhere.append(document.querySelector('parlor-room'))`);
    await (await frameOf(page)).getByRole('textbox', { name: 'Message' }).waitFor();
    await page.evaluate(`document.querySelector('parlor-room').setAttribute('room', 'tea')`);
    await page.frameLocator('parlor-room iframe').getByRole('heading', { name: 'tea' }).waitFor();
    assert.equal(await page.locator('parlor-room iframe').count(), 1);
    assert.deepEqual(
      (await eventsOn(page)).map(({ type }) => type),
      ['joined', 'left', 'joined', 'left'],
      'each time another frame begins',
    );
    await page.evaluate(`document.querySelector('parlor-room').setAttribute('room', 'nowhere')`);
    await page.frameLocator('parlor-room iframe').getByText('There is no room called “nowhere”.').waitFor();
  });
});
