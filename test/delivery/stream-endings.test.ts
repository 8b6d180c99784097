import assert from 'node:assert/strict';
import http from 'node:http';
import { type TestContext, test } from 'node:test';
import type { Clock } from '../../src/core/clock.ts';
import type { SessionHandle } from '../../src/core/hooks.ts';
import { MemoryStore } from '../../src/stores/memory-store.ts';
import { systemClock } from '../../src/system/system-clock.ts';
import { ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FaultyStore } from '../support/faulty-store.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { ServerSockets } from '../support/server-sockets.ts';
import { type SseEvent, SseReader } from '../support/sse-reader.ts';
import { startServer, type TestServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const unlimited = { SEND_LIMIT: 'off', UPDATES_LIMIT: 'off', READ_LIMIT: 'off', CREATE_LIMIT: 'off' };
const unavailable = { reason: 'unavailable', action: 'reconnect', reconnect: true };

async function setUp(t: TestContext, ...args: Parameters<typeof startServer>) {
  const server = await startServer(...args);
  t.after(() => server.close());
  return server;
}

function memoryStore(clock: Clock = systemClock): MemoryStore {
  const history = { events: 10_000, bytes: 1 << 24, ageMs: Number.POSITIVE_INFINITY };
  return new MemoryStore({ clock, history, maxTotalBytes: Number.POSITIVE_INFINITY });
}

const dataOf = (event: SseEvent | undefined) => JSON.parse(event?.data ?? 'null');

/** Reads to the end, which must be clean and told by `bye`; returns what the bye says and what came before. */
async function toBye(reader: SseReader) {
  const events = await reader.rest();
  const bye = events.pop();
  assert.equal(bye?.type, 'bye');
  assert.equal(bye.id, undefined);
  assert.ok(reader.response.complete, 'the last chunk came');
  return { ending: dataOf(bye), events };
}

async function toRefusal(reader: SseReader) {
  assert.equal(reader.status, 200);
  assert.equal(reader.response.headers['content-type'], 'text/event-stream');
  const { ending, events } = await toBye(reader);
  assert.deepEqual(ending, unavailable);
  assert.deepEqual(events, []);
  assert.ok((reader.retry ?? 0) >= 2_000);
  return reader;
}

async function subscribed(url: string, name: string): Promise<{ client: ApiClient; stream: SseReader }> {
  const client = await ApiClient.join(url, name, { delivery: 'push' });
  const stream = await client.subscribe();
  await stream.expect('init');
  await stream.expect('join');
  return { client, stream };
}

/** Far less than what would hold a server up: a poll waits for 25 s, a connection is kept for 72 s. */
const closingBoundMs = 10_000;

async function closeSoon({ close }: TestServer): Promise<void> {
  let isClosed = false;
  const closing = close().then(() => {
    isClosed = true;
  });
  await waitUntil(() => isClosed, 'the server had closed', closingBoundMs);
  await closing;
}

test('a session that is destroyed says so on all its streams, and the others hear one leave', async (t) => {
  const server = await setUp(t);
  const { client, stream } = await subscribed(server.url, 'Ada');
  const { stream: bob } = await subscribed(server.url, 'Bob');
  const second = await client.subscribe();
  await client.destroy();
  for (const reader of [stream, second]) {
    const { ending, events } = await toBye(reader);
    assert.deepEqual(ending, { reason: 'destroyed', action: 'stop', reconnect: false });
    assert.ok(events.every(({ type }) => type !== 'leave'));
  }
  assert.equal(dataOf(await bob.expect('leave')).name, 'Ada');
  await client.call('GET', '/session');
  bob.close();
});

test('what was committed before an ending comes before its bye [P-2]', async (t) => {
  const store = memoryStore();
  const handles: SessionHandle[] = [];
  const hooks = { onSessionCreated: (handle: SessionHandle) => void handles.push(handle) };
  const server = await setUp(t, unlimited, { store, hooks });
  const { stream } = await subscribed(server.url, 'Ada');
  const [handle] = handles;
  assert.ok(handle);
  const draft = (message: string) => ({
    sessionId: handle.sessionId,
    message,
    key: null,
    isRepeatOnly: false,
  });
  const sent = store.append('lobby', [draft('one'), draft('two')]);
  // The answer to a send comes before the pass that writes it.
  await sent.then(() => handle.destroy('removed'));
  const { ending, events } = await toBye(stream);
  assert.deepEqual(ending, { reason: 'removed', action: 'stop', reconnect: false });
  assert.deepEqual(
    events.map((event) => dataOf(event).message),
    ['one', 'two'],
  );
});

test('[SES-10] a takeover ends the streams of the first session as taken-over, without leave or join', async (t) => {
  const authenticator = {
    authenticate: async ({ name }: { readonly name?: string | undefined }) => ({
      name: name ?? 'nobody',
      user: { id: `user-${name}`, name: name ?? 'nobody', claims: {} },
    }),
  };
  const server = await setUp(t, {}, { authenticator });
  const { stream } = await subscribed(server.url, 'Ada');
  const { stream: bob } = await subscribed(server.url, 'Bob');
  assert.equal(dataOf(await stream.expect('join')).name, 'Bob');
  const second = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const { ending, events } = await toBye(stream);
  assert.deepEqual(ending, { reason: 'taken-over', action: 'stop', reconnect: false });
  assert.deepEqual(events, []);
  const stream2 = await second.subscribe();
  assert.deepEqual(dataOf(await stream2.expect('init')).users, ['Ada', 'Bob']);
  await second.send('me again');
  for (const reader of [stream2, bob])
    assert.equal(dataOf(await reader.expect('message')).message, 'me again');
  for (const reader of [stream2, bob]) reader.close();
});

test('[SES-3] a stream whose session is not joined within SESSION_TIMEOUT ends as expired', async (t) => {
  const clock = new FakeClock();
  const store = new FaultyStore(memoryStore(clock));
  const server = await setUp(t, {}, { clock, store });
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const release = store.hold('joinSession');
  t.after(release);
  const stream = await ada.subscribe();
  await stream.expect('init');
  for (let second = 0; second < 70; second++) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { ending } = await toBye(stream);
  assert.deepEqual(ending, { reason: 'expired', action: 'create', reconnect: false });
});

for (const timeout of ['60', 'off']) {
  test(`[SES-3, SES-7] with SESSION_TIMEOUT=${timeout} a join that fails for a passing reason ends the stream as unavailable, and the next one joins`, async (t) => {
    const store = new FaultyStore(memoryStore());
    const server = await setUp(t, { SESSION_TIMEOUT: timeout }, { store });
    const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
    store.fail('joinSession', 'before');
    const { ending, events } = await toBye(await ada.subscribe());
    assert.deepEqual(ending, unavailable);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['init'],
    );
    assert.equal((await ada.getSession()).body.state, 'reserved');
    store.heal();
    const stream = await ada.subscribe();
    await stream.expect('init');
    assert.equal(dataOf(await stream.expect('join')).name, 'Ada');
    stream.close();
  });
}

