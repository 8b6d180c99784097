import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { join, openPage, say, setHidden, shows } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('the log in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  const started = (t: TestContext, options: Record<string, string> = {}) =>
    servePage(t, { SEND_LIMIT: 'off', READ_LIMIT: 'off', ...options });

  /** Bob, who has said `count` things, and Ada's page. */
  async function talk(t: TestContext, count: number) {
    const server = await started(t);
    const bob = await ApiClient.join(server.url, 'Bob');
    const ids = await sayAll(bob, 'old', count);
    const ada = await openPage(t, browser, server.url);
    return { server, bob, ids, ada };
  }

  it('shows links, actions and what speaks to oneself', async (t) => {
    const { bob, ada } = await talk(t, 0);
    await join(ada, 'Ada');
    await bob.send('look (https://example.org/a_(b)), Ada; not javascript:alert(1)');
    const link = ada.getByRole('link', { name: 'https://example.org/a_(b)' });
    await link.waitFor();
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer nofollow ugc');
    assert.equal(await link.getAttribute('target'), '_blank');
    assert.equal(await ada.locator('.text a').count(), 1);
    assert.equal(await ada.locator('.mention').count(), 1);
    await bob.send('/me waves at everybody');
    await shows(ada, 'Bob waves at everybody');
    await say(ada, '/me waves back, says Ada');
    await shows(ada, 'Ada waves back, says Ada');
    assert.equal(await ada.locator('.mention').count(), 1, 'what one says oneself does not speak to oneself');
  });

  it('keeps its place while one reads above, counts what comes, and goes there', async (t) => {
    const { bob, ada } = await talk(t, 60);
    await join(ada, 'Ada');
    await isInSight(ada, 'old 60');
    await scrollBy(ada, -400);
    const pill = ada.locator('.jump');
    await pill.getByText('To the newest message').waitFor();
    const before = await topOf(ada, 'old 40');
    await sayAll(bob, 'new', 2);
    await bob.send('and Ada?');
    await pill.getByText('3 new, 1 mentions you').waitFor();
    assert.equal(await topOf(ada, 'old 40'), before);
    await pill.click();
    await pill.waitFor({ state: 'hidden' });
    await isInSight(ada, 'and Ada?');
    assert.deepEqual(await around(ada, '.unread'), ['old 60', 'new 1']);
  });

  it('lets one scroll up while something comes with every frame', async (t) => {
    const { ada } = await talk(t, 60);
    await join(ada, 'Ada');
    await isInSight(ada, 'old 60');
    await ada.evaluate(scrollUpAmidNews);
    await ada.locator('.jump').waitFor();
  });

  it('shows where one stopped to read when the page was hidden, until one speaks', async (t) => {
    const { bob, ada } = await talk(t, 1);
    await join(ada, 'Ada');
    await shows(ada, 'old 1');
    await setHidden(ada, true);
    await sayAll(bob, 'missed', 40);
    await shows(ada, 'missed 40');
    await setHidden(ada, false);
    await isInSight(ada, 'missed 1');
    await ada.locator('.jump').getByText('40 new').waitFor();
    await ada.locator('.jump').click();
    await isInSight(ada, 'missed 40');
    assert.equal(await ada.locator('.unread').count(), 1);
    await say(ada, 'back again');
    await shows(ada, 'back again');
    await ada.locator('.unread').waitFor({ state: 'detached' });
  });

  it('goes on after a reload where one had stopped', async (t) => {
    const { server, bob, ada } = await talk(t, 30);
    await join(ada, 'Ada');
    await shows(ada, 'old 30');
    await ada.goto('about:blank');
    await sayAll(bob, 'missed', 130);
    await ada.goto(server.url);
    await shows(ada, 'missed 130');
    // Further back than the first page goes.
    await shows(ada, 'missed 1');
    await ada.locator('.jump').getByText('130 new').waitFor();
    assert.deepEqual(await around(ada, '.unread'), ['old 30', 'missed 1']);
  });

  it('takes as read what was read in another tab', async (t) => {
    const { server, bob, ada } = await talk(t, 1);
    await join(ada, 'Ada');
    await shows(ada, 'old 1');
    await setHidden(ada, true);
    const second = await ada.context().newPage();
    await second.goto(server.url);
    await shows(second, 'old 1');
    await bob.send('news');
    await shows(second, 'news');
    await shows(ada, 'news');
    await ada.locator('.unread').waitFor({ state: 'detached' });
    await setHidden(second, true);
    await bob.send('more news');
    await shows(ada, 'more news');
    assert.deepEqual(await around(ada, '.unread'), ['news', 'more news']);
  });

  for (const [kind, anchoring] of [
    ['in a browser that holds places', 'auto'],
    ['in one that does not, as Safari', 'none'],
  ] as const) {
    it(`loads what was said before as one scrolls up, and what one looks at does not move, ${kind}`, async (t) => {
      const { ada } = await talk(t, 350);
      let answer: () => void = () => {};
      const held = new Promise<void>((resolve) => {
        answer = resolve;
      });
      let asked = 0;
      await ada.route('**/history?before=*', async (route) => {
        asked += 1;
        // The first page comes with joining.
        if (asked > 1) await held;
        await route.continue();
      });
      await join(ada, 'Ada');
      await shows(ada, 'old 350');
      await ada
        .locator('.scroller')
        .evaluate((element, value) => element.style.setProperty('overflow-anchor', value), anchoring);
      await waitUntil(async () => {
        await scrollBy(ada, -2000);
        return (await ada.getByText('Loading…').count()) > 0;
      }, 'the next page was asked for');
      await ada.locator('.scroller').evaluate((element) => element.scrollTo(0, 300));
      const first = await ada.locator('.message .text').first().textContent();
      const anchor = `old ${Number(first?.slice(4)) + 12}`;
      const before = await topOf(ada, anchor);
      answer();
      await shows(ada, `old ${Number(first?.slice(4)) - 1}`);
      assert.ok(Math.abs((await topOf(ada, anchor)) - before) < 2, 'it stayed where it was');
      await waitUntil(async () => {
        await scrollBy(ada, -100_000);
        return ada.getByText('This is where the room’s log begins.').isVisible();
      }, 'the log begins');
      const texts = await ada.locator('.message .text').allTextContents();
      assert.deepEqual(
        texts,
        Array.from({ length: 350 }, (_, i) => `old ${i + 1}`),
      );
      assert.equal(await ada.locator('.day').count(), 1);
    });
  }

  it('waits for a click where what was said before could not be loaded', async (t) => {
    const { bob, ada } = await talk(t, 150);
    let asked = 0;
    await ada.route('**/history?before=*', (route) => {
      asked += 1;
      // The first page comes with joining.
      return asked === 1 ? route.continue() : route.abort();
    });
    await join(ada, 'Ada');
    await isInSight(ada, 'old 150');
    const again = ada.getByRole('button', { name: 'Earlier messages could not be loaded. Try again' });
    await waitUntil(async () => {
      await scrollBy(ada, -100_000);
      return again.isVisible();
    }, 'it was tried in vain');
    await bob.send('meanwhile');
    await shows(ada, 'meanwhile');
    assert.equal(asked, 2, 'it is not asked for again by itself');
    await ada.unroute('**/history?before=*');
    await again.click();
    await shows(ada, 'old 1');
  });

  it('opens at the message whose address it is given, also far back and after joining', async (t) => {
    const { server, bob, ids, ada } = await talk(t, 1300);
    const epoch = bob.cursor.slice(0, bob.cursor.lastIndexOf('-'));
    await ada.goto(`${server.url}/lobby#${epoch}-${ids[4]}`);
    await join(ada, 'Ada');
    const linked = ada.locator('.linked .text');
    await linked.waitFor();
    assert.equal(await linked.textContent(), 'old 5');
    await isInSight(ada, 'old 5');
    // Another one of this page, and one that is not there.
    await ada.evaluate(`location.assign('#${epoch}-${ids[1250]}')`);
    await isInSight(ada, 'old 1251');
    assert.equal(await linked.textContent(), 'old 1251');
    await ada.evaluate(`location.assign('#gone-12')`);
    await ada.getByText('That message is not kept any more.').waitFor();
    await say(ada, 'on we go');
    await waitUntil(() => !ada.url().includes('#'), 'a reload does not come back to it');
    assert.equal(await linked.count(), 0);
  });

  it('copies the address of a message, by keyboard too', async (t) => {
    const { server, bob, ids, ada } = await talk(t, 3);
    await ada.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await join(ada, 'Ada');
    await shows(ada, 'old 3');
    await ada.locator('.message', { hasText: 'old 3' }).locator('.at').focus();
    await ada.keyboard.press('ArrowUp');
    await ada.keyboard.press('Enter');
    await ada.getByText('The link to the message is copied.').waitFor();
    const copied = await ada.evaluate('navigator.clipboard.readText()');
    const epoch = bob.cursor.slice(0, bob.cursor.lastIndexOf('-'));
    assert.equal(copied, `${server.url}/lobby#${epoch}-${ids[1]}`);
    const stops = await ada.locator('.at[tabindex="0"]').count();
    assert.equal(stops, 1, 'for the Tab key all times are one stop');
  });

  it('copies a selection as lines that read well', async (t) => {
    const { bob, ada } = await talk(t, 0);
    await ada.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await join(ada, 'Ada');
    await ada.getByText('Ada joined').waitFor();
    await bob.send('hello');
    await bob.send('how are\nyou?');
    await bob.send('/me waves');
    await say(ada, 'fine');
    await shows(ada, 'fine');
    await waitUntil(async () => (await ada.locator('.outgoing > *').count()) === 0, 'it is in the log');
    await ada.evaluate(`getSelection().selectAllChildren(document.querySelector('[role=log]'))`);
    await ada.keyboard.press('Control+c');
    const copied = await ada.evaluate('navigator.clipboard.readText()');
    const expected = [
      'Today',
      'Bob joined',
      'Ada joined',
      'Bob: hello',
      'Bob: how are\nyou?',
      'Bob waves',
      'Ada: fine',
    ];
    assert.equal(copied, expected.join('\n'));
  });

  it('shows a message of many lines in part, and all of it when asked', async (t) => {
    const { bob, ada } = await talk(t, 0);
    await join(ada, 'Ada');
    await bob.send(Array.from({ length: 400 }, () => 'x').join('\n'));
    const text = ada.locator('.message .text');
    await text.waitFor();
    const height = async () => (await text.boundingBox())?.height ?? 0;
    assert.ok((await height()) < 400);
    await ada.getByRole('button', { name: 'Show all' }).click();
    assert.ok((await height()) > 4000);
    await ada.getByRole('button', { name: 'Show less' }).click();
    assert.ok((await height()) < 400);
  });

  it('calls the days otherwise when midnight has passed', async (t) => {
    const { ada } = await talk(t, 1);
    await join(ada, 'Ada');
    await shows(ada, 'old 1');
    assert.equal(await ada.locator('.day').textContent(), 'Today');
    await ada.clock.setFixedTime(Date.now() + 86_400_000);
    await ada.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    assert.equal(await ada.locator('.day').textContent(), 'Yesterday');
  });

  it('lays out only what is in sight of a long log', async (t) => {
    const { ada } = await talk(t, 900);
    await join(ada, 'Ada');
    await shows(ada, 'old 900');
    await waitUntil(async () => {
      await scrollBy(ada, -100_000);
      return ada.getByText('This is where the room’s log begins.').isVisible();
    }, 'the log begins');
    const isPainted = (text: string) =>
      ada
        .getByText(text, { exact: true })
        .evaluate((element) => element.checkVisibility({ contentVisibilityAuto: true }));
    assert.equal(await isPainted('old 1'), true);
    await waitUntil(async () => !(await isPainted('old 600')), 'what is out of sight is left out');
    await ada.locator('.message', { hasText: 'old 600' }).scrollIntoViewIfNeeded();
    await waitUntil(() => isPainted('old 600'), 'it comes into sight');
  });

  it('lets the oldest go of more than it can hold, while one is at the newest', async (t) => {
    const { bob, ada } = await talk(t, 0);
    // More than a room keeps: as if they had come one by one, for days.
    const events = Array.from({ length: 20_000 }, (_, i) => {
      return { id: 1_000_000 + i, type: 'message', timestamp: i, name: 'Bob', message: `old ${i}` };
    });
    const page = { events, cursor: 'e-1', more: true };
    await ada.route('**/history?*', (route) => route.fulfill({ json: page }), { times: 1 });
    await join(ada, 'Ada');
    const newest = ada.locator('[role=log] > :last-child .text').last();
    await newest.getByText('old 19999').waitFor();
    await bob.send('one more');
    await newest.getByText('one more').waitFor();
    const texts = await ada.locator('[role=log] .text').allTextContents();
    assert.ok(texts.length > 17_000 && texts.length < 19_000, `${texts.length} are shown`);
    assert.ok(!texts.includes('old 0'));
    // What would come before what is gone is not what comes before what is left.
    assert.equal(await ada.getByRole('button', { name: 'Show earlier messages' }).isVisible(), false);
  });

  it('moves nothing when chunks come into sight, also in a browser that holds no places by itself', async (t) => {
    const { ada } = await talk(t, 400);
    await join(ada, 'Ada');
    await shows(ada, 'old 400');
    await ada
      .locator('.scroller')
      .evaluate((element) => element.style.setProperty('overflow-anchor', 'none'));
    await waitUntil(async () => {
      await scrollBy(ada, -100_000);
      return ada.getByText('This is where the room’s log begins.').isVisible();
    }, 'the log begins');
    await scrollBy(ada, 100_000);
    await isInSight(ada, 'old 400');
    const length = () => ada.locator('.scroller').evaluate((element) => element.scrollHeight);
    const before = await length();
    for (let i = 0; i < 40; i++) {
      await scrollBy(ada, -200);
      // Two frames: what comes into sight is laid out in the first one.
      await ada.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      assert.equal(await length(), before);
    }
  });

  it('announces what comes, and not what was there before', async (t) => {
    const { bob, ada } = await talk(t, 150);
    await join(ada, 'Ada');
    await shows(ada, 'old 150');
    await bob.send('just now');
    await shows(ada, 'just now');
    await waitUntil(async () => {
      await scrollBy(ada, -100_000);
      return ada.getByText('This is where the room’s log begins.').isVisible();
    }, 'the log begins');
    const silent = ada.locator('[role=log] > [aria-live=off]');
    assert.equal(await silent.getByText(/^old \d+$/).count(), 150);
    assert.equal(await silent.getByText('just now').count(), 0);
  });

  it('stands in one line with the composer, in both directions', async (t) => {
    const { ada } = await talk(t, 60);
    await join(ada, 'Ada');
    await shows(ada, 'old 60');
    for (const direction of ['ltr', 'rtl']) {
      for (const width of [1280, 700, 360]) {
        await ada.setViewportSize({ width, height: 700 });
        await ada.evaluate(`document.documentElement.dir = '${direction}'`);
        const log = await ada.locator('.scroller > .column').boundingBox();
        const composer = await ada.locator('.composer > .column').boundingBox();
        const place = [log?.x, log?.width];
        assert.deepEqual([composer?.x, composer?.width], place, `${direction} ${width}`);
      }
    }
  });

  it('keeps what failed until one decides, undisturbed by what others say', async (t) => {
    const { bob, ada } = await talk(t, 0);
    await join(ada, 'Ada');
    const composer = ada.getByRole('textbox', { name: 'Message' });
    let isRefused = true;
    let answer: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await ada.route('**/session/messages', async (route) => {
      await held;
      const problem = {
        type: 'about:blank',
        title: 'No',
        status: 422,
        code: 'invalid-message',
        detail: 'Not so.',
      };
      if (!isRefused) return route.continue();
      return route.fulfill({
        status: 422,
        contentType: 'application/problem+json',
        body: JSON.stringify(problem),
      });
    });
    await say(ada, 'one');
    await say(ada, 'two');
    // A text that is being written is not overwritten by the one that comes back.
    await composer.fill('three');
    answer();
    const again = ada.getByRole('button', { name: 'Send again' });
    await waitUntil(async () => (await again.count()) === 2, 'both have failed');
    await again.first().focus();
    await bob.send('meanwhile');
    await shows(ada, 'meanwhile');
    const focused = ada.locator('.failed', { hasText: 'one' }).locator(':focus');
    assert.equal(await focused.textContent(), 'Send again');
    isRefused = false;
    await ada.keyboard.press('Enter');
    await shows(ada, 'one');
    assert.equal(await composer.evaluate((element) => element === element.ownerDocument.activeElement), true);
    await ada.getByRole('button', { name: 'Discard' }).click();
    await waitUntil(async () => (await ada.locator('.outgoing > *').count()) === 0, 'nothing is left');
    assert.equal(await ada.getByText('two', { exact: true }).count(), 0);
  });

  it('goes from the log to writing with Escape, and to its end', async (t) => {
    const { ada } = await talk(t, 60);
    await join(ada, 'Ada');
    await isInSight(ada, 'old 60');
    await scrollBy(ada, -600);
    await ada.locator('.jump').waitFor();
    await ada.locator('.scroller').focus();
    await ada.keyboard.press('Escape');
    await isInSight(ada, 'old 60');
    await ada.locator('.jump').waitFor({ state: 'hidden' });
    await ada.keyboard.type('here I am');
    assert.equal(await ada.getByRole('textbox', { name: 'Message' }).inputValue(), 'here I am');
  });

  it('shows a gap with its count where it lies', async (t) => {
    const server = await started(t, { HISTORY_EVENTS: '20', UPDATES_LIMIT: 'off' });
    const bob = await ApiClient.join(server.url, 'Bob');
    const ada = await openPage(t, browser, server.url);
    let isCut = false;
    let waiting = 0;
    await ada.route('**/session/events*', (route) => route.abort());
    await ada.route('**/session/updates*', (route) => {
      if (isCut) return route.abort();
      waiting += 1;
      return route.continue();
    });
    ada.on('requestfinished', (request) => {
      if (request.url().includes('/session/updates')) waiting -= 1;
    });
    await join(ada, 'Ada');
    await ada.getByText('Ada joined').waitFor();
    await waitUntil(() => waiting === 1, 'a poll waits');
    isCut = true;
    // Comes with the poll that waits; those after it are cut off.
    await bob.send('before it');
    await shows(ada, 'before it');
    await sayAll(bob, 'meanwhile', 50);
    isCut = false;
    await ada.evaluate(`dispatchEvent(new Event('online'))`);
    await shows(ada, 'meanwhile 50');
    const gap = ada.locator('.gap');
    assert.match((await gap.textContent()) ?? '', /^30 events could not be fetched\.$/);
    assert.deepEqual(await around(ada, '.gap'), ['before it', 'meanwhile 31']);
  });
});

