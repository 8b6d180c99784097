import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { ServerSockets } from '../support/server-sockets.ts';
import type { SseEvent, SseReader } from '../support/sse-reader.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const unlimited = { SEND_LIMIT: 'off', UPDATES_LIMIT: 'off', READ_LIMIT: 'off', CREATE_LIMIT: 'off' };

async function setUp(t: TestContext, ...args: Parameters<typeof startServer>) {
  const server = await startServer(...args);
  t.after(() => server.close());
  return server;
}

interface Init {
  users: string[];
  cursor: string;
  timeout: number | null;
  heartbeat: number;
  lost: number | null;
}

async function init(reader: SseReader): Promise<Init> {
  const event = await reader.expect('init');
  const data: Init = JSON.parse(event.data);
  assert.equal(event.id, data.cursor);
  return data;
}

const dataOf = (event: SseEvent | undefined) => JSON.parse(event?.data ?? 'null');

async function messages(reader: SseReader, count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) texts.push(dataOf(await reader.expect('message')).message);
  return texts;
}

async function sendAll(client: ApiClient, texts: readonly string[]): Promise<void> {
  for (const text of texts) assert.equal((await client.send(text)).status, 201);
}

test('[SES-2] a stream begins with init at H, without the reader; his join comes after it', async (t) => {
  const server = await setUp(t);
  await ApiClient.join(server.url, 'Zoe');
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const stream = await ada.subscribe();
  assert.equal(stream.status, 200);
  const { users, lost, timeout, heartbeat, cursor } = await init(stream);
  assert.deepEqual(users, ['Zoe']);
  assert.equal(lost, 0);
  assert.deepEqual([timeout, heartbeat], [60, 15]);
  const join = await stream.expect('join');
  assert.equal(dataOf(join).name, 'Ada');
  assert.equal(dataOf(join).id, Number(cursor.split('-')[1]) + 1);
  assert.equal(join.id, `${cursor.split('-')[0]}-${dataOf(join).id}`);
  stream.close();
});

test('[SES-2] who had joined at or before H stands in users, and joins no second time', async (t) => {
  const server = await setUp(t);
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const first = await ada.subscribe();
  await first.expect('init');
  await first.expect('join');
  const second = await ada.subscribe();
  assert.deepEqual((await init(second)).users, ['Ada']);
  await ada.send('once');
  for (const stream of [first, second]) {
    assert.equal(dataOf(await stream.expect('message')).message, 'once');
    stream.close();
  }
});

test('[SES-3] several first streams at once join once, and each of them hears the join once', async (t) => {
  const server = await setUp(t);
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const streams = await Promise.all([1, 2, 3, 4, 5].map(() => ada.subscribe()));
  await ada.updates();
  await ada.send('end');
  for (const stream of streams) {
    const { users } = await init(stream);
    const types: string[] = [];
    for (let event = await stream.next(); event; event = await stream.next()) {
      types.push(event.type);
      if (event.type === 'message') break;
    }
    assert.deepEqual([...users, ...types], users.length > 0 ? ['Ada', 'message'] : ['join', 'message']);
    stream.close();
  }
});

test('[P-2] a stream resumes by after, without init, without loss and without repetition', async (t) => {
  const server = await setUp(t, unlimited);
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const first = await ada.subscribe();
  await first.expect('init');
  await first.expect('join');
  await sendAll(ada, ['one', 'two']);
  assert.deepEqual(await messages(first, 1), ['one']);
  // The first message is event 2, behind the join.
  const at = ada.cursor.replace(/-\d+$/, '-2');
  first.close();
  await sendAll(ada, ['three']);
  const second = await ada.subscribe(`?after=${at}`);
  assert.deepEqual(await messages(second, 2), ['two', 'three']);
  await sendAll(ada, ['four']);
  assert.deepEqual(await messages(second, 1), ['four']);
  assert.ok(!second.raw.includes('event: init'));
  assert.match(second.raw, /^retry: \d+\n\nid: /);
  second.close();
});

