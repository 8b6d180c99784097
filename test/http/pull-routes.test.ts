import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { assertProblem } from '../support/problem.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({
    ROOMS: 'lobby,roster,page,hand,gap,keys',
    UPDATES_LIMIT: 'off',
    SEND_LIMIT: 'off',
  });
});
after(async () => {
  await server.close();
  assert.deepEqual(server.faults, []);
});

test('getInitialUsers gives the roster at the cursor it returns, and changes nothing [SES-2]', async () => {
  const ada = await ApiClient.join(server.url, 'Ada', { room: 'roster' });
  const bob = await ApiClient.join(server.url, 'Bob', { room: 'roster' });
  const first = await ada.users();
  assert.equal(first.status, 200);
  assert.deepEqual(first.body.users, ['Ada', 'Bob']);
  assert.deepEqual((await ada.users()).body, first.body, 'repeatable');
  await bob.destroy();
  const { events } = (await ada.updates({ after: first.body.cursor })).body;
  assert.deepEqual(
    events.map(({ type, name }) => `${type} ${name}`),
    ['leave Bob'],
  );
  const byHand = await ada.updates();
  assert.equal(byHand.body.events.length, 3, 'the position of the session stood where it was');
});

test('getUpdates with a cursor gives the same events again [LOG-4]', async () => {
  const ada = await ApiClient.join(server.url, 'Ada', { room: 'page' });
  for (const text of ['one', 'two', 'three']) await ada.send(text);
  const first = await ada.updates({ after: ada.cursor });
  assert.deepEqual((await ada.updates({ after: ada.cursor })).body, first.body);
  assert.equal(first.body.more, false);
  assert.equal('lost' in first.body, false);
  assert.deepEqual(
    first.body.events.map(({ id, type, message }) => [id, type, message]),
    [
      [1, 'join', undefined],
      [2, 'message', 'one'],
      [3, 'message', 'two'],
      [4, 'message', 'three'],
    ],
  );
});

test('limit cuts an answer into pages, told by `more`', async () => {
  const ada = await ApiClient.join(server.url, 'Paging', { room: 'page' });
  const seen: number[] = [];
  let cursor = '0';
  let more = true;
  while (more) {
    const { body } = await ada.updates({ after: cursor, limit: 2 });
    assert.ok(body.events.length <= 2);
    seen.push(...body.events.map(({ id }) => id));
    ({ cursor, more } = body);
  }
  const all = (await ada.updates({ after: '0' })).body;
  assert.deepEqual(
    seen,
    all.events.map(({ id }) => id),
  );
  assert.equal(cursor, all.cursor);
});

test('without a cursor it reads on since the session’s previous call without one', async () => {
  const ada = await ApiClient.join(server.url, 'Ada', { room: 'hand' });
  assert.equal((await ada.updates()).body.events.length, 1);
  await ada.send('hello');
  await ada.updates({ after: '0' });
  const { events } = (await ada.updates()).body;
  assert.deepEqual(
    events.map(({ message }) => message),
    ['hello'],
  );
  assert.deepEqual((await ada.updates()).body.events, []);
});

test('a cursor that is out of reach is told as a gap, with what is lost and the roster [LOG-5]', async (t) => {
  const small = await startServer({ HISTORY_EVENTS: '3', UPDATES_LIMIT: 'off' });
  t.after(() => small.close());
  const ada = await ApiClient.join(small.url, 'Ada');
  for (let i = 0; i < 5; i++) await ada.send(`m${i}`);
  for (const after of [ada.cursor, '0']) {
    const { body } = await ada.updates({ after });
    assert.equal(body.lost, 3);
    assert.deepEqual(body.users, ['Ada']);
    assert.deepEqual(
      body.events.map(({ message }) => message),
      ['m2', 'm3', 'm4'],
    );
  }
  for (const after of ['beef-1', `${ada.cursor.split('-')[0]}-99`]) {
    const { body } = await ada.updates({ after });
    assert.equal(body.lost, null, after);
    assert.equal(body.events.length, 3);
  }
});