/** Scrolls up twenty times, each time after a frame in which the log has grown and before it follows its end. */
const scrollUpAmidNews = `(async () => {
  const scroller = document.querySelector('.scroller');
  for (let i = 0; i < 20; i++) {
    scroller.firstElementChild.append(Object.assign(document.createElement('p'), { textContent: 'more' }));
    await new Promise(requestAnimationFrame);
    await new Promise((done) => setTimeout(done));
    scroller.scrollTop -= 100;
  }
})()`;

/** Says `count` things, and gives their ids. */
async function sayAll(member: ApiClient, text: string, count: number): Promise<number[]> {
  const ids: number[] = [];
  for (let i = 1; i <= count; i++) ids.push((await member.send(`${text} ${i}`)).body.id);
  return ids;
}

async function scrollBy(page: Page, px: number): Promise<void> {
  await page.locator('.scroller').evaluate((element, by) => element.scrollBy(0, by), px);
}

/** Where a message stands in the window. */
async function topOf(page: Page, text: string): Promise<number> {
  const box = await page.getByRole('log').getByText(text, { exact: true }).boundingBox();
  assert.ok(box !== null);
  return box.y;
}

/** Waits until a message can be seen in the log. */
async function isInSight(page: Page, text: string): Promise<void> {
  const box = await page.locator('.scroller').boundingBox();
  assert.ok(box !== null);
  await waitUntil(async () => {
    const top = await topOf(page, text);
    return top >= box.y && top < box.y + box.height;
  }, `“${text}” is in sight`);
}

/** The texts of the messages before and after an entry. */
async function around(page: Page, selector: string): Promise<(string | null)[]> {
  const entry = page.locator(selector);
  const nearest = (axis: string) =>
    entry.locator(`xpath=${axis}::p[contains(@class, "text")][1]`).textContent();
  return [await nearest('preceding'), await nearest('following')];
}