test('[P-2] Last-Event-ID wins over after, as EventSource sends both', async (t) => {
  const server = await setUp(t, unlimited);
  const ada = await ApiClient.join(server.url, 'Ada');
  await sendAll(ada, ['one', 'two', 'three']);
  const epoch = ada.cursor.split('-')[0];
  for (const open of [ada.subscribe.bind(ada), ada.feed.bind(ada)]) {
    const stream = await open(`?after=${epoch}-1`, { 'last-event-id': `${epoch}-3` });
    assert.deepEqual(await messages(stream, 1), ['three']);
    stream.close();
  }
});

test('[LOG-2] after=0 begins with the very first event, or tells how many are gone', async (t) => {
  const server = await setUp(t, { ...unlimited, HISTORY_EVENTS: '5' });
  const ada = await ApiClient.join(server.url, 'Ada');
  await sendAll(ada, ['one', 'two']);
  const whole = await ada.feed('?after=0');
  assert.equal(dataOf(await whole.expect('join')).id, 1);
  assert.deepEqual(await messages(whole, 2), ['one', 'two']);
  whole.close();
  await sendAll(ada, ['three', 'four', 'five', 'six']);
  const cut = await ada.feed('?after=0');
  const { lost, users, cursor } = await init(cut);
  assert.equal(lost, 2);
  assert.deepEqual(users, ['Ada']);
  assert.match(cursor, /-2$/);
  assert.deepEqual(await messages(cut, 5), ['two', 'three', 'four', 'five', 'six']);
  cut.close();
});

test('[LOG-5] a cursor that is out of reach is told as a gap: how many, who was there, then all that is kept', async (t) => {
  const gaps: (number | null)[] = [];
  const server = await setUp(
    t,
    { ...unlimited, HISTORY_EVENTS: '3' },
    { observer: { gapTold: (_room, lost) => gaps.push(lost) } },
  );
  const ada = await ApiClient.join(server.url, 'Ada');
  const bob = await ApiClient.join(server.url, 'Bob');
  await sendAll(ada, ['one', 'two', 'three']);
  await bob.destroy();
  const epoch = ada.cursor.split('-')[0];
  // Kept are: two, three, leave of Bob.
  const cases: [string, number | null][] = [
    [`${epoch}-1`, 2],
    [`${epoch}-2`, 1],
    [`${epoch}-99`, null],
    ['feedbeef-3', null],
    ['42', null],
    ['no such thing', null],
  ];
  for (const [after, expected] of cases) {
    for (const open of [ada.subscribe.bind(ada), ada.feed.bind(ada)]) {
      for (const stream of [
        await open(`?after=${encodeURIComponent(after)}`),
        await open('', { 'last-event-id': after }),
      ]) {
        const { users, lost, cursor } = await init(stream);
        assert.equal(lost, expected, after);
        assert.deepEqual(users, ['Ada', 'Bob']);
        assert.equal(cursor, `${epoch}-3`);
        assert.deepEqual(await messages(stream, 2), ['two', 'three']);
        assert.equal(dataOf(await stream.expect('leave')).name, 'Bob');
        stream.close();
      }
    }
  }
  assert.deepEqual(
    gaps,
    cases.flatMap(([, lost]) => [lost, lost, lost, lost]),
  );
  // The oldest position that is still in reach is no gap.
  const stream = await ada.subscribe(`?after=${epoch}-3`);
  assert.deepEqual(await messages(stream, 2), ['two', 'three']);
  stream.close();
});