test('queries of the wrong shape are refused, saying what was expected and what came', async () => {
  const ada = await ApiClient.join(server.url, 'Query', { room: 'page' });
  const details: [query: string, detail: string][] = [
    ['limit=0', 'query/limit: expected >= 1; got 0.'],
    ['limit=1001', 'query/limit: expected <= 1000; got 1001.'],
    ['limit=1.5', 'query/limit: expected a value of type integer; got "1.5".'],
    ['limit=', 'query/limit: expected a value of type integer; got "".'],
    ['limit=NaN', 'query/limit: expected a value of type integer; got "NaN".'],
    ['wait=25.5', 'query/wait: expected <= 25; got 25.5.'],
    ['wait=-1', 'query/wait: expected >= 0; got -1.'],
    ['wait=Infinity', 'query/wait: expected <= 25; got Infinity.'],
    ['after=1', 'Expected a cursor such as 7f3a-42, or 0; got "1".'],
    ['after=', 'Expected a cursor such as 7f3a-42, or 0; got "".'],
    ['after=%0d%0aX', 'Expected a cursor such as 7f3a-42, or 0; got "\\u{d}\\u{a}X".'],
    ['after=%ff', 'Expected a cursor such as 7f3a-42, or 0; got "\\u{25}ff".'],
    [`after=${'a'.repeat(70)}-1`, `Expected a cursor such as 7f3a-42, or 0; got "${'a'.repeat(70)}-1".`],
    ['after=0&after=0', 'query/after: expected a value of type string; got a list.'],
    ['since=0', 'query: expected no other members; got "since".'],
    ['__proto__=0', 'query: expected no other members; got "__proto__".'],
  ];
  for (const [query, detail] of details) {
    const answer = await ada.call('GET', `/session/updates?${query}`);
    const problem = assertProblem(answer, 400, 'invalid-request');
    // How a percent sign is quoted is not for this test.
    if (!query.includes('%ff')) assert.equal(problem.detail, detail);
  }
});

test('send is answered 201 with id and timestamp once it is committed [P-1]', async () => {
  for (const client of [
    await ApiClient.join(server.url, 'Bearer'),
    await ApiClient.joinWithCookie(server.url, 'Cookie'),
  ]) {
    const { status, body } = await client.send('hello');
    assert.equal(status, 201);
    const { events } = (await client.updates({ after: '0' })).body;
    const { id, timestamp, message } = events.at(-1) ?? assert.fail('no events');
    assert.deepEqual({ id, timestamp, message }, { ...body, message: 'hello' });
  }
});

test('the same key again is answered 200 with the first answer, and appends nothing', async () => {
  const ada = await ApiClient.join(server.url, 'Ada', { room: 'keys' });
  const first = await ada.send('once', 'k1');
  const second = await ada.send('once', 'k1');
  assert.deepEqual([first.status, second.status], [201, 200]);
  assert.deepEqual(second.body, first.body);
  const concurrent = await Promise.all([1, 2, 3].map(() => ada.send('twice', 'k2')));
  assert.deepEqual(concurrent.map(({ status }) => status).sort(), [200, 200, 201]);
  assert.equal(new Set(concurrent.map(({ body }) => body.id)).size, 1);
  const { events } = (await ada.updates({ after: ada.cursor })).body;
  assert.deepEqual(
    events.slice(1).map(({ message, key }) => [message, key]),
    [
      ['once', 'k1'],
      ['twice', 'k2'],
    ],
  );
});

test('a key with another text is refused, and keys of others are no matter', async () => {
  const ada = await ApiClient.join(server.url, 'Keyed', { room: 'keys' });
  const bob = await ApiClient.join(server.url, 'Other', { room: 'keys' });
  await ada.send('text', 'same');
  assertProblem(await ada.send('other text', 'same'), 422, 'key-reused');
  assert.equal((await bob.send('other text', 'same')).status, 201);
});

test('the header Idempotency-Key wins over the key of the body', async () => {
  const ada = await ApiClient.join(server.url, 'Header', { room: 'keys' });
  const send = (header: string, key: string) =>
    ada.call<{ id: number }>(
      'POST',
      '/session/messages',
      { message: 'x', key },
      { 'idempotency-key': header },
    );
  const first = await send('h1', 'b1');
  assert.equal((await send('h1', 'b2')).body.id, first.body.id);
  assert.notEqual((await send('h2', 'b1')).body.id, first.body.id);
  const { events } = (await ada.updates({ after: ada.cursor })).body;
  assert.deepEqual(
    events.slice(1).map(({ key }) => key),
    ['h1', 'h2'],
  );
});

