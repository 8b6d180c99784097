import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { builtPage } from '../support/built-page.ts';
import { join, say } from '../support/chat-page.ts';
import { startServer, type TestServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const count = 10;
/** What tabs of one session share, and what one who writes fast is held to, are no part of this. */
const roomy = { SEND_LIMIT: 'off', UPDATES_LIMIT: 'off' };
/** As on a page that came over HTTP from another machine. */
const withoutLocks = "Reflect.deleteProperty(Navigator.prototype, 'locks')";
/** Notes when each message came into the log. */
const noteArrivals = `
  globalThis.arrivals = {};
  new MutationObserver(() => {
    for (const text of document.querySelectorAll('[role=log] .message .text')) {
      globalThis.arrivals[text.textContent] ??= Date.now();
    }
  }).observe(document, { childList: true, subtree: true });
`;

/** The tabs of one browser, and the stream they share as the server has it. */
class OneBrowser {
  readonly context: BrowserContext;
  readonly server: TestServer;
  readonly pages: Page[] = [];
  /** Which tabs have asked for a stream, the last one last. */
  readonly streamers: Page[] = [];
  readonly creates: Page[] = [];
  readonly #streams: { open: number };

  constructor(context: BrowserContext, server: TestServer, streams: { open: number }) {
    this.context = context;
    this.server = server;
    this.#streams = streams;
  }

  /** Streams that the server has open. */
  get streams(): number {
    return this.#streams.open;
  }

  get leader(): Page {
    const last = this.streamers.at(-1);
    assert.ok(last);
    return last;
  }

  async open(): Promise<Page> {
    const page = await this.context.newPage();
    page.on('request', (request) => {
      if (request.url().includes('/session/events')) this.streamers.push(page);
      if (request.method() === 'POST' && request.url().endsWith('/session')) this.creates.push(page);
    });
    await page.goto(this.server.url);
    this.pages.push(page);
    return page;
  }

  remove(page: Page): void {
    this.pages.splice(this.pages.indexOf(page), 1);
  }

  /** Waits until every tab shows these and nothing else, each once and in order. */
  async show(texts: readonly string[]): Promise<void> {
    for (const page of this.pages) {
      await waitUntil(async () => (await textsOn(page)).length >= texts.length, 'all of it was shown');
      assert.deepEqual(await textsOn(page), texts);
    }
  }

  async areLive(): Promise<void> {
    for (const page of this.pages) await page.getByText('Live', { exact: true }).waitFor();
  }
}

const textsOn = (page: Page) => page.locator('[role=log] .message .text').allTextContents();

/** Says something every few milliseconds until it is told to stop; the answer is what was said. */
function talk(bob: ApiClient, from: number): () => Promise<string[]> {
  const said: string[] = [];
  let isOver = false;
  const talking = (async () => {
    for (let i = from; !isOver; i++) {
      const text = `${i} ${Date.now()}`;
      const { status } = await bob.send(text);
      assert.equal(status, 201);
      said.push(text);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return async () => {
    isOver = true;
    await talking;
    return said;
  };
}

/** How long the message that took longest was on its way to any of these tabs. */
async function slowestMs(pages: readonly Page[], texts: readonly string[]): Promise<number> {
  const times = await Promise.all(
    pages.map(async (page) => {
      const arrivals = await page.evaluate<Record<string, number>>('globalThis.arrivals');
      return texts.map((text) => (arrivals[text] ?? Number.NaN) - Number(text.split(' ')[1]));
    }),
  );
  return Math.max(...times.flat());
}

/** Ends the renderer of a tab, as a fault of the browser does. */
async function crash(one: OneBrowser, page: Page): Promise<void> {
  const session = await one.context.newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  // It is never answered.
  session.send('Page.crash').catch(() => {});
  await crashed;
  one.remove(page);
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

describe('ten tabs of one browser over HTTP/1.1', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  /** Ada in so many tabs. */
  async function opened(
    t: TestContext,
    tabs: number,
    { options = {}, script = '' }: { options?: Record<string, string>; script?: string } = {},
  ): Promise<OneBrowser> {
    const streams = { open: 0 };
    const server = await startServer(
      { ...roomy, ...options },
      {
        publicDirectory: await builtPage(),
        observer: {
          streamOpened: () => {
            streams.open += 1;
          },
          streamEnded: () => {
            streams.open -= 1;
          },
        },
      },
    );
    t.after(() => server.close());
    const context = await browser.newContext();
    t.after(() => context.close());
    await context.addInitScript(noteArrivals + script);
    const one = new OneBrowser(context, server, streams);
    if (tabs > 0) await join(await one.open(), 'Ada');
    while (one.pages.length < tabs) await one.open();
    await one.areLive();
    return one;
  }

  for (const [kind, script] of [
    ['locks', ''],
    ['no locks', withoutLocks],
  ] as const) {
    it(`share one stream, and all of them hear and speak (${kind})`, async (t) => {
      const one = await opened(t, count, { script });
      const texts: string[] = [];
      for (const [index, page] of one.pages.entries()) {
        const text = `from tab ${index}`;
        texts.push(text);
        await say(page, text);
        await one.show(texts);
      }
      // On a machine that hardly answers, two may have believed for a moment that it is theirs.
      await waitUntil(() => one.streams === 1, 'one stream is left');
      const hasLocks = await one.leader.evaluate<boolean>("'locks' in navigator");
      assert.equal(hasLocks, script === '');
    });

    it(`lose nothing when the tab with the stream is closed in mid-talk (${kind})`, async (t) => {
      const one = await opened(t, count, { script });
      const bob = await ApiClient.join(one.server.url, 'Bob');
      const texts: string[] = [];
      const slowest: number[] = [];
      while (one.pages.length > 3) {
        const stop = talk(bob, texts.length);
        await waitUntil(async () => (await textsOn(one.leader)).length > texts.length + 5, 'the talk began');
        const { leader } = one;
        one.remove(leader);
        await leader.close();
        await waitUntil(() => one.leader !== leader && one.streams === 1, 'another tab has the stream');
        const said = await stop();
        texts.push(...said);
        await one.show(texts);
        slowest.push(await slowestMs(one.pages, said));
      }
      t.diagnostic(`hand-over: median ${median(slowest)} ms, worst ${Math.max(...slowest)} ms`);
      // Meant are 2 s, on a machine that is not busy with other things.
      assert.ok(Math.max(...slowest) < 10_000, `it took ${slowest} ms`);
    });
  }

  it('lose nothing when the tab with the stream crashes', async (t) => {
    const one = await opened(t, 4);
    const bob = await ApiClient.join(one.server.url, 'Bob');
    const stop = talk(bob, 0);
    await waitUntil(async () => (await textsOn(one.leader)).length > 5, 'the talk began');
    const { leader } = one;
    await crash(one, leader);
    await waitUntil(() => one.leader !== leader && one.streams === 1, 'another tab has the stream');
    const said = await stop();
    await one.show(said);
    t.diagnostic(`hand-over: ${await slowestMs(one.pages, said)} ms`);
  });

  it('miss one that crashes where there are no locks, after some silence', async (t) => {
    const one = await opened(t, 3, { script: withoutLocks, options: { HEARTBEAT: '1' } });
    const bob = await ApiClient.join(one.server.url, 'Bob');
    const { leader } = one;
    await crash(one, leader);
    await bob.send('is anybody there?');
    await one.show(['is anybody there?']);
    await waitUntil(() => one.streams === 1, 'one stream is left');
    assert.notEqual(one.leader, leader);
  });

  it('do not wait for a tab that does not answer, and it listens when it is back', async (t) => {
    const one = await opened(t, 3);
    const bob = await ApiClient.join(one.server.url, 'Bob');
    const { leader } = one;
    const others = one.pages.filter((page) => page !== leader);
    // Its thread waits for an answer and does nothing else.
    const { promise: isStuck, resolve: stick } = withResolvers();
    const { promise: isReleased, resolve: release } = withResolvers();
    await leader.route('**/held', async (route) => {
      stick();
      await isReleased;
      await route.fulfill({ body: '' });
    });
    const asking = leader.evaluate(`{
      const request = new XMLHttpRequest();
      request.open('GET', '/held', false);
      request.send();
    }`);
    await isStuck;
    await bob.send('is anybody there?');
    // As when one looks at another tab.
    await others[0]?.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    for (const page of others) await page.getByText('is anybody there?', { exact: true }).waitFor();
    assert.notEqual(one.leader, leader);
    release();
    await asking;
    await bob.send('back again');
    await one.show(['is anybody there?', 'back again']);
    await waitUntil(() => one.streams === 1, 'one stream is left');
  });

  it('hand over when the page with the stream is left, and go on in it on the way back', async (t) => {
    const one = await opened(t, 3);
    const bob = await ApiClient.join(one.server.url, 'Bob');
    const { leader } = one;
    await leader.goto(`${one.server.url}/livez`);
    await waitUntil(() => one.leader !== leader && one.streams === 1, 'another tab has the stream');
    await bob.send('while it was away');
    await leader.goBack();
    await one.areLive();
    await bob.send('back again');
    await one.show(['while it was away', 'back again']);
    await waitUntil(() => one.streams === 1, 'one stream is left');
  });

  it('follow when one of two that stood at the door comes in under another name', async (t) => {
    const one = await opened(t, 0);
    const [ada, grace] = [await one.open(), await one.open()];
    await join(ada, 'Ada');
    await join(grace, 'Grace');
    const bob = await ApiClient.join(one.server.url, 'Bob');
    await waitUntil(
      async () => (await ada.evaluate<string>('document.body.innerText')).includes('Grace'),
      'it followed',
    );
    await one.areLive();
    await say(ada, 'as whom?');
    await one.show(['as whom?']);
    const { body } = await bob.updates({ after: '0' });
    assert.deepEqual(
      body.events.filter(({ name }) => name !== 'Bob').map(({ type, name }) => `${type} ${name}`),
      ['join Ada', 'leave Ada', 'join Grace', 'message Grace'],
    );
    await waitUntil(() => one.streams === 1, 'one stream is left');
  });

  it('all leave when one does, and none comes back by itself', async (t) => {
    const one = await opened(t, 4);
    const bob = await ApiClient.join(one.server.url, 'Bob');
    const [, second] = one.pages;
    await second?.getByRole('button', { name: 'Leave' }).click();
    for (const page of one.pages) {
      if (page === second) await page.getByRole('button', { name: 'Join the room' }).waitFor();
      else {
        await page.getByRole('button', { name: 'Join again' }).waitFor();
        // Who is here is not known outside, and the name that was one's own is not here any more.
        await page.getByRole('complementary').waitFor({ state: 'hidden' });
      }
    }
    assert.equal(one.creates.length, 1);
    assert.deepEqual((await bob.users()).body.users, ['Bob']);
  });

  for (const [kind, script] of [
    ['locks', ''],
    ['no locks', withoutLocks],
  ] as const) {
    it(`go on in one new session when theirs was lost (${kind})`, async (t) => {
      const one = await opened(t, 5, { script });
      const { port } = one.server;
      await one.server.close();
      const second = await startServer(
        { ...roomy, PORT: String(port) },
        { publicDirectory: await builtPage() },
      );
      t.after(() => second.close());
      await waitUntil(() => one.creates.length >= 1 + one.pages.length, 'each tab has a session again');
      await one.areLive();
      const bob = await ApiClient.join(second.url, 'Bob');
      await bob.send('after the restart');
      for (const page of one.pages) await page.getByText('after the restart', { exact: true }).waitFor();
      const { body } = await bob.updates({ after: '0' });
      const joins = body.events.filter(({ type }) => type === 'join').map(({ name }) => name);
      assert.deepEqual(joins, ['Ada', 'Bob']);
    });
  }
});