test('[SES-12] a join that fails by a fault ends the session as failed, and the fault is told', async (t) => {
  const store = memoryStore();
  const server = await setUp(t, {}, { store });
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  store.joinSession = () => Promise.reject(new RangeError('a fault of the store'));
  const { ending } = await toBye(await ada.subscribe());
  assert.deepEqual(ending, { reason: 'failed', action: 'create', reconnect: false });
  assert.equal(server.faults.length, 1);
  const { status, body } = await ada.getSession();
  assert.equal(status, 410);
  assert.equal(body.reason, 'failed');
  assert.equal((await new ApiClient(server.url).create({ name: 'Ada' })).status, 201);
});

test('a feed that the store cannot serve is refused as unavailable, by a 200 that ends with bye', async (t) => {
  const store = new FaultyStore(memoryStore());
  const server = await setUp(t, {}, { store });
  store.fail('load', 'before');
  const feed = await toRefusal(await new ApiClient(server.url).feed());
  assert.equal(feed.response.headers['access-control-allow-origin'], undefined);
  store.heal();
  const again = await new ApiClient(server.url).feed();
  await again.expect('init');
  again.close();
});

test('over UPDATES_LIMIT a stream is refused as unavailable, and that is no activity', async (t) => {
  const server = await setUp(t, { UPDATES_LIMIT: '2/3600' });
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  for (const _stream of ['first', 'second']) {
    const stream = await ada.subscribe();
    await stream.expect('init');
    stream.close();
  }
  const refused = await toRefusal(await ada.subscribe());
  // As late as the limit allows it, and jittered.
  assert.ok((refused.retry ?? 0) > 1_700_000);
});

test('over READ_LIMIT a feed is refused as unavailable, readable from other origins like the feed', async (t) => {
  const server = await setUp(t, { READ_LIMIT: '1/3600' });
  const client = new ApiClient(server.url);
  const headers = { origin: 'https://elsewhere.example' };
  const feed = await client.feed('', headers);
  await feed.expect('init');
  assert.equal(feed.response.headers['access-control-allow-origin'], '*');
  const refused = await toRefusal(await client.feed('', headers));
  assert.equal(refused.response.headers['access-control-allow-origin'], '*');
  feed.close();
});

