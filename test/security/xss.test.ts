/**
 * Hundreds of texts that would be a script, an element or an address, as names, messages, announcements, reasons and user ids, on all
 * pages in a real browser: they are shown as text, and nothing else comes of them [P-5]. Names come past the rule about names
 * here, so that the pages are tried by themselves.
 */

import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Frame, Page } from 'playwright-core';
import { validateName } from '../../src/core/names.ts';
import { systemClock } from '../../src/system/system-clock.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { join } from '../support/chat-page.ts';
import { chatAddress, hostPage } from '../support/host-page.ts';
import { Operator, operated } from '../support/operator.ts';
import { servePage } from '../support/page-server.ts';
import type { TestServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { contentOf, none, payloadOf, RenamingStore, watched } from './support/hostile-room.ts';
import { payloads } from './support/payloads.ts';

const atOnce = 16;
const patienceMs = 60_000;
const history = { events: 10_000, bytes: 1 << 24, ageMs: Number.POSITIVE_INFINITY };
const free = {
  ...operated,
  AUTH: 'open',
  SESSION_TIMEOUT: '3600',
  SEND_LIMIT: 'off',
  UPDATES_LIMIT: 'off',
  CREATE_LIMIT: 'off',
  READ_LIMIT: 'off',
  FLOOD_STRIKES: 'off',
};

/** How many of the payloads a text has. */
const countIn = (text: string, all: readonly string[] = payloads): number =>
  all.filter((payload) => text.includes(payload)).length;
/** As pages show what one does. */
const shown = payloads.map((payload) => payload.replace(/^\/me[ \t]+/, ''));

async function inParts(work: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (let start = 0; start < work.length; start += atOnce) {
    await Promise.all(work.slice(start, start + atOnce).map((each) => each()));
  }
}

/** Everybody comes, and says his payload; the operator announces each. */
async function attack({ url }: TestServer, from = 0, to = payloads.length): Promise<void> {
  const operator = new Operator(url);
  await inParts(
    payloads.slice(from, to).map((payload, index) => async () => {
      const member = await ApiClient.join(url, `Member ${from + index}`);
      assert.equal((await member.send(payload)).status, 201, payload);
      await operator.announce(payload);
    }),
  );
}

describe('no text of a client becomes anything but text on a page', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  async function serve(t: TestContext, options: Record<string, string> = {}): Promise<TestServer> {
    const store = new RenamingStore({ clock: systemClock, history, maxTotalBytes: 1 << 28 });
    const server = await servePage(t, { ...free, ...options }, { store });
    t.after(() => assert.deepEqual(server.faults, []));
    return server;
  }

  it('there are 500 of them, which the rule about names alone refuses, but for a few', (t) => {
    const passing = payloads.filter((payload) => {
      try {
        return validateName(payload, { maxLength: 32 }) !== '';
      } catch {
        return false;
      }
    });
    t.diagnostic(
      `${payloads.length} payloads, of which ${payloads.length - passing.length} are refused as names`,
    );
    assert.ok(payloads.length >= 500 && passing.length > 0 && passing.length < 20);
  });

  it('a payload that is taken for HTML is noticed', async (t) => {
    const { context, seen } = await watched(t, browser);
    const host = await hostPage((close) => t.after(close));
    host.html = '<!doctype html><title>Control</title><main></main>';
    const page = await context.newPage();
    await page.goto(host.origin);
    await page.evaluate(
      `document.querySelector('main').innerHTML = ${JSON.stringify('<img data-made src=x onerror=pwned(1)>')}`,
    );
    await waitUntil(() => seen.executions.length === 1, 'its script ran');
    assert.equal((await contentOf(page)).made.length, 1);
    host.policy = `script-src 'none'`;
    await page.goto(host.origin);
    await page.evaluate(`document.querySelector('main').innerHTML = '<img src=x onerror=pwned(1)>'`);
    await waitUntil(() => seen.violations.length > 0, 'its breach of the policy was told');
  });

  it('on the page of the room, in a frame of another page, and in its feed, live and read later', async (t) => {
    const host = await hostPage((close) => t.after(close));
    const server = await serve(t, { EMBED_ORIGINS: host.origin });
    const chat = chatAddress(server.port);
    // Without a policy: what is taken for HTML in the feed runs.
    host.html = `<!doctype html><html lang="en"><title>A shop</title><main><h1>A shop</h1>
      <script type="module" src="${chat}/embed.js"></script>
      <parlor-room room="lobby"></parlor-room><parlor-feed room="lobby" last="1000"></parlor-feed></main>`;
    const { context, seen } = await watched(t, browser);
    const room = await context.newPage();
    await room.goto(server.url);
    await join(room, 'Reader');
    const shop = await context.newPage();
    await shop.goto(host.origin);
    const frame = await (await shop.locator('parlor-room iframe').elementHandle())?.contentFrame();
    assert.ok(frame);
    await frame.getByRole('textbox', { name: 'Your name' }).fill('Framed');
    await frame.getByRole('button', { name: 'Join the room' }).click();
    await frame.getByRole('textbox', { name: 'Message' }).waitFor();
    const operator = new Operator(server.url);
    const views: Record<string, Frame | Page> = { page: room, frame, feed: shop };
    const texts: Record<string, string> = {};
    // The feed shows no more than a thousand at a time.
    const half = Math.ceil(payloads.length / 2);
    const ends = ['That was the first half.', 'That was the last one.'];
    for (const [part, end] of ends.entries()) {
      await attack(server, part * half, (part + 1) * half);
      await operator.announce(end);
      for (const [name, view] of Object.entries(views)) {
        await view.getByText(end).first().waitFor({ timeout: patienceMs });
        const { text, made } = await contentOf(view);
        assert.deepEqual(made, [], name);
        texts[name] += text;
      }
    }
    for (const [name, text] of Object.entries(texts)) {
      t.diagnostic(
        `${name}: ${countIn(text, shown)} of ${payloads.length} payloads shown as text, 0 elements made`,
      );
      assert.equal(countIn(text, shown), payloads.length, name);
    }
    const roster = new Set(await room.locator('#roster li .name').allTextContents());
    assert.equal(
      payloads.filter((payload) => roster.has(payload)).length,
      payloads.length,
      'all are in the list of people',
    );
    // Whoever comes later reads history. What is pointed at, and what has the focus, is still text.
    await room.reload();
    const entries = room.locator('[role=log] .entry');
    await waitUntil(async () => (await entries.count()) >= 50, 'history is there', patienceMs);
    for (let index = 0; index < 20; index++) await room.keyboard.press('Tab');
    assert.deepEqual((await contentOf(room)).made, []);
    // Shown out for such a reason.
    const reason =
      '<img data-made src=x onerror=pwned(1)>"\'`</script><script data-made>pwned(1)</script>{{pwned(1)}}';
    for (const [view, name] of [
      [room, 'Reader'],
      [frame, 'Framed'],
    ] as const) {
      await operator.remove(name, reason);
      await view.getByText(reason).first().waitFor({ timeout: patienceMs });
      assert.deepEqual((await contentOf(view)).made, []);
    }
    assert.deepEqual(seen, none);
    t.diagnostic('0 dialogs, 0 violations of a policy, 0 scripts of a payload, 0 errors');
  });

  it('on the pages without scripts', async (t) => {
    const server = await serve(t);
    await attack(server);
    const { context, seen } = await watched(t, browser);
    const page = await context.newPage();
    await page.goto(`${server.url}/plain/lobby`);
    await page.getByRole('textbox').first().fill('Reader');
    await page.getByRole('button').first().click();
    // The page has the log for who has no frames; others do not see it there.
    const earlier = page.locator('a', { hasText: 'Earlier messages' }).first();
    await earlier.waitFor({ state: 'attached' });
    let all = '';
    let pages = 0;
    for (;;) {
      const { text, made } = await contentOf(page);
      assert.deepEqual(made, []);
      all += text;
      pages++;
      // The log in it once more, as browsers with frames show it; it loads itself anew.
      for (const frame of page.frames().slice(1)) {
        assert.deepEqual((await contentOf(frame).catch(() => contentOf(frame))).made, []);
      }
      if ((await earlier.count()) === 0) break;
      await page.goto(new URL((await earlier.getAttribute('href')) ?? '', page.url()).href);
    }
    assert.equal(countIn(all, shown), payloads.length);
    // What was typed is shown again with what is wrong about it.
    await context.clearCookies();
    const name = page.getByRole('textbox').first();
    let typed = 0;
    for (const payload of payloads.filter((_, index) => index % 60 === 0)) {
      await page.goto(`${server.url}/plain/lobby`);
      await name.fill(payload.replaceAll(/\s+/g, ' '));
      await page.getByRole('button').first().click();
      await page.waitForLoadState();
      assert.deepEqual((await contentOf(page)).made, [], payload);
      typed++;
    }
    assert.deepEqual(seen, none);
    t.diagnostic(
      `${pages} pages with ${payloads.length} payloads, ${typed} typed as names: 0 dialogs, 0 violations, 0 scripts, 0 elements made`,
    );
  });

  it('in addresses of pages', async (t) => {
    const server = await serve(t);
    const places = [
      '/P',
      '/?P',
      '/#P',
      '/plain/P',
      '/plain/lobby?from=P',
      '/plain/lobby?after=P&before=P',
      '/embed/P',
      '/embed?room=P',
      '/admin#P',
      '/manifest/P',
      '/v1/rooms/P',
    ];
    const addressOf = (place: string, payload: string) =>
      server.url + place.replaceAll('P', encodeURIComponent(payload));
    const breaking = payloads.filter((payload) => /[<>"']/.test(payload));
    let asked = 0;
    await inParts(
      places.flatMap((place) =>
        breaking.map((payload) => async () => {
          const answer = await fetch(addressOf(place, payload), { headers: { accept: 'text/html' } });
          const text = await answer.text();
          asked++;
          // What is no page is taken for one by nobody.
          assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', place);
          if (!/html/.test(answer.headers.get('content-type') ?? '')) return;
          assert.ok(answer.headers.has('content-security-policy'), place);
          assert.ok(!text.includes(payload), `${place}: ${payload}`);
        }),
      ),
    );
    const { context, seen } = await watched(t, browser);
    const page = await context.newPage();
    let opened = 0;
    for (const place of places) {
      for (const payload of breaking.filter((_, index) => index % 80 === 0)) {
        await page.goto(addressOf(place, payload));
        assert.deepEqual((await contentOf(page)).made, [], `${place}: ${payload}`);
        opened++;
      }
    }
    assert.deepEqual(seen, none);
    t.diagnostic(
      `${asked} addresses asked for: 0 repeated raw; ${opened} opened: 0 dialogs, 0 violations, 0 scripts`,
    );
  });

  it('on the page of the operator: names, users, bans, reasons and what was said', async (t) => {
    const server = await serve(t);
    const { url } = server;
    await attack(server);
    const ask = (method: string, path: string, body: unknown) =>
      new ApiClient(url).call(method, `/../../admin/${path}`, body, {
        authorization: `Bearer ${operated.ADMIN_TOKEN}`,
      });
    const lines = payloads.map((payload) =>
      payload
        .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
        .slice(0, 200)
        .trim(),
    );
    await inParts(
      lines.map((line) => async () => {
        const { status, body } = await ask('POST', 'bans', {
          kind: 'user',
          value: `${line} elsewhere`,
          reason: line,
        });
        assert.equal(status, 201, JSON.stringify(body));
      }),
    );
    const { context, seen } = await watched(t, browser);
    const page = await context.newPage();
    // What an operator is shown of sessions is the server's own; here each has a payload for its name and its user.
    await page.route('**/v1/admin/sessions?*', async (route) => {
      const response = await route.fetch();
      const json = await response.json();
      for (const session of json.sessions) {
        const payload = payloadOf(session.name);
        session.name = payload;
        session.user = { id: payload, name: payload };
      }
      await route.fulfill({ response, json });
    });
    await page.goto(`${url}/admin`);
    await page.getByLabel('Token', { exact: true }).fill(operated.ADMIN_TOKEN);
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    for (const [part, all] of [
      ['Sessions', payloads],
      ['Bans', lines],
    ] as const) {
      await page.getByRole('link', { name: part }).click();
      const section = page.locator('main > section:not([hidden])');
      await section.locator('tbody tr').nth(99).waitFor({ timeout: patienceMs });
      const later = section.getByRole('navigation').getByRole('button').nth(2);
      let text = '';
      let pages = 0;
      for (;;) {
        const content = await contentOf(page);
        assert.deepEqual(content.made, [], part);
        text += content.text;
        pages++;
        if ((await later.getAttribute('aria-disabled')) === 'true') break;
        const before = await section.locator('.rows-seen').textContent();
        await later.click();
        await waitUntil(
          async () => (await section.locator('.rows-seen').textContent()) !== before,
          'the page is turned',
        );
      }
      t.diagnostic(`${part}: ${countIn(text, all)} of ${all.length} payloads on ${pages} pages`);
      assert.equal(countIn(text, all), all.length, part);
    }
    await page.getByRole('link', { name: 'Rooms' }).click();
    await page.getByRole('button', { name: 'Messages: lobby' }).click();
    const entries = page.getByRole('dialog', { name: 'Latest in lobby' }).getByRole('listitem');
    await waitUntil(async () => (await entries.count()) >= 50, 'what was said is there', patienceMs);
    const { text, made } = await contentOf(page);
    assert.ok(countIn(text) > 20, 'what was said last is there');
    assert.deepEqual(made, []);
    await page.keyboard.press('Escape');
    // It ends all sessions, so it comes last.
    assert.equal((await ask('PUT', 'rooms/lobby/closure', { reason: lines[0] })).status, 204);
    await page
      .locator('main > section:not([hidden])')
      .getByText(lines[0] ?? '')
      .first()
      .waitFor();
    assert.deepEqual((await contentOf(page)).made, []);
    assert.deepEqual(seen, none);
    t.diagnostic('0 dialogs, 0 violations of a policy, 0 scripts of a payload, 0 elements made');
  });
});
