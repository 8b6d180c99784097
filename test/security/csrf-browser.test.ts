import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { chatAddress, type HostPage, hostPage } from '../support/host-page.ts';
import { waitUntil } from '../support/wait-until.ts';
import { attack, sandboxed } from './support/hostile-page.ts';
import { type WatchedServer, watchedServer } from './support/watched-server.ts';

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

interface Scene {
  readonly server: WatchedServer;
  readonly chat: string;
  readonly context: BrowserContext;
  /** The visitor's own page of the chat. */
  readonly own: Page;
  /** All requests since the visitor has come in. */
  readonly requests: {
    method: string;
    url: string;
    hasCookie: boolean;
    headers: IncomingMessage['headers'];
  }[];
}

interface Told {
  readonly begun: number;
  readonly beacons: number;
  /** By `no-cors`, the beacons among them. */
  readonly blindPosts: number;
}

/** Somebody who is in the room with a cookie, and another member beside. */
async function scene(t: TestContext): Promise<Scene> {
  const server = await watchedServer();
  const context = await browser.newContext();
  t.after(async () => {
    await context.close();
    await server.close();
  });
  const chat = chatAddress(server.port);
  const own = await context.newPage();
  await own.goto(`${chat}/v1/rooms`);
  await own.evaluate(`(async () => {
    const headers = { 'content-type': 'application/json' };
    for (const room of ['other', 'lobby']) {
      const answer = await fetch('/v1/rooms/' + room + '/session', { method: 'POST', headers, body: '{"name":"Ada"}' });
      if (answer.status !== 201) throw new Error(String(answer.status));
    }
    await fetch('/v1/rooms/lobby/session/updates?after=0');
  })()`);
  const requests: Scene['requests'] = [];
  server.app.server.on('request', ({ method = '', url = '', headers }: IncomingMessage) => {
    requests.push({ method, url, hasCookie: /parlor-lobby=/.test(headers.cookie ?? ''), headers });
  });
  return { server, chat, context, own, requests };
}

/** What no page of somebody else may touch: the room, the sessions, and the visitor's cookies. */
async function standing({ server, context, chat }: Scene): Promise<unknown> {
  const { sessions, rooms } = await server.state();
  return {
    sessions: sessions.map(({ lastInbound: _in, lastOutbound: _out, ...session }) => session),
    rooms,
    cookies: (await context.cookies(chat)).map(({ name, value }) => [name, value]).sort(),
  };
}

function blindPostsAmong({ requests }: Scene): number {
  return requests.filter(
    ({ method, headers }) =>
      method === 'POST' && headers['sec-fetch-mode'] === 'no-cors' && headers['sec-fetch-dest'] === 'empty',
  ).length;
}

/** Navigates to everything that can be read, as a link or a script of the hostile page does. */
async function navigate(page: Page, chat: string): Promise<number> {
  const addresses = ['/session', '/session/updates', '/session/events', '/session/users'].map(
    (path) => `${chat}/v1/rooms/lobby${path}`,
  );
  addresses.push(`${chat}/plain/lobby/leave`, `${chat}/plain/lobby/send`);
  for (const address of addresses) {
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate(`void open(${JSON.stringify(address)})`),
    ]);
    await popup.waitForLoadState().catch(() => {});
    await popup.close();
  }
  for (const path of [
    '/v1/rooms/lobby/session',
    '/v1/rooms/lobby/session/messages',
    '/plain/lobby/send',
    '/plain/lobby/leave',
  ]) {
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate(`(() => {
        const form = Object.assign(document.createElement('form'), { method: 'post', target: '_blank', action: '${chat}${path}' });
        for (const name of ['${path.endsWith('/session') ? 'name' : 'message'}']) {
          form.append(Object.assign(document.createElement('input'), { name, value: 'Forged' }));
        }
        document.body.append(form);
        form.submit();
      })()`),
    ]);
    await popup.waitForLoadState().catch(() => {});
    await popup.close();
  }
  return addresses.length + 4;
}

const plainPage = '<!doctype html><title>hostile</title><body>';

/** Where the hostile page stands, and whether browsers send the visitor's cookie with what it begins. */
const places: Record<string, { name: string; isFramed: boolean; sendsCookies: boolean }> = {
  'another site': { name: 'evil', isFramed: false, sendsCookies: false },
  // A port makes an origin, but no site: browsers send cookies, and only the origin tells whose page it is.
  'another port of the same host': { name: 'chat', isFramed: false, sendsCookies: true },
  'a sandboxed frame on another site': { name: 'evil', isFramed: true, sendsCookies: false },
  'a sandboxed frame on another port of the same host': { name: 'chat', isFramed: true, sendsCookies: false },
};

for (const [place, { name, isFramed, sendsCookies }] of Object.entries(places)) {
  test(`a page on ${place} does nothing in the room of its visitor, whatever it sends`, async (t) => {
    const at = await scene(t);
    const host: HostPage = await hostPage((close) => t.after(close), name);
    host.html = isFramed ? sandboxed(at.chat) : plainPage;
    const before = await standing(at);
    const changes = at.server.changes();
    const page = await at.context.newPage();
    await page.goto(host.origin);
    const told = (await (isFramed
      ? page.evaluate('attacked')
      : page.evaluate(`(${attack})('${at.chat}')`))) as Told;
    const opened = isFramed ? 0 : await navigate(page, at.chat);
    assert.deepEqual(told, { begun: 194, beacons: 24, blindPosts: 55 });
    await waitUntil(() => blindPostsAmong(at) >= told.blindPosts, 'the beacons have come');
    const foreign = at.requests.filter(({ headers }) => headers['sec-fetch-site'] !== 'same-origin');
    const withCookie = foreign.filter(({ hasCookie }) => hasCookie);
    assert.ok(foreign.length >= 150, `${foreign.length} requests came`);
    if (sendsCookies) assert.ok(withCookie.length >= 100, `${withCookie.length} with the cookie`);
    assert.equal(at.server.changes(), changes, 'the store was asked to change nothing');
    assert.deepEqual(await standing(at), before);
    t.diagnostic(
      `${told.begun} requests, ${told.beacons} beacons and ${opened} windows: ${foreign.length} came to the server, ${withCookie.length} of them with the visitor’s cookie; 0 effects`,
    );
  });
}

test('the same from a page of the chat itself has effects: the attack would be seen', async (t) => {
  const at = await scene(t);
  const changes = at.server.changes();
  await at.own.evaluate(`(${attack})(location.origin)`);
  assert.ok(at.server.changes() > changes);
  t.diagnostic(`${at.server.changes() - changes} effects`);
});