test('over MAX_STREAMS_PER_IP streams and feeds are refused as unavailable, waiting polls count, and closing makes room', async (t) => {
  const server = await setUp(t, { ...unlimited, MAX_STREAMS_PER_IP: '3' });
  const ada = await ApiClient.join(server.url, 'Ada');
  const { cursor } = (await ada.users()).body;
  for (let round = 0; round < 3; round++) {
    const [stream, feed] = [await ada.subscribe(), await ada.feed()];
    const hangUp = new AbortController();
    const poll = ada.updates({ after: cursor, wait: 25 }, hangUp.signal).catch(() => 'hung up');
    await waitUntil(async () => {
      const probe = await ada.feed();
      const first = await probe.next();
      probe.close();
      return first?.type === 'bye';
    }, 'the poll counted');
    await toRefusal(await ada.subscribe());
    assert.equal((await ada.updates({ after: cursor, wait: 5 })).status, 429);
    hangUp.abort();
    assert.equal(await poll, 'hung up');
    stream.close();
    feed.close();
    // All three are free again.
    await waitUntil(async () => {
      const probes = await Promise.all([ada.feed(), ada.feed(), ada.feed()]);
      const firsts = await Promise.all(probes.map((probe) => probe.next()));
      for (const probe of probes) probe.close();
      return firsts.every((first) => first?.type === 'init');
    }, 'all were counted off');
  }
});

test('lasting reasons are no streams: 401, 404, 410 and 400 are problems', async (t) => {
  const server = await setUp(t, { FEED: 'off' });
  const ada = await ApiClient.join(server.url, 'Ada', { delivery: 'push' });
  const url = `${server.url}/v1/rooms/lobby`;
  const statusOf = async (path: string, headers = {}) => {
    const { status, response } = await SseReader.open(`${url}${path}`, { headers });
    assert.match(response.headers['content-type'] ?? '', /^application\/problem\+json/);
    response.destroy();
    return status;
  };
  assert.equal(await statusOf('/session/events'), 401);
  assert.equal(await statusOf('/feed'), 404);
  assert.equal(await statusOf('/session/events?liveness=maybe', ada.credentials()), 400);
  await ada.destroy();
  assert.equal(await statusOf('/session/events', ada.credentials()), 410);
});

test('[P-4] with FEED=members a feed is for sessions of the room, and ends with its session', async (t) => {
  const server = await setUp(t, { FEED: 'members' });
  const ada = await ApiClient.join(server.url, 'Ada');
  const anybody = new ApiClient(server.url);
  const refused = await anybody.feed();
  assert.equal(refused.status, 401);
  const feed = await ada.feed('', ada.credentials());
  await feed.expect('init');
  await ada.destroy();
  const { ending } = await toBye(feed);
  assert.equal(ending.reason, 'destroyed');
});

test('[FAN-6] open streams, feeds and waiting polls never hold up a shutdown, also on connections that are kept', async (t) => {
  const server = await startServer(unlimited);
  const agent = new http.Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const { client, stream } = await subscribed(server.url, 'Ada');
  const bob = await ApiClient.join(server.url, 'Bob');
  const { cursor } = (await bob.users()).body;
  const polls = [1, 2, 3].map(() => bob.updates({ after: cursor, wait: 25 }));
  const kept = await SseReader.open(`${client.base}/feed`, { agent });
  await kept.expect('init');
  await waitUntil(async () => {
    // A waiting poll is activity that can be seen only by being superseded; a message would wake it.
    const connections = await new Promise<number>((resolve) =>
      server.app.server.getConnections((_error, count) => resolve(count)),
    );
    return connections >= 5;
  }, 'the polls were there');
  const closing = closeSoon(server);
  const shutdown = { reason: 'shutdown', action: 'reconnect', reconnect: true };
  for (const reader of [stream, kept]) assert.deepEqual((await toBye(reader)).ending, shutdown);
  for (const poll of polls) {
    const { status, body, headers } = await poll;
    assert.equal(status, 200);
    assert.deepEqual(body.events, []);
    assert.equal(headers.get('connection'), 'close');
  }
  await closing;
});