test('a key of another shape is refused, in the header as in the body', async () => {
  const ada = await ApiClient.join(server.url, 'BadKey', { room: 'keys' });
  for (const key of ['', 'a b', 'ü', 'x'.repeat(65), 'a,b']) {
    assertProblem(await ada.send('x', key), 400, 'invalid-request');
    if (key === 'ü') continue;
    const refusal = await ada.call('POST', '/session/messages', { message: 'x' }, { 'idempotency-key': key });
    assertProblem(refusal, 400, 'invalid-request');
  }
  assert.equal((await ada.send('x', 'x'.repeat(64))).status, 201);
});

test('a message may come as text, as a form and as JSON', async () => {
  const ada = await ApiClient.join(server.url, 'Forms', { room: 'hand' });
  const post = async (body: string | URLSearchParams, type?: string) => {
    const response = await fetch(`${ada.base}/session/messages`, {
      method: 'POST',
      headers: { ...ada.credentials(), ...(type ? { 'content-type': type } : {}) },
      body,
    });
    assert.equal(response.status, 201, await response.clone().text());
  };
  await post('{"message": "not JSON"} & plain\n', 'text/plain');
  await post(new URLSearchParams({ message: 'a form & more + "quotes" ü', key: 'f1' }));
  await post('message=a+b%20c%E2%82%AC', 'application/x-www-form-urlencoded');
  await post('{"message":"JSON \\u00fc"}', 'application/json');
  const { events } = (await ada.updates({ after: ada.cursor })).body;
  assert.deepEqual(
    events.slice(1).map(({ message, key }) => [message, key]),
    [
      ['{"message": "not JSON"} & plain\n', undefined],
      ['a form & more + "quotes" ü', 'f1'],
      ['a b c€', undefined],
      ['JSON ü', undefined],
    ],
  );
});

test('sending before joining, nothing and too much is refused', async () => {
  const push = await ApiClient.join(server.url, 'Push', { delivery: 'push' });
  const early = assertProblem(await push.send('hi'), 409, 'not-joined');
  assert.equal(early.detail, 'You cannot send messages until you joined the chat.');
  assert.equal((await push.updates()).status, 200, 'the first getUpdates joins [SES-3]');
  assert.equal((await push.send('hi')).status, 201);
  const empty = assertProblem(await push.send(' \n '), 422, 'invalid-message');
  assert.equal(empty.detail, 'Your message is empty and was ignored.');
  const long = assertProblem(await push.send('ü'.repeat(513)), 422, 'invalid-message');
  assert.equal(long.detail, 'A message has at most 1024 bytes of UTF-8; this one has 1026.');
});

test('an answer stops at 1 MiB, and the next goes on', async (t) => {
  const own = await startServer({ MAX_MESSAGE_BYTES: '64KiB', SEND_LIMIT: 'off' });
  t.after(() => own.close());
  const ada = await ApiClient.join(own.url, 'Ada');
  for (let i = 0; i < 18; i++) assert.equal((await ada.send(`${i}${'x'.repeat(65_000)}`)).status, 201);
  const first = (await ada.updates({ after: ada.cursor })).body;
  assert.equal(first.more, true);
  assert.ok(JSON.stringify(first.events).length <= 1024 * 1024 + 100);
  const second = (await ada.updates({ after: first.cursor })).body;
  assert.equal(first.events.length + second.events.length, 19);
  assert.equal(second.more, false);
});

test('accepted requests are activity, refused ones are not [SES-6]', async (t) => {
  const clock = new FakeClock();
  const own = await startServer({ SESSION_TIMEOUT: '60' }, { clock });
  t.after(() => own.close());
  const polling = await ApiClient.join(own.url, 'Polling');
  const refused = await ApiClient.join(own.url, 'Refused');
  for (let i = 0; i < 3; i++) {
    clock.advance(40_000);
    assert.equal((await polling.updates()).status, 200);
    await refused.send('');
  }
  assert.deepEqual((await polling.users()).body.users, ['Polling']);
});
