import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Frame, Page } from 'playwright-core';
import { systemClock } from '../../src/system/system-clock.ts';
import { exampleOf } from '../client/support/installed-client.ts';
import { violationsOn } from '../support/accessibility.ts';
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
import { adasClaims, hmac, secret } from '../support/tokens.ts';
import { waitUntil } from '../support/wait-until.ts';

const tokenOf = (claims: object = {}, nowMs = Date.now()) =>
  hmac({ alg: 'HS256' }, adasClaims(nowMs, { ...claims }));
const bob = { sub: 'u-2', preferred_username: 'Bob' };

/** What somebody asked of the chat. */
interface Asked {
  readonly what: string;
  readonly cookie: string | undefined;
  readonly authorization: string | undefined;
}

describe('parlor-room that is given a token by its page, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  async function embedded(
    t: TestContext,
    {
      body = '<parlor-room room="lobby"></parlor-room>',
      embedOrigins,
    }: { readonly body?: string; readonly embedOrigins?: string } = {},
  ) {
    const context = await browser.newContext();
    const page = await context.newPage();
    t.after(() => context.close());
    await noteEvents(page);
    const said: string[] = [];
    context.on('console', (message) => said.push(message.text()));
    const host = await hostPage((close) => t.after(close));
    const time = { aheadMs: 0 };
    const server = await servePage(
      t,
      { AUTH: 'jwt', JWT_SECRET: secret, EMBED_ORIGINS: embedOrigins ?? host.origin },
      { clock: Object.create(systemClock, { wall: { value: () => systemClock.wall() + time.aheadMs } }) },
    );
    t.after(() => assert.deepEqual(server.faults, []));
    const asked: Asked[] = [];
    server.app.server.on('request', ({ method = '', url = '', headers }) => {
      asked.push({ what: `${method} ${url}`, cookie: headers.cookie, authorization: headers.authorization });
    });
    const chat = chatAddress(server.port);
    host.html = `<!doctype html><html lang="en"><title>A shop</title><body><main><h1>A shop</h1>
      <script type="module" src="${chat}/embed.js"></script>${body}</main>`;
    const creations = () => asked.filter(({ what }) => what === 'POST /v1/rooms/lobby/session');
    return { host, server, chat, asked, creations, context, page, said, time };
  }

  async function frameOf(page: Page): Promise<Frame> {
    const handle = await page.locator('parlor-room iframe').elementHandle();
    const frame = await handle?.contentFrame();
    assert.ok(frame);
    return frame;
  }

  const give = (page: Page, token: string) =>
    page.evaluate(`document.querySelector('parlor-room').login(${JSON.stringify(token)})`);
  const field = (frame: Frame) => frame.getByRole('textbox', { name: 'Message' });

  /** Who came and went, and what was said, as a member's `history` has it. */
  async function logOf(server: TestServer, frame: Frame): Promise<string[]> {
    let events: Record<string, string>[] = [];
    await waitUntil(async () => {
      const token = await frame.evaluate<string>(
        `Object.entries(sessionStorage).find(([key]) => key.startsWith('parlor:token:'))[1]`,
      );
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(`${server.url}/v1/rooms/lobby/history`, { headers });
      const body = await answer.text();
      if (answer.ok) events = JSON.parse(body).events;
      // The frame may have renewed its session since it was asked for the token.
      assert.ok(answer.ok || answer.status === 401 || answer.status === 410, body);
      return answer.ok;
    }, 'the log is read by the session of the frame');
    return events.map(({ type = '', name, message = type }) => `${name}: ${message}`);
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

  it('has the visitor in without a question, as docs/embed.md shows, where cookies of other sites are blocked', async (t) => {
    const body = exampleOf(docsPage('docs/embed.md'), 'login');
    const { host, server, chat, asked, creations, context, page, said } = await embedded(t, { body });
    await blockForeignCookies(page);
    assert.equal(await keepsForeignCookie(t, page), false, 'the control');
    const tokens: string[] = [];
    host.answers.set('/chat-token', () => {
      tokens.push(tokenOf());
      return tokens.at(-1) ?? '';
    });
    await page.goto(host.origin);
    const frame = await frameOf(page);
    await field(frame).fill('hello from a shop');
    await field(frame).press('Enter');
    assert.equal((await eventOn(page, 'joined')).name, 'Ada');
    await eventOn(page, 'message', ({ message }) => message === 'hello from a shop');
    assert.deepEqual(
      (await eventsOn(page)).filter(({ type }) => type === 'login'),
      [{ type: 'login', detail: { reason: 'first' } }],
    );

    await page.reload();
    await eventOn(page, 'joined');
    const again = await frameOf(page);
    await field(again).fill('still here');
    await field(again).press('Enter');
    await eventOn(page, 'message', ({ message }) => message === 'still here');
    assert.deepEqual(await logOf(server, again), ['Ada: join', 'Ada: hello from a shop', 'Ada: still here']);

    const [token = ''] = tokens;
    assert.deepEqual(creations()[0]?.authorization, `Bearer ${token}`);
    const kept = await again.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])');
    for (const each of tokens) {
      assert.ok(!kept.includes(each));
      assert.deepEqual(
        [...asked.map(({ what }) => what), ...said].filter((text) => text.includes(each)),
        [],
      );
    }
    const withToken = asked.filter(({ authorization = '' }) =>
      tokens.some((each) => authorization.includes(each)),
    );
    assert.deepEqual(new Set(withToken.map(({ what }) => what)), new Set(['POST /v1/rooms/lobby/session']));
    assert.deepEqual(
      [await context.cookies(chat), asked.filter(({ cookie }) => cookie !== undefined)],
      [[], []],
    );
  });

  it('renews the stay of one user unseen, and has another one in for the one before', async (t) => {
    const { host, server, page, creations } = await embedded(t);
    await page.goto(host.origin);
    await eventOn(page, 'login');
    await give(page, tokenOf());
    await eventOn(page, 'joined');
    const frame = await frameOf(page);
    await field(frame).fill('first');
    await field(frame).press('Enter');
    await eventOn(page, 'message');
    await give(page, tokenOf({ jti: 'the next one' }));
    await waitUntil(async () => creations().length === 2, 'it is renewed');
    await field(frame).fill('second');
    await field(frame).press('Enter');
    await eventOn(page, 'message', ({ message }) => message === 'second');
    assert.deepEqual(await logOf(server, frame), ['Ada: join', 'Ada: first', 'Ada: second']);

    await give(page, tokenOf(bob));
    await eventOn(page, 'joined', ({ name }) => name === 'Bob');
    await frame.getByRole('log').getByText('second', { exact: true }).waitFor();
    await waitUntil(
      async () => (await logOf(server, frame)).length >= 5,
      'who was there has left, and another one has come',
    );
    assert.deepEqual((await logOf(server, frame)).slice(3).sort(), ['Ada: leave', 'Bob: join']);
    assert.deepEqual(
      (await eventsOn(page)).filter(({ type }) => type === 'left'),
      [],
    );
  });

  it('takes nobody for who was there before, if the page knows its visitor when it is loaded', async (t) => {
    const { host, server, page, chat } = await embedded(t);
    const hostPageFor = (
      token: string,
    ) => `<!doctype html><script type="module" src="${chat}/embed.js"></script>
      <parlor-room room="lobby"></parlor-room>
      <script type="module">document.querySelector('parlor-room').login('${token}')</script>`;
    host.html = hostPageFor(tokenOf());
    await page.goto(host.origin);
    await eventOn(page, 'joined', ({ name }) => name === 'Ada');
    host.html = hostPageFor(tokenOf(bob));
    await page.reload();
    await eventOn(page, 'joined', ({ name }) => name === 'Bob');
    const frame = await frameOf(page);
    await waitUntil(async () => (await logOf(server, frame)).includes('Ada: leave'), 'Ada has left');
  });

  for (const [what, first] of [
    ['let in', tokenOf()],
    ['refused', tokenOf({ exp: 1 })],
  ] as const) {
    it(`goes by the last of several tokens, also while one before it is being ${what}`, async (t) => {
      const { host, page, creations } = await embedded(t);
      let letGo = () => {};
      const isGiven = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      await page.route('**/v1/rooms/lobby/session', async (route) => {
        if (route.request().method() === 'POST') await isGiven;
        await route.continue();
      });
      await page.goto(host.origin);
      await eventOn(page, 'login');
      const isAsked = page.waitForRequest((request) => request.method() === 'POST');
      await give(page, first);
      await isAsked;
      await give(page, tokenOf(bob));
      // What is said over the same port behind it shows that the frame has it.
      await page.evaluate(`document.querySelector('parlor-room').setAttribute('accent', '#aa0000')`);
      const frame = await frameOf(page);
      await frame.waitForFunction(`document.documentElement.style.getPropertyValue('--accent') !== ''`);
      letGo();
      await eventOn(page, 'joined', ({ name }) => name === 'Bob');
      assert.equal(creations().length, 2);
      const refusals = (await eventsOn(page)).filter(({ detail }) => Object(detail).reason === 'refused');
      assert.deepEqual(refusals, []);
    });
  }

  it('asks for a fresh token when the stay ends with the last one, and goes on with it', async (t) => {
    const { host, page, time } = await embedded(t);
    await page.goto(host.origin);
    await eventOn(page, 'login', ({ reason }) => reason === 'first');
    await give(page, tokenOf());
    await eventOn(page, 'joined');
    const frame = await frameOf(page);
    await field(frame).waitFor();
    time.aheadMs = 7_200_000;
    await eventOn(page, 'login', ({ reason }) => reason === 'expired');
    await give(page, tokenOf({}, Date.now() + time.aheadMs));
    await field(frame).fill('back again');
    await field(frame).press('Enter');
    await eventOn(page, 'message', ({ message }) => message === 'back again');
  });

  it('says that a token was not accepted, once, and takes another one', async (t) => {
    const { host, page } = await embedded(t);
    await page.goto(host.origin);
    const frame = await frameOf(page);
    await frame.getByText('To come in, sign in on the page around.').waitFor();
    assert.deepEqual(await violationsOn(frame), []);
    await give(page, tokenOf({ exp: 1 }));
    await eventOn(page, 'login', ({ reason }) => reason === 'refused');
    await frame.getByText('Your sign-in is not valid here, or no longer.').waitFor();
    await give(page, tokenOf());
    await eventOn(page, 'joined');
    await give(page, 'of.another.kind');
    await eventOn(page, 'login', ({ reason }) => reason === 'refused');
    await field(frame).fill('nobody has shown me out');
    await field(frame).press('Enter');
    await eventOn(page, 'message', ({ message }) => message === 'nobody has shown me out');
    const reasons = (await eventsOn(page)).filter(({ type }) => type === 'login').map(({ detail }) => detail);
    assert.deepEqual(reasons, [{ reason: 'first' }, { reason: 'refused' }, { reason: 'refused' }]);
    // What is no token is passed over.
    for (const none of ['', 'a b', 'a\nb', 'x'.repeat(9000), 'ü']) await give(page, none);
    await give(page, tokenOf(bob));
    await eventOn(page, 'joined', ({ name }) => name === 'Bob');
  });

  it('stays where it is once somebody has left, and has him in again by its button', async (t) => {
    const { host, page } = await embedded(t);
    await page.goto(host.origin);
    await eventOn(page, 'login');
    await give(page, tokenOf());
    const frame = await frameOf(page);
    await frame.getByRole('button', { name: 'Leave' }).click();
    await frame.getByText('You are signed in, and come in under that name.').waitFor();
    await frame.getByRole('button', { name: 'Join the room' }).click();
    await field(frame).waitFor();
  });

  /** A page of somebody who has a token of his own, and would have the visitor in by it. */
  const attack = (target: string) => `
    var answers = [];
    addEventListener('message', ({ data, ports }) => {
      answers.push(data);
      if (data?.type === 'parlor:ready') push();
    });
    function push() {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => answers.push(data);
      port1.postMessage({ type: 'token', token: '${tokenOf(bob)}' });
      ${target}.postMessage({ type: 'parlor:hello' }, '*', [port2]);
      ${target}.postMessage({ type: 'token', token: '${tokenOf(bob)}' }, '*');
      ${target}.postMessage('that was all', '*');
    }`;
  /** Waits until a room has got all that was pushed; what follows from it is begun by then. */
  const hasHeard = async (room: Frame | Page, push: () => Promise<unknown>) => {
    await room.evaluate(
      `var heard = new Promise((done) => addEventListener('message', ({ data }) => data === 'that was all' && setTimeout(done, 100)))`,
    );
    await push();
    await room.evaluate('heard');
  };

  it('takes nothing from whoever has opened it as a window, and tells him nothing', async (t) => {
    const { chat, creations, context, page } = await embedded(t);
    const stranger = await hostPage((close) => t.after(close), 'stranger');
    stranger.html = `<script>${attack('room')} var room;</script>`;
    await page.goto(stranger.origin);
    const opened = context.waitForEvent('page');
    await page.evaluate(`room = open('${chat}/embed/lobby')`);
    const room = await opened;
    await room.getByText('To come in, sign in').waitFor();
    await hasHeard(room, () => page.evaluate('push()'));
    assert.deepEqual([creations(), await page.evaluate('answers')], [[], []]);
  });

  it('takes nothing from another frame of the page, and tells it nothing', async (t) => {
    const { host, chat, creations, page } = await embedded(t);
    const stranger = await hostPage((close) => t.after(close), 'stranger');
    stranger.html = `<script>${attack('parent.frames[0]')}</script>`;
    host.html = `<!doctype html><iframe id="plain" src="${chat}/embed/lobby"></iframe><iframe src="${stranger.origin}"></iframe>
      <script>${attack('frames[0]').replace("data?.type === 'parlor:ready'", 'false')}</script>`;
    await page.goto(host.origin);
    const handle = await page.locator('#plain').elementHandle();
    const room = await handle?.contentFrame();
    const other = page.frames().find((each) => each.url().startsWith(stranger.origin));
    assert.ok(room && other);
    await room.getByText('To come in, sign in on the page around.').waitFor();
    await hasHeard(room, () => other.evaluate('push()'));
    assert.deepEqual([creations(), await other.evaluate('answers')], [[], []]);
    // The control: the page around is heard, by the same words.
    await page.evaluate('push()');
    await waitUntil(async () => creations().length === 1, 'the page around has its visitor in');
    assert.deepEqual(await other.evaluate('answers'), []);
  });

  for (const [who, attributes] of [
    ['a page of another origin', ''],
    ['a sandboxed page without an origin', 'sandbox="allow-scripts"'],
  ] as const) {
    for (const allowed of ['listed', '*']) {
      const isBlocked = allowed === 'listed' || attributes !== '';
      it(`${isBlocked ? 'takes nothing from' : 'hears'} ${who}, where EMBED_ORIGINS is ${allowed}`, async (t) => {
        const embedOrigins = allowed === '*' ? '*' : undefined;
        const { chat, asked, creations, page } = await embedded(t, embedOrigins ? { embedOrigins } : {});
        const outer = await hostPage((close) => t.after(close), 'outer');
        const stranger: HostPage = await hostPage((close) => t.after(close), 'stranger');
        stranger.html = `<!doctype html><iframe src="${chat}/embed/lobby"></iframe><script>${attack('frames[0]')}</script>`;
        outer.html = `<!doctype html><iframe src="${stranger.origin}" ${attributes}></iframe>`;
        await page.goto(outer.origin);
        const hostile = page.frames().find((each) => each.url().startsWith(stranger.origin));
        assert.ok(hostile);
        await waitUntil(async () => asked.some(({ what }) => what === 'GET /embed/lobby'), 'it tries');
        if (!isBlocked) {
          await waitUntil(async () => creations().length === 1, 'the control: it is let in');
          return;
        }
        await hostile.evaluate('push()');
        await hostile.evaluate('new Promise((done) => setTimeout(done, 300))');
        const words = (await hostile.evaluate<{ type?: string }[]>('answers')).map(({ type }) => type);
        assert.deepEqual(
          words.filter((type) => type !== 'parlor:ready'),
          [],
        );
        assert.deepEqual(creations(), []);
      });
    }
  }
});
