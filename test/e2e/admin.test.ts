import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { openPage, setHidden } from '../support/chat-page.ts';
import {
  adminToken,
  answerRoomsAndBans,
  answerSessions,
  answerStats,
  giveToken,
  goTo,
  headsOf,
  manySessions,
  openDesk,
  openDoor,
  partOf,
  rowOf,
} from '../support/operator-page.ts';
import { servePage } from '../support/page-server.ts';
import { StatusStore } from '../support/status-store.ts';
import type { TestServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { statsOf } from '../web/admin/support/stats.ts';

describe('the page of the operator, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  const serve = (t: TestContext, options: Record<string, string> = {}): Promise<TestServer> =>
    servePage(t, { ADMIN_TOKEN: adminToken, SEND_LIMIT: 'off', CREATE_LIMIT: 'off', ...options });

  /** Everything that outlives the moment: where the token must not be. */
  const tracesIn = (page: Page): Promise<string> =>
    page.evaluate(`JSON.stringify([
      location.href, document.cookie, Object.entries(localStorage), document.documentElement.outerHTML,
      [...document.querySelectorAll('input')].map(({ value }) => value), history.state,
    ])`);

  it('asks for the token, and keeps it where this tab alone finds it', async (t) => {
    const server = await serve(t);
    const page = await openDoor(t, browser, server.url);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('Give the token.').waitFor();
    await giveToken(page, 'too short');
    await page.getByText('This cannot be it').waitFor();
    assert.deepEqual(asked, [], 'a slip costs none of the tries');
    await giveToken(page, `${adminToken}x`);
    await page.getByText('This is not the token.').waitFor();
    await giveToken(page);
    await page.getByText('Live', { exact: true }).waitFor();
    assert.doesNotMatch(await tracesIn(page), new RegExp(adminToken));
    assert.equal(await page.evaluate('Object.values(sessionStorage).join()'), adminToken);

    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
    const other = await page.context().newPage();
    await other.goto(`${server.url}/admin`);
    await other.getByLabel('Token', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Forget the token' }).click();
    await page.getByLabel('Token', { exact: true }).waitFor();
    assert.equal(await page.evaluate('sessionStorage.length'), 0);
    assert.doesNotMatch(await tracesIn(page), new RegExp(adminToken));
    await page.reload();
    await page.getByLabel('Token', { exact: true }).waitFor();
    for (const url of asked) assert.doesNotMatch(url, new RegExp(adminToken));
  });

  it('says how long somebody has to wait who gave too many wrong tokens', async (t) => {
    const server = await serve(t);
    const page = await openDoor(t, browser, server.url);
    for (let i = 0; i < 5; i++) {
      const answered = page.waitForResponse('**/v1/admin/stats');
      await giveToken(page, `a-wrong-token-of-enough-characters-${i}`);
      assert.equal((await answered).status(), 401);
    }
    await giveToken(page);
    await page
      .getByText(/^Too many wrong tokens came from your address\. Try again in \d+ seconds?\.$/)
      .waitFor();
    assert.equal(await page.evaluate('sessionStorage.length'), 0);
  });

  it('shows who comes and goes, sorted and filtered as one likes', async (t) => {
    const server = await serve(t, { ROOMS: 'lobby,tea' });
    const ada = await ApiClient.join(server.url, 'Ada');
    await ApiClient.join(server.url, 'Bob', { room: 'tea' });
    const page = await openDesk(t, browser, server.url, '#sessions');
    await rowOf(page, 'Ada').waitFor();
    const cy = await ApiClient.join(server.url, 'Cy', { delivery: 'push' });
    const stream = await cy.subscribe();
    await stream.expect('init');
    await rowOf(page, 'Cy').waitFor();
    await page.getByRole('button', { name: 'Name' }).click();
    assert.deepEqual(await headsOf(page), ['Ada', 'Bob', 'Cy']);
    await page.getByRole('button', { name: 'Name' }).click();
    assert.deepEqual(await headsOf(page), ['Cy', 'Bob', 'Ada']);
    const sorted = page.getByRole('columnheader', { name: 'Name' });
    assert.equal(await sorted.getAttribute('aria-sort'), 'descending');
    await waitUntil(
      async () => (await rowOf(page, 'Cy').locator('[data-key=streams]').textContent()) === '1',
      'the stream is counted',
    );

    const part = partOf(page);
    await part.getByText('Filters', { exact: true }).click();
    await part.getByLabel('Room', { exact: true }).fill('TEA');
    assert.deepEqual(await headsOf(page), ['Bob']);
    await part.getByText('Filters (1)').waitFor();
    await part.getByLabel('Streams', { exact: true }).fill('>>');
    await part.getByText('This cannot be read.').waitFor();
    assert.deepEqual(await headsOf(page), ['Bob']);
    await part.getByRole('button', { name: 'Clear' }).click();
    await part.getByLabel('Streams', { exact: true }).fill('>0');
    assert.deepEqual(await headsOf(page), ['Cy']);
    await part.getByRole('button', { name: 'Clear' }).click();
    await part.getByLabel('Find').fill('ad');
    assert.deepEqual(await headsOf(page), ['Ada']);
    await part.getByText('1–1 of 1 (of 3)').waitFor();

    await ada.destroy();
    await page.getByText('Nothing passes these filters.').waitFor();
    await part.getByLabel('Find').fill('');
    assert.deepEqual(await headsOf(page), ['Cy', 'Bob']);
    stream.close();
  });

  it('removes somebody, asked once, and says why it could not', async (t) => {
    const server = await serve(t);
    const ada = await ApiClient.join(server.url, 'Ada');
    await ApiClient.join(server.url, 'Bob');
    const page = await openDesk(t, browser, server.url, '#sessions');
    const remove = rowOf(page, 'Ada').getByRole('button', { name: 'Remove: Ada' });
    await remove.click();
    const dialog = page.getByRole('dialog', { name: 'Remove Ada?' });
    await dialog.getByText('Ends this session of Ada in lobby at once').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal((await ada.ping()).status, 204, 'nothing is done that was not confirmed');
    assert.equal(await page.evaluate("document.activeElement.getAttribute('aria-label')"), 'Remove: Ada');

    const refusal = { status: 503, code: 'unavailable', detail: 'The store is away.' };
    await page.route('**/v1/admin/sessions/*', (route) => route.fulfill({ status: 503, json: refusal }));
    await remove.click();
    await dialog.getByLabel('Reason').fill('Shouts');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByText('The store is away.').waitFor();
    await page.unroute('**/v1/admin/sessions/*');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('status').getByText('Ada was removed from lobby.').waitFor();
    await rowOf(page, 'Ada').waitFor({ state: 'detached' });
    assert.deepEqual(await headsOf(page), ['Bob']);
    const { status, body } = await ada.ping();
    assert.equal(status, 410);
    assert.equal(Reflect.get(Object(body), 'reason'), 'removed');

    await page.getByRole('button', { name: 'All right' }).click();
    assert.equal(await page.getByText('Ada was removed').count(), 0);
  });

  it('bans whoever is in a session, shows it, and lifts it', async (t) => {
    const server = await serve(t);
    const ada = await ApiClient.join(server.url, 'Ada');
    const page = await openDesk(t, browser, server.url, '#sessions');
    await page.getByRole('button', { name: 'Ban: Ada' }).click();
    const dialog = page.getByRole('dialog', { name: 'Ban Ada?' });
    const whom = dialog.getByLabel('Whom');
    assert.deepEqual(await whom.locator('option').allTextContents(), ['Name Ada', 'Address 127.0.0.1']);
    await dialog.getByLabel('Where').selectOption('Only in lobby');
    await dialog.getByLabel('How long').selectOption('1 day');
    await dialog.getByLabel('Reason').fill('Shouts <i>');
    await dialog.getByRole('button', { name: 'Ban' }).click();
    await page.getByText('Ada is banned.').waitFor();
    await page.getByText('Nobody is here.').waitFor();
    assert.equal((await ada.ping()).status, 410);
    const refused = await new ApiClient(server.url).create({ name: 'ada' });
    assert.equal(refused.status, 403);
    assert.match(JSON.stringify(refused.body), /Shouts <i>/);

    await goTo(page, 'Bans');
    // What was done elsewhere is told there alone.
    assert.equal(await page.getByText('Ada is banned.').count(), 0);
    const row = rowOf(page, 'Ada');
    await row.getByText('Shouts <i>').waitFor();
    assert.deepEqual((await row.getByRole('cell').allTextContents()).slice(0, 3), [
      'Name',
      'lobby',
      'Shouts <i>',
    ]);
    await page.getByRole('button', { name: 'Lift: Ada' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Lift' }).click();
    await page.getByText('The ban of Ada is lifted.').waitFor();
    await page.getByText('Nobody is banned.').waitFor();
    await ApiClient.join(server.url, 'Ada');
  });

  it('bans whom one names, and says why it cannot', async (t) => {
    const server = await serve(t);
    const page = await openDesk(t, browser, server.url, '#bans');
    await page.getByText('Nobody is banned.').waitFor();
    await page.getByRole('button', { name: 'Ban somebody' }).click();
    const dialog = page.getByRole('dialog', { name: 'Ban somebody?' });
    const ban = dialog.getByRole('button', { name: 'Ban' });
    await ban.click();
    await dialog.getByText('Say which.').waitFor();
    await dialog.getByLabel('Whom').selectOption('Address');
    await dialog.getByText('An address, or a network such as').waitFor();
    await dialog.getByLabel('Which').fill('not an address');
    await ban.click();
    await dialog
      .getByRole('alert')
      .getByText(/address/)
      .waitFor();
    await dialog.getByLabel('Which').fill('198.51.100.0/24');
    await dialog.getByLabel('How long').selectOption('Until it is lifted');
    await ban.click();
    await dialog.waitFor({ state: 'detached' });
    await rowOf(page, '198.51.100.0/24').getByText('until it is lifted').waitFor();
  });

  it('closes a room and reopens it', async (t) => {
    const server = await serve(t);
    const ada = await ApiClient.join(server.url, 'Ada');
    const page = await openDesk(t, browser, server.url, '#rooms');
    await rowOf(page, 'lobby').waitFor();
    await page.getByRole('button', { name: 'Close: lobby' }).click();
    const dialog = page.getByRole('dialog', { name: 'Close lobby?' });
    await dialog.getByText('Ends all sessions in lobby at once (1 member)').waitFor();
    await dialog.getByLabel('Reason').fill('Back at nine.');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByText('lobby is closed.').waitFor();
    await rowOf(page, 'lobby')
      .getByText(/^since .*: Back at nine\.$/)
      .waitFor();
    assert.equal((await ada.ping()).status, 410);
    assert.equal((await new ApiClient(server.url).create({ name: 'Bob' })).status, 403);
    await page.getByRole('button', { name: 'Reopen: lobby' }).click();
    await page.getByRole('dialog', { name: 'Reopen lobby?' }).getByRole('button', { name: 'Reopen' }).click();
    await page.getByText('lobby is open again.').waitFor();
    await page.getByRole('button', { name: 'Close: lobby' }).waitFor();
    await ApiClient.join(server.url, 'Ada');
  });

  it('announces in a room, looks into it, and redacts what was said', async (t) => {
    const server = await serve(t, { FEED: 'members' });
    const ada = await ApiClient.join(server.url, 'Ada');
    await ada.send('<b>buy now</b>');
    await ada.send('good morning');
    const page = await openDesk(t, browser, server.url);
    await answerRoomsAndBans(page);
    await goTo(page, 'Rooms');
    await page.getByRole('button', { name: 'Announce: lobby' }).click();
    const asked = page.getByRole('dialog', { name: 'Announce in lobby' });
    await asked.getByRole('button', { name: 'Announce' }).click();
    await asked.getByText('Write what to say.').waitFor();
    await asked.getByLabel('Announcement').fill('We close\nat noon.');
    await asked.getByRole('button', { name: 'Announce' }).click();
    await page.getByText('The announcement stands in lobby.').waitFor();

    await page.getByRole('button', { name: 'Messages: lobby' }).click();
    const messages = page.getByRole('dialog', { name: 'Latest in lobby' });
    const entries = messages.getByRole('listitem');
    await entries.filter({ hasText: 'Announcement' }).filter({ hasText: 'We close\nat noon.' }).waitFor();
    const spam = entries.filter({ hasText: '<b>buy now</b>' });
    await spam.getByRole('button', { name: /^Redact what Ada said at / }).click();
    const redacting = page.getByRole('dialog', { name: 'Redact this message?' });
    await redacting.getByLabel('Reason').fill('Spam');
    await redacting.getByRole('button', { name: 'Redact' }).click();
    await redacting.waitFor({ state: 'detached' });
    await entries.getByText('Message removed').waitFor();
    await messages.getByRole('status').getByText('The message was redacted.').waitFor();
    assert.equal(await spam.count(), 0);
    const told = async () =>
      (await ada.history()).body.events.flatMap(({ type, message }) => [type, message ?? '']);
    assert.deepEqual((await told()).slice(2), [
      'message',
      '',
      'message',
      'good morning',
      'announcement',
      'We close\nat noon.',
      'redaction',
      '',
    ]);
    await messages.getByRole('button', { name: 'Read again' }).click();
    await entries.getByText('Message removed').waitFor();
    await messages.getByRole('button', { name: 'Close' }).click();
    await messages.waitFor({ state: 'detached' });
  });

  it('leafs back through what was said', async (t) => {
    const server = await serve(t);
    const ada = await ApiClient.join(server.url, 'Ada');
    for (let i = 1; i <= 150; i++) await ada.send(`message ${i}.`);
    const page = await openDesk(t, browser, server.url);
    await answerRoomsAndBans(page);
    await goTo(page, 'Rooms');
    await page.getByRole('button', { name: 'Messages: lobby' }).click();
    const said = page.getByRole('dialog').locator('.said');
    await page.getByText('message 150.').waitFor();
    assert.equal(await said.count(), 100);
    await page.getByRole('button', { name: 'Earlier messages' }).click();
    await page.getByText('message 1.', { exact: true }).waitFor();
    const expected = Array.from({ length: 150 }, (_, i) => `message ${i + 1}.`);
    assert.deepEqual(await said.allTextContents(), expected);
    await page.getByRole('button', { name: 'Earlier messages' }).waitFor({ state: 'hidden' });
  });

  it('shows names that are markup as what they are', async (t) => {
    const server = await serve(t);
    const page = await openDesk(t, browser, server.url, '#sessions');
    const hostile = '<img src=x onerror=alert(1)>';
    const [session] = manySessions(1, Date.now());
    assert.ok(session);
    await answerSessions(page, [
      { ...session, name: hostile, room: '"><script>', address: "'`{{7*7}}", user: { id: '<b>', name: '' } },
    ]);
    await rowOf(page, hostile).waitFor();
    await page.getByRole('button', { name: `Ban: ${hostile}` }).click();
    await page.getByRole('dialog', { name: `Ban ${hostile}?` }).waitFor();
    assert.equal(await page.locator('img, b b, main script, main [onerror]').count(), 0);
    assert.equal(await page.locator('[data-key=room]').textContent(), '"><script>');
  });

  it('stays fluent with twenty thousand sessions', async (t) => {
    const server = await serve(t);
    const page = await openDesk(t, browser, server.url);
    const all = manySessions(20_000, Date.now());
    await answerSessions(page, all);
    const begun = performance.now();
    await goTo(page, 'Sessions');
    await page.getByText('1–100 of 20,000').waitFor();
    t.diagnostic(`all are there after ${(performance.now() - begun).toFixed(0)} ms`);
    assert.equal((await headsOf(page)).length, 100);
    await page.getByRole('button', { name: 'Lag, bytes' }).click();
    await page.getByRole('button', { name: 'Lag, bytes' }).click();
    assert.equal((await headsOf(page))[0], 'Guest 7');
    await page.getByRole('button', { name: 'Last page' }).click();
    await page.getByText('19,901–20,000 of 20,000').waitFor();
    const took = await page.evaluate<number>(`(() => {
      const find = document.querySelector('main > section:not([hidden]) input[type=search]');
      const begun = performance.now();
      for (const text of ['g', 'gu', 'guest 1999']) {
        find.value = text;
        find.dispatchEvent(new Event('input'));
      }
      return (performance.now() - begun) / 3;
    })()`);
    t.diagnostic(`a letter typed takes ${took.toFixed(0)} ms`);
    await page.getByText('1–11 of 11 (of 20,000)').waitFor();
    assert.ok(took < 2000, `${took} ms`);
  });

  it('plots what happens, and says it in figures', async (t) => {
    const server = await serve(t);
    const page = await openDoor(t, browser, server.url);
    let second = 0;
    await answerStats(page, () => {
      second += 2;
      return statsOf(
        second * 1000,
        { messages: second * 30, deliveries: second * 4500 },
        { cpuMs: second * 250 },
      );
    });
    await giveToken(page);
    const figures = page.getByRole('table', { name: 'The last ten minutes in figures' });
    const rowWith = (name: string) =>
      figures.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
    await rowWith('Messages per second').getByText('30', { exact: true }).first().waitFor();
    assert.deepEqual(await rowWith('Deliveries per second').getByRole('cell').allTextContents(), [
      '4,500',
      '4,500',
      '4,500',
    ]);
    assert.deepEqual((await rowWith('Members').getByRole('cell').allTextContents())[0], '7');
    assert.deepEqual(
      (await rowWith('Processor, share of one core').getByRole('cell').allTextContents())[0],
      '25%',
    );
    for (const title of [
      'Members',
      'Messages per second',
      'Deliveries per second',
      'Lag',
      'Memory',
      'Processor',
    ]) {
      await page.getByRole('figure', { name: title, exact: true }).locator('canvas').waitFor();
    }
    const inked = await page.evaluate<number[]>(`[...document.querySelectorAll('canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, index) => index % 4 === 3 && value > 0).length;
    })`);
    assert.ok(
      inked.every((pixels) => pixels > 500),
      `${inked} pixels`,
    );
  });

  it('asks for nothing while its tab is hidden or it is told to hold still', async (t) => {
    const server = await serve(t);
    const page = await openDesk(t, browser, server.url, '#sessions');
    let asked = 0;
    page.on('request', () => asked++);
    const next = () => page.waitForRequest('**/v1/admin/sessions?*');
    await next();
    await page.clock.install();
    for (const [stop, go] of [
      [() => setHidden(page, true), () => setHidden(page, false)],
      [
        () => page.getByRole('button', { name: 'Hold still' }).click(),
        () => page.getByRole('button', { name: 'Hold still' }).click(),
      ],
    ] as const) {
      await stop();
      await page.clock.runFor(10_000);
      asked = 0;
      await page.clock.runFor(60_000);
      assert.equal(asked, 0);
      const request = next();
      await go();
      await request;
    }
  });

  it('says that the server is gone, and goes on when it is back', async (t) => {
    const server = await serve(t);
    const page = await openDesk(t, browser, server.url, '#sessions');
    await ApiClient.join(server.url, 'Ada');
    await rowOf(page, 'Ada').waitFor();
    await server.close();
    await page.getByText('The server does not answer. What you see is from before.').waitFor();
    await page.getByText('No connection', { exact: true }).waitFor();
    await rowOf(page, 'Ada').waitFor();
    const again = await serve(t, { PORT: String(server.port) });
    await ApiClient.join(again.url, 'Bob');
    await page.getByRole('button', { name: 'Try now' }).click();
    await rowOf(page, 'Bob').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    assert.deepEqual(await headsOf(page), ['Bob']);
  });

  it('says that the store is away, and when it is back', async (t) => {
    const store = new StatusStore();
    const server = await servePage(t, { ADMIN_TOKEN: adminToken }, { store });
    const page = await openDesk(t, browser, server.url);
    store.trouble = 'connect ECONNREFUSED 127.0.0.1:6399';
    store.become('away');
    await page
      .getByText('The server cannot save anything at the moment: its store is away (connect ECONNREFUSED')
      .waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    store.become('ready');
    await page.getByText('The server cannot save anything').waitFor({ state: 'detached' });
  });

  it('says that nobody new is let in, why and since when, until that is over', async (t) => {
    const server = await serve(t);
    const page = await openDoor(t, browser, server.url);
    const stats = statsOf(Date.UTC(2026, 0, 1, 12));
    let overload: ReturnType<typeof statsOf>['overload'] = { cause: 'memory', since: stats.now - 60_000 };
    await answerStats(page, () => ({ ...stats, overload }));
    await giveToken(page);
    const since = await page.evaluate<string>(
      `new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: 'short' }).format(${stats.now - 60_000})`,
    );
    const banner = page.getByRole('status').filter({ hasText: 'its memory is short' });
    await banner.waitFor();
    assert.ok((await banner.textContent())?.endsWith(`Nobody new has been let in since ${since}.`));
    overload = null;
    await banner.waitFor({ state: 'detached' });
  });

  it('is left when the server takes the token no more', async (t) => {
    const server = await serve(t);
    const page = await openDesk(t, browser, server.url);
    // All has come that is loaded: what is under way would hold up the end of the server.
    await page.locator('canvas').nth(5).waitFor();
    await server.close();
    await serve(t, { PORT: String(server.port), ADMIN_TOKEN: 'another-secret-of-enough-characters' });
    await page.getByText('The server does not take the token any more.').waitFor();
    assert.equal(await page.evaluate('sessionStorage.length'), 0);
    await giveToken(page, 'another-secret-of-enough-characters');
    await goTo(page, 'Sessions');
    await page.getByText('Nobody is here.').waitFor();
  });

  it('can be framed by no page, not even one of its own origin', async (t) => {
    const server = await serve(t, { EMBED_ORIGINS: '*' });
    const page = await browser.newPage();
    t.after(() => page.close());
    const around = `${server.url}/around`;
    const frame = `<iframe src="${server.url}/admin"></iframe><iframe src="${server.url}/embed/lobby"></iframe>`;
    await page.route(around, (route) => route.fulfill({ contentType: 'text/html', body: frame }));
    await page.goto(around);
    // What may be framed is.
    await page.frameLocator('iframe').nth(1).getByRole('textbox', { name: 'Your name' }).waitFor();
    await waitUntil(
      () => page.frames().some((one) => one.url().startsWith('chrome-error:')),
      'the browser has refused the frame',
    );
    assert.equal(await page.frameLocator('iframe').first().locator('#app').count(), 0);
  });

  it('speaks German to whoever reads it', async (t) => {
    const server = await serve(t);
    const context = await browser.newContext({ locale: 'de-DE' });
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(`${server.url}/admin`);
    await page.getByLabel('Token', { exact: true }).fill(adminToken);
    await page.getByRole('button', { name: 'Öffnen' }).click();
    await page.getByRole('link', { name: 'Sitzungen' }).click();
    await page.getByText('Niemand ist da.').waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  });

  it('is not there without ADMIN_TOKEN', async (t) => {
    const server = await servePage(t);
    const page = await openPage(t, browser, `${server.url}/admin`);
    await page.getByText('There is no such room here.').waitFor();
  });
});