test('the feed begins with the last N events first, and init tells the roster before them', async (t) => {
  const server = await setUp(t, { ...unlimited, HISTORY_EVENTS: '4' });
  const ada = await ApiClient.join(server.url, 'Ada');
  await sendAll(ada, ['one', 'two']);
  await ApiClient.join(server.url, 'Bob');
  await sendAll(ada, ['three']);
  // Kept are: one, two, join of Bob, three.
  for (const [last, users, types] of [
    [0, ['Ada', 'Bob'], []],
    [1, ['Ada', 'Bob'], ['message']],
    [2, ['Ada'], ['join', 'message']],
    [4, ['Ada'], ['message', 'message', 'join', 'message']],
    [10_000, ['Ada'], ['message', 'message', 'join', 'message']],
  ] as const) {
    const feed = await ada.feed(`?last=${last}`);
    const start = await init(feed);
    assert.equal(start.lost, 0);
    assert.deepEqual(start.users, users);
    for (const type of types) await feed.expect(type);
    assert.equal(feed.lastEventId?.split('-')[1], '5');
    feed.close();
  }
});

test('[FAN-3] a position that falls off the log while its stream is blocked gets a gap, then all that is kept', async (t) => {
  const text = 'x'.repeat(60_000);
  const server = await setUp(t, {
    ...unlimited,
    MAX_MESSAGE_BYTES: '64KiB',
    HISTORY_EVENTS: '20',
    SLOW_CLIENT_SECONDS: '3600',
  });
  const sockets = new ServerSockets(server);
  const ada = await ApiClient.join(server.url, 'Ada');
  const stalled = await ada.feed();
  stalled.pause();
  let sent = 0;
  await sockets.fill(stalled.response.socket, () => sendAll(ada, [`${sent++} ${text}`]));
  const beyond = sent + 100;
  while (sent < beyond) await sendAll(ada, [`${sent++} ${text}`]);
  stalled.resume();
  const { users } = await init(stalled);
  assert.deepEqual(users, ['Ada']);
  let expected = 0;
  let gaps = 0;
  const event = async () => {
    const next = await stalled.next();
    assert.ok(next);
    return next;
  };
  while (expected < sent) {
    const next = await event();
    if (next.type === 'init') {
      const { lost, cursor, users: names } = JSON.parse(next.data);
      assert.ok(lost > 0);
      assert.deepEqual(names, ['Ada']);
      gaps += 1;
      expected += lost;
      // Message n has id n + 2, behind the join.
      assert.equal(Number(cursor.split('-')[1]), expected + 1);
    } else if (next.type === 'message') {
      assert.ok(JSON.parse(next.data).message.startsWith(`${expected} `), `expected ${expected}`);
      expected += 1;
    }
  }
  assert.ok(gaps >= 1);
  stalled.close();
});

test('[SES-4] over MAX_STREAMS_PER_SESSION the oldest stream ends as superseded, waiting polls count', async (t) => {
  const server = await setUp(t, { ...unlimited, MAX_STREAMS_PER_SESSION: '2' });
  const ada = await ApiClient.join(server.url, 'Ada');
  const [first, second] = [await ada.subscribe(), await ada.subscribe()];
  const third = await ada.subscribe();
  const superseded = { reason: 'superseded', action: 'stop', reconnect: false };
  assert.deepEqual(dataOf((await first.rest()).at(-1)), superseded);
  assert.ok(first.response.complete);
  const { cursor } = (await ada.users()).body;
  const poll = ada.updates({ after: cursor, wait: 25 });
  assert.deepEqual(dataOf((await second.rest()).at(-1)), superseded);
  const fourth = await ada.subscribe();
  assert.deepEqual(dataOf((await third.rest()).at(-1)), superseded);
  // Now the poll is the oldest.
  const fifth = await ada.subscribe();
  const answer = await poll;
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body.events, []);
  await ada.send('to both');
  for (const stream of [fourth, fifth]) {
    await stream.expect('init');
    assert.deepEqual(await messages(stream, 1), ['to both']);
    stream.close();
  }
  assert.equal((await ada.getSession()).body.state, 'joined');
});

