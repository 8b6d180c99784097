import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MemoryStore } from '../../src/stores/memory-store.ts';
import { ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { ServerSockets } from '../support/server-sockets.ts';
import type { SseReader } from '../support/sse-reader.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const unlimited = { SEND_LIMIT: 'off', UPDATES_LIMIT: 'off', READ_LIMIT: 'off' };

/** A server whose time goes when told, in steps of a second with all that happens in between. */
async function setUp(t: TestContext, options: Readonly<Record<string, string>> = {}) {
  const clock = new FakeClock();
  const history = { events: 10_000, bytes: 1 << 24, ageMs: Number.POSITIVE_INFINITY };
  const store = new MemoryStore({ clock, history, maxTotalBytes: Number.POSITIVE_INFINITY });
  const ended: string[] = [];
  const streamsEnded: string[] = [];
  const observer = {
    sessionEnded: ({ name }: { readonly name: string }, reason: string) =>
      void ended.push(`${name} ${reason}`),
    streamEnded: (_room: string, reason: string) => void streamsEnded.push(reason),
  };
  const server = await startServer({ ...unlimited, ...options }, { clock, store, observer });
  t.after(() => server.close());
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      // A sweep asks the store, which answers in a later turn.
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { ...server, server, clock, ended, streamsEnded, pass };
}

async function subscribed(
  url: string,
  name: string,
  query = '',
): Promise<{ client: ApiClient; stream: SseReader }> {
  const client = await ApiClient.join(url, name, { delivery: 'push' });
  const stream = await client.subscribe(query);
  await stream.expect('init');
  await stream.expect('join');
  return { client, stream };
}

test('[SES-5] a dropped connection ends no session, [SES-7] until it was idle for SESSION_TIMEOUT', async (t) => {
  const { url, ended, streamsEnded, pass } = await setUp(t);
  const { stream } = await subscribed(url, 'Ada');
  await pass(100);
  stream.close();
  await waitUntil(() => streamsEnded.length === 1, 'the stream had ended');
  assert.deepEqual(streamsEnded, ['closed']);
  // Idle from the moment it closed.
  await pass(59);
  assert.deepEqual(ended, []);
  await pass(7);
  assert.deepEqual(ended, ['Ada expired']);
});

test('[SES-5] a reconnect within SESSION_TIMEOUT causes no leave and no join', async (t) => {
  const { url, ended, pass } = await setUp(t);
  const { stream: bob } = await subscribed(url, 'Bob');
  const { client, stream } = await subscribed(url, 'Ada');
  await bob.expect('join');
  for (let round = 0; round < 3; round++) {
    stream.close();
    await pass(50);
    const again = await client.subscribe(`?after=${stream.lastEventId}`);
    await pass(50);
    await client.send(`round ${round}`);
    for (let past = 0; past <= round; past++) await again.expect('message');
    await bob.expect('message');
    again.close();
  }
  assert.deepEqual(ended, []);
  bob.close();
});

test('[SES-6] an open stream that drains keeps its session alive, however quiet the room', async (t) => {
  const { url, ended, pass } = await setUp(t);
  const { stream } = await subscribed(url, 'Ada');
  await pass(600);
  assert.deepEqual(ended, []);
  stream.close();
});

test('[SES-6] a stream opened with liveness=ping keeps nothing alive; requests do', async (t) => {
  const { url, ended, pass } = await setUp(t);
  const { client, stream } = await subscribed(url, 'Ada', '?liveness=ping');
  for (let round = 0; round < 4; round++) {
    await pass(50);
    assert.equal((await client.ping()).status, 204);
  }
  assert.deepEqual(ended, []);
  await pass(66);
  assert.deepEqual(ended, ['Ada expired']);
  const bye = (await stream.rest()).at(-1);
  assert.deepEqual(JSON.parse(bye?.data ?? ''), { reason: 'expired', action: 'create', reconnect: false });
});

test('[SES-6] LIVENESS=ping demands pings of all, whatever a stream was opened with', async (t) => {
  const { url, ended, pass } = await setUp(t, { LIVENESS: 'ping' });
  const { stream } = await subscribed(url, 'Ada', '?liveness=stream');
  await pass(66);
  assert.deepEqual(ended, ['Ada expired']);
  assert.equal((await stream.rest()).at(-1)?.type, 'bye');
});

test('[SES-6] beside a stream that counts, one opened with liveness=ping changes nothing', async (t) => {
  const { url, ended, pass } = await setUp(t);
  const { client, stream } = await subscribed(url, 'Ada');
  const second = await client.subscribe('?liveness=ping');
  await pass(200);
  assert.deepEqual(ended, []);
  stream.close();
  second.close();
});

test('[SES-6] a blocked stream does not count: its session expires from the moment it stopped draining', async (t) => {
  const { server, url, ended, pass } = await setUp(t, {
    MAX_MESSAGE_BYTES: '64KiB',
    SLOW_CLIENT_SECONDS: '3600',
  });
  const sockets = new ServerSockets(server);
  const { stream } = await subscribed(url, 'Ada');
  await pass(100);
  const bob = await ApiClient.join(url, 'Bob');
  stream.pause();
  await sockets.fill(stream.response.socket, async () => {
    assert.equal((await bob.send('x'.repeat(60_000))).status, 201);
  });
  for (let second = 0; second < 59; second++) {
    await pass(1);
    await bob.ping();
  }
  assert.deepEqual(ended, []);
  for (let second = 0; second < 7; second++) {
    await pass(1);
    await bob.ping();
  }
  assert.deepEqual(ended, ['Ada expired']);
  stream.close();
});

test('[SES-3] a push session that opens no stream in time is reaped, whatever it requests', async (t) => {
  const { url, ended, pass } = await setUp(t);
  const ada = await ApiClient.join(url, 'Ada', { delivery: 'push' });
  for (let round = 0; round < 6; round++) {
    await pass(10);
    await ada.ping();
    await ada.getSession();
  }
  await pass(6);
  assert.deepEqual(ended, ['Ada expired']);
});

test('[SES-7] with SESSION_TIMEOUT=off nothing expires by idleness, and a session ends with its last stream', async (t) => {
  const { url, ended, streamsEnded, pass } = await setUp(t, { SESSION_TIMEOUT: 'off' });
  await ApiClient.join(url, 'Bob');
  const { client, stream } = await subscribed(url, 'Ada');
  const second = await client.subscribe();
  await pass(1_000);
  stream.close();
  await waitUntil(() => streamsEnded.length === 1, 'the first stream had ended');
  assert.deepEqual(ended, []);
  second.close();
  await waitUntil(() => streamsEnded.length === 2, 'the second stream had ended');
  assert.deepEqual(ended, ['Ada expired']);
  assert.equal((await client.getSession()).status, 410);
  await pass(1_000);
  assert.deepEqual(ended, ['Ada expired']);
});

test('[SES-7] with SESSION_TIMEOUT=off the stream that is superseded is not the last', async (t) => {
  const { url, ended } = await setUp(t, { SESSION_TIMEOUT: 'off', MAX_STREAMS_PER_SESSION: '1' });
  const { client, stream } = await subscribed(url, 'Ada');
  const second = await client.subscribe();
  assert.equal((await stream.rest()).at(-1)?.type, 'bye');
  await second.expect('init');
  assert.deepEqual(ended, []);
  second.close();
});

test('lastOutbound moves with bytes that a drained socket took, heartbeats included', async (t) => {
  const { url, pass } = await setUp(t);
  const { client, stream } = await subscribed(url, 'Ada');
  const outbound = async () => Number((await client.getSession()).body.lastOutbound);
  const first = await outbound();
  await pass(40);
  // The request itself notes the answer to the one before it at the earliest.
  const second = await outbound();
  assert.ok(second >= first + 25_000, `${second - first}`);
  stream.close();
});
