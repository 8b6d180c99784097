import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { violationsOn } from '../support/accessibility.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { entriesOf, join, openPage, say, setHidden, shows } from '../support/chat-page.ts';
import { chatAddress, hostPage } from '../support/host-page.ts';
import { Operator, operated } from '../support/operator.ts';
import { servePage } from '../support/page-server.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('what an operator does to a room, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  async function started(t: TestContext) {
    const server = await servePage(t, { SEND_LIMIT: 'off', READ_LIMIT: 'off', ...operated });
    const bob = await ApiClient.join(server.url, 'Bob');
    return { server, bob, operator: new Operator(server.url) };
  }

  const isTitled = (page: Page, title: string) =>
    waitUntil(async () => (await page.title()) === title, `the title is “${title}”`);
  const isGone = async (page: Page, text: string) => {
    await page.getByText(text).waitFor({ state: 'detached' });
    assert.equal(
      await page.evaluate(`document.documentElement.outerHTML.includes(${JSON.stringify(text)})`),
      false,
    );
  };

  it('shows an announcement as nobody’s words, to be read, linked to and copied as a message is', async (t) => {
    const { server, operator } = await started(t);
    const ada = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    await ada.getByText('Live', { exact: true }).waitFor();
    await setHidden(ada, true);
    const hostile = '/me <b>bold</b>: see https://example.org/, Ada';
    const id = await operator.announce(hostile);
    const entry = ada.locator('.announcement');
    await entry.waitFor();
    await isTitled(ada, '(1) lobby · Parlor');
    assert.match(
      (await entry.textContent()) ?? '',
      /^Announcement: \d\d?:\d\d.*\(mentions you\)\/me <b>bold/s,
    );
    assert.equal(await entry.locator('.text').textContent(), hostile);
    assert.equal(await entry.getByRole('link', { name: 'https://example.org/' }).count(), 1);
    assert.equal(
      await entry.evaluate((element) => element.closest('[aria-live]') === null),
      true,
      'it is read out',
    );
    assert.match((await entry.locator('.at').getAttribute('href')) ?? '', new RegExp(`^#.+-${id}$`));
    await setHidden(ada, false);
    await isTitled(ada, 'lobby · Parlor');
  });

  it('LOG-4: takes a text from the page wherever it stands, and leaves who has said it when', async (t) => {
    const { server, bob, operator } = await started(t);
    const { body: first } = await bob.send('bad words https://example.org/bad');
    const { body: wave } = await bob.send('/me does a bad thing');
    await bob.send('good words');
    const page = await openPage(t, browser, server.url);
    await join(page, 'Ada');
    await say(page, 'my own bad words');
    await shows(page, 'my own bad words');
    const tab = await page.context().newPage();
    await tab.goto(server.url);
    await shows(tab, 'my own bad words');
    const own = (await bob.history('?limit=1')).body.events.at(-1);
    assert.equal(own?.message, 'my own bad words');
    const announced = await operator.announce('a bad announcement');
    await shows(page, 'a bad announcement');
    await page.getByRole('link', { name: 'https://example.org/bad' }).focus();
    for (const id of [first.id, wave.id, own.id, announced]) await operator.redact(id);
    for (const each of [page, tab]) {
      for (const text of ['bad words', 'bad thing', 'bad announcement']) await isGone(each, text);
      assert.equal(await each.locator('.removed').count(), 4);
      await shows(each, 'good words');
      const shown = (await entriesOf(each)).filter((entry) => entry.includes('Message removed'));
      for (const [index, who] of ['Bob: ', 'Bob: ', 'Ada: ', 'Announcement: '].entries()) {
        assert.match(shown[index] ?? '', new RegExp(`${who}.*\\d\\d?:\\d\\d.*Message removed$`, 's'));
      }
    }
    const focused = page.locator(`[id$="-${first.id}"] .at:focus`);
    assert.equal(await focused.count(), 1, 'the focus was in it, and stays beside it');
    // What one said oneself is not had again.
    await page.getByRole('textbox', { name: 'Message' }).focus();
    await page.keyboard.press('ArrowUp');
    assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), '');
    // Its address still leads to where it stood, also after a reload.
    await page.goto(
      `${server.url}/lobby${await page.locator(`[id$="-${wave.id}"] .at`).getAttribute('href')}`,
    );
    await page.reload();
    await page.locator(`[id$="-${wave.id}"].linked`).getByText('Message removed').waitFor();
    assert.equal(await page.locator('.removed').count(), 4);
  });

  it('LOG-4: has nothing to read of what was redacted before one looked', async (t) => {
    const { server, bob, operator } = await started(t);
    const ada = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    await ada.getByText('Live', { exact: true }).waitFor();
    await setHidden(ada, true);
    const { body: one } = await bob.send('Ada, something bad');
    await bob.send('something good');
    await isTitled(ada, '(2) lobby · Parlor');
    await operator.redact(one.id);
    await isTitled(ada, '(1) lobby · Parlor');
    assert.equal(await ada.locator('.mention').count(), 0);
    const { body: two } = await bob.send('something bad again');
    await isTitled(ada, '(2) lobby · Parlor');
    await operator.redact(two.id);
    await isTitled(ada, '(1) lobby · Parlor');
  });

  it('LOG-4: shows nothing of a text that was read before its redaction and arrives after it', async (t) => {
    const { server, bob, operator } = await started(t);
    const { body: bad } = await bob.send('something bad');
    for (let i = 1; i <= 150; i++) await bob.send(`good ${i}`);
    const ada = await openPage(t, browser, server.url);
    let pages = 0;
    let bring: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      bring = resolve;
    });
    let isRead: () => void = () => {};
    const read = new Promise<void>((resolve) => {
      isRead = resolve;
    });
    await ada.route('**/history?before=*', async (route) => {
      pages += 1;
      // The first page comes with joining.
      if (pages === 1) return route.continue();
      const answer = await route.fetch();
      assert.match(await answer.text(), /something bad/);
      isRead();
      await held;
      await route.fulfill({ response: answer });
    });
    await join(ada, 'Ada');
    await shows(ada, 'good 150');
    await ada.locator('.scroller').evaluate((element) => element.scrollTo(0, 0));
    await read;
    await operator.redact(bad.id);
    await bob.send('after it');
    await shows(ada, 'after it');
    bring();
    await shows(ada, 'Message removed');
    await isGone(ada, 'something bad');
  });

  it('moves nothing that one looks at, however much above is redacted', async (t) => {
    const { server, bob, operator } = await started(t);
    const ids: number[] = [];
    for (let i = 1; i <= 90; i++) ids.push((await bob.send(`line\n`.repeat(i % 9) + i)).body.id);
    const ada = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    await ada.getByText('90', { exact: true }).waitFor();
    await ada.locator('.scroller').evaluate((element) => element.scrollBy(0, -500));
    await ada.locator('.jump').waitFor();
    const last = ada.locator(`[id$="-${ids[86]}"]`);
    const before = await last.boundingBox();
    for (const id of ids.slice(0, 60)) await operator.redact(id);
    await waitUntil(async () => (await ada.locator('.removed').count()) === 60, 'all are redacted');
    const moved = ((await last.boundingBox())?.y ?? 0) - (before?.y ?? 0);
    assert.ok(Math.abs(moved) < 2, `${moved} px`);
  });

  it('shows both from the door, and in the feed and around the framed room of another page', async (t) => {
    const host = await hostPage((close) => t.after(close));
    const server = await servePage(t, { EMBED_ORIGINS: host.origin, ...operated });
    const operator = new Operator(server.url);
    const bob = await ApiClient.join(server.url, 'Bob');
    const chat = chatAddress(server.port);
    host.html = `<!doctype html><html lang="de"><title>A shop</title><main><h1>A shop</h1>
      <script type="module" src="${chat}/embed.js"></script>
      <script>
        const told = [];
        for (const type of ['announcement', 'redaction']) {
          document.addEventListener('parlor:' + type, ({ detail }) => told.push([type, detail]));
        }
      </script>
      <parlor-feed room="lobby"></parlor-feed><parlor-room room="lobby" name="Ada"></parlor-room></main>`;
    const page = await browser.newPage();
    t.after(() => page.close());
    await page.goto(host.origin);
    const frame = page.frameLocator('iframe');
    const feed = page.locator('parlor-feed .log');
    const { body: bad } = await bob.send('something bad');
    const { body: waved } = await bob.send('/me waves');
    const first = await operator.announce('we close at noon');
    await frame.locator('.said').getByText('we close at noon').waitFor();
    await feed.getByText('we close at noon').waitFor();
    assert.match(
      (await feed.locator('.announcement').textContent()) ?? '',
      /^Ansage: \d\d:\d\dwe close at noon$/,
    );
    await operator.redact(bad.id);
    await operator.redact(waved.id);
    for (const [place, note] of [
      [feed, 'Nachricht entfernt'],
      [frame.locator('.said'), 'Message removed'],
    ] as const) {
      await waitUntil(async () => (await place.getByText(note).count()) === 2, `both are removed`);
      assert.equal(await place.getByText(/something bad|waves/).count(), 0);
    }
    assert.match(
      (await feed.locator('.entry').nth(1).textContent()) ?? '',
      /^Bob: \d\d:\d\dNachricht entfernt$/,
    );
    assert.deepEqual(await violationsOn(page), []);
    await frame.getByRole('button', { name: 'Join the room' }).click();
    await frame.getByText('Live', { exact: true }).waitFor();
    const second = await operator.announce('closed');
    await operator.redact(first);
    await waitUntil(async () => ((await page.evaluate('told.length')) as number) === 2, 'the page is told');
    const told = (await page.evaluate('told')) as [string, Record<string, unknown>][];
    assert.deepEqual(
      told.map(([type, { timestamp, ...detail }]) => [type, typeof timestamp, detail]),
      [
        ['announcement', 'number', { id: second, message: 'closed' }],
        ['redaction', 'number', { id: second + 1, target: first }],
      ],
    );
    await frame.getByRole('log').getByText('closed', { exact: true }).waitFor();
  });

  it('says in his words why somebody was removed, also to who finds out later', async (t) => {
    const { server, operator } = await started(t);
    const ada = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    await ada.getByText('Live', { exact: true }).waitFor();
    const why = 'Not so <loud>, please';
    await operator.remove('Ada', why);
    const said = `You were removed from the room. “\u2068${why}\u2069”`;
    await ada.locator('.stopped').getByText(said, { exact: true }).waitFor();
    await ada.reload();
    await ada.getByText(said, { exact: true }).waitFor();
  });

  it('can be read by everybody (WCAG 2.2 AA, by axe-core), by day, by night and from right to left', async (t) => {
    const { server, bob, operator } = await started(t);
    const ada = await openPage(t, browser, server.url);
    await join(ada, 'Ada');
    const { body: bad } = await bob.send('something bad');
    await bob.send('something good');
    await operator.announce('Ada, this is for you: https://example.org/');
    const announced = await operator.announce('and this was for all');
    await operator.redact(bad.id);
    await operator.redact(announced);
    await waitUntil(async () => (await ada.locator('.removed').count()) === 2, 'both are removed');
    for (const colorScheme of ['light', 'dark'] as const) {
      await ada.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const direction of ['rtl', 'ltr']) {
        await ada.evaluate(`document.documentElement.dir = '${direction}'`);
        assert.deepEqual(await violationsOn(ada), [], `${colorScheme}, ${direction}`);
      }
    }
    const door = await openPage(t, browser, server.url);
    await door.getByText('Message removed').first().waitFor();
    assert.deepEqual(await violationsOn(door), [], 'at the door');
  });
});