test('retry is jittered, so that clients come back spread', async (t) => {
  const server = await setUp(t, unlimited);
  const ada = await ApiClient.join(server.url, 'Ada');
  const retries: number[] = [];
  for (let count = 0; count < 12; count++) {
    const stream = await ada.feed();
    await stream.expect('init');
    retries.push(stream.retry ?? 0);
    stream.close();
  }
  for (const retry of retries) assert.ok(Number.isInteger(retry) && retry >= 2_000 && retry <= 3_000);
  assert.ok(new Set(retries).size > 3);
});

test('[FAN-5] a silent stream carries a heartbeat comment within every HEARTBEAT, and no id or event with it', async (t) => {
  const clock = new FakeClock();
  const server = await setUp(t, { ...unlimited, HEARTBEAT: '4', SESSION_TIMEOUT: '600' }, { clock });
  const ada = await ApiClient.join(server.url, 'Ada');
  const stream = await ada.subscribe();
  assert.equal((await init(stream)).heartbeat, 4);
  for (let round = 1; round <= 5; round++) {
    const { comments } = stream;
    clock.advance(4_000);
    await waitUntil(() => stream.comments > comments, `heartbeat ${round} came`);
  }
  assert.ok(stream.comments <= 11);
  assert.match(stream.raw, /(?::\n\n)+$/);
  stream.close();
});

test('[SES-12] a heartbeat that cannot be written ends its session as failed; the others go on', async (t) => {
  const clock = new FakeClock();
  const server = await setUp(t, { ...unlimited, HEARTBEAT: '4', SESSION_TIMEOUT: '600' }, { clock });
  const sockets = new ServerSockets(server);
  const [ada, bob] = [await ApiClient.join(server.url, 'Ada'), await ApiClient.join(server.url, 'Bob')];
  const [broken, whole] = [await ada.subscribe(), await bob.subscribe()];
  await init(broken);
  await init(whole);
  const error = new Error('a broken socket');
  t.mock.method(sockets.of(broken.response.socket), 'write', () => {
    throw error;
  });
  clock.advance(4_000);
  assert.equal(JSON.parse((await whole.expect('leave')).data).name, 'Ada');
  await waitUntil(() => whole.comments > 0, 'the other stream had its heartbeat');
  assert.equal((await ada.getSession()).body.reason, 'failed');
  assert.deepEqual(server.faults, [{ error, doing: 'writing to a stream of room lobby' }]);
  whole.close();
});

test('[SES-7] the heartbeat that clients are told is a quarter of SESSION_TIMEOUT at most', async (t) => {
  const server = await setUp(t, { SESSION_TIMEOUT: '20' });
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const stream = await ada.subscribe();
  const { timeout, heartbeat } = await init(stream);
  assert.deepEqual([timeout, heartbeat], [20, 5]);
  stream.close();
});

test('[FAN-3] behind a blocked socket no heartbeat is queued: a stalled reader in a quiet room costs nothing more', async (t) => {
  const clock = new FakeClock();
  const options = {
    ...unlimited,
    MAX_MESSAGE_BYTES: '64KiB',
    HISTORY_BYTES: '64MiB',
    SLOW_CLIENT_SECONDS: '3600',
    HEARTBEAT: '1',
  };
  const server = await setUp(t, options, { clock });
  const sockets = new ServerSockets(server);
  const ada = await ApiClient.join(server.url, 'Ada');
  const text = 'x'.repeat(60_000);
  for (let count = 0; count < 400; count++) await ada.send(`${count} ${text}`);
  const stalled = await ada.feed('?after=0');
  stalled.pause();
  const socket = await sockets.blocked(stalled.response.socket);
  const { writableLength, bytesWritten } = socket;
  clock.advance(1_000_000);
  assert.equal(socket.writableLength, writableLength);
  assert.equal(socket.bytesWritten, bytesWritten);
  stalled.resume();
  await stalled.expect('join');
  assert.equal((await messages(stalled, 400)).at(-1), `399 ${text}`);
  assert.equal(stalled.comments, 0);
  stalled.close();
});