test('at a shutdown the last that each stream gets is another moment to come back, and the bye', async (t) => {
  const server = await setUp(t, unlimited);
  const client = new ApiClient(server.url);
  const streams = await Promise.all(Array.from({ length: 40 }, () => client.feed()));
  for (const stream of streams) await stream.expect('init');
  await server.close();
  const retries = new Set<number>();
  for (const stream of streams) {
    await toBye(stream);
    const [, retry, reason] =
      /\n\nretry: (\d+)\n\nevent: bye\ndata: \{"reason":"(\w+)"[^\n]*\n\n$/.exec(stream.raw) ?? [];
    assert.equal(reason, 'shutdown');
    assert.ok(Number(retry) >= 2_000 && Number(retry) <= 3_000);
    retries.add(Number(retry));
  }
  assert.ok(retries.size > 20, `${retries.size} different moments`);
});

test('whoever is not to reconnect is not told when', async (t) => {
  const server = await setUp(t);
  const { client, stream } = await subscribed(server.url, 'Ada');
  await client.destroy();
  await toBye(stream);
  assert.equal(stream.raw.match(/retry:/g)?.length, 1, 'the one it began with');
});

test('[FAN-6] connections over which nothing was asked, or half a request, do not hold up a shutdown', async () => {
  const server = await startServer();
  const [unused, half, kept] = [
    await RawConnection.open(server.port),
    await RawConnection.open(server.port),
    await RawConnection.open(server.port),
  ];
  half.socket.write('GET /livez HTT');
  kept.request('GET /livez HTTP/1.1');
  assert.equal((await kept.answer()).status, 200);
  await closeSoon(server);
  for (const connection of [unused, half, kept]) await connection.waitForClose();
});

test('[FAN-6] a poll that begins to wait while the server closes is answered at once', async () => {
  let release = () => {};
  let reached = () => {};
  const isReached = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  const authorize = async (_user: unknown, operation: string) => {
    if (operation !== 'getUpdates') return true;
    reached();
    await isReleased;
    return true;
  };
  const server = await startServer({}, { hooks: { authorize } });
  const ada = await ApiClient.join(server.url, 'Ada');
  const { cursor } = (await ada.users()).body;
  const poll = ada.updates({ after: cursor, wait: 25 });
  await isReached;
  const ended = new Promise<void>((resolve) => server.app.server.once('close', () => resolve()));
  const closing = closeSoon(server);
  await waitUntil(() => !server.app.server.listening, 'the server stopped listening');
  release();
  assert.deepEqual((await poll).body.events, []);
  await closing;
  await ended;
});

test('[FAN-6] a stream that does not read is cut off a second after the shutdown began', async (t) => {
  const server = await startServer({
    ...unlimited,
    MAX_MESSAGE_BYTES: '64KiB',
    HISTORY_BYTES: '64MiB',
    SLOW_CLIENT_SECONDS: '3600',
  });
  const sockets = new ServerSockets(server);
  const ada = await ApiClient.join(server.url, 'Ada');
  for (let count = 0; count < 400; count++) await ada.send(`${count} ${'x'.repeat(60_000)}`);
  const stalled = await ada.feed('?after=0');
  t.after(() => stalled.close());
  stalled.pause();
  await sockets.blocked(stalled.response.socket);
  await closeSoon(server);
});

test('[FAN-6] a stream that drains only after the shutdown began gets everything up to its bye', async (t) => {
  const server = await startServer({
    ...unlimited,
    MAX_MESSAGE_BYTES: '64KiB',
    HISTORY_BYTES: '64MiB',
    SLOW_CLIENT_SECONDS: '3600',
  });
  const sockets = new ServerSockets(server);
  const agent = new http.Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const ada = await ApiClient.join(server.url, 'Ada');
  for (let count = 0; count < 400; count++) await ada.send(`${count} ${'x'.repeat(60_000)}`);
  const stalled = await SseReader.open(`${ada.base}/feed?after=0`, { agent });
  stalled.pause();
  await sockets.blocked(stalled.response.socket);
  const closing = closeSoon(server);
  stalled.resume();
  assert.equal((await toBye(stalled)).ending.reason, 'shutdown');
  await closing;
});

test('[SES-7] with SESSION_TIMEOUT=off a shutdown ends streams and not their sessions', async () => {
  const ended: string[] = [];
  const server = await startServer(
    { SESSION_TIMEOUT: 'off' },
    { observer: { sessionEnded: (_session, reason) => ended.push(reason) } },
  );
  const { stream } = await subscribed(server.url, 'Ada');
  await closeSoon(server);
  assert.equal((await toBye(stream)).ending.reason, 'shutdown');
  assert.deepEqual(ended, []);
});
