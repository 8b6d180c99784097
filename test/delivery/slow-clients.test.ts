import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { MemoryStore } from '../../src/stores/memory-store.ts';
import { ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { ServerSockets } from '../support/server-sockets.ts';
import type { SseReader } from '../support/sse-reader.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const slowClientBytes = 256 * 1024;
const unlimited = {
  SEND_LIMIT: 'off',
  READ_LIMIT: 'off',
  MAX_MESSAGE_BYTES: '64KiB',
  MAX_STREAMS_PER_IP: 'off',
  HISTORY_BYTES: '64MiB',
  SLOW_CLIENT_BYTES: String(slowClientBytes),
};
const large = 'x'.repeat(60_000);
// 24 MB: more than what the kernel takes for one connection.
const largeCount = 400;

async function setUp(t: TestContext, ...[options, parts]: Parameters<typeof startServer>) {
  const ended: string[] = [];
  const server = await startServer(
    { ...unlimited, ...options },
    { ...parts, observer: { streamEnded: (_room, reason) => ended.push(reason) } },
  );
  t.after(() => server.close());
  return { ...server, sockets: new ServerSockets(server), ended };
}

/** Reads messages `0 …` up to `count`, each of which must be the next. */
async function readInOrder(reader: SseReader, count: number): Promise<void> {
  for (let expected = 0; expected < count; ) {
    const event = await reader.next();
    assert.ok(event, `the stream ended before message ${expected}`);
    if (event.type !== 'message') continue;
    assert.equal(Number.parseInt(JSON.parse(event.data).message, 10), expected);
    expected += 1;
  }
}

test('[P-3] a stream that stops reading is ended as slow, while 100 others get everything in order', async (t) => {
  const { url, sockets, ended } = await setUp(t, { SLOW_CLIENT_SECONDS: '1' });
  const ada = await ApiClient.join(url, 'Ada');
  const filler = await ApiClient.join(url, 'Filler');
  for (let count = 0; count < largeCount; count++) await filler.send(large);
  const stalled = await ada.feed('?after=0');
  t.after(() => stalled.close());
  stalled.pause();
  const socket = await sockets.blocked(stalled.response.socket);
  const readers = await Promise.all(Array.from({ length: 100 }, () => ada.feed()));
  const messages = 300;
  const reading = Promise.all(readers.map((reader) => readInOrder(reader, messages)));
  let queued = 0;
  for (let count = 0; count < messages; count++) {
    assert.equal((await ada.send(`${count}`)).status, 201);
    queued = Math.max(queued, socket.writableLength);
  }
  await reading;
  await waitUntil(() => ended.length > 0, 'the slow stream was ended');
  assert.deepEqual(ended, ['slow']);
  assert.ok(queued > 0 && queued <= slowClientBytes);
  assert.ok(socket.destroyed);
  for (const reader of readers) reader.close();
});

test('[FAN-3] what the process queues for a reader that stops in the midst of a flood is bounded', async (t) => {
  const { url, sockets, ended } = await setUp(t, { SLOW_CLIENT_SECONDS: '1' });
  const ada = await ApiClient.join(url, 'Ada', { delivery: 'push' });
  const bob = await ApiClient.join(url, 'Bob');
  const [stalled, reader] = [await ada.subscribe(), await bob.subscribe()];
  t.after(() => stalled.close());
  const reading = readInOrder(reader, largeCount);
  stalled.pause();
  const socket = sockets.of(stalled.response.socket);
  let queued = 0;
  for (let count = 0; count < largeCount; ) {
    const sends = Array.from({ length: 4 }, () => bob.send(`${count++} ${large}`));
    await Promise.all(sends);
    queued = Math.max(queued, socket.writableLength);
  }
  await reading.catch((error) => assert.fail(error));
  await waitUntil(() => ended.includes('slow'), 'the slow stream was ended');
  assert.ok(queued > 0, 'the kernel took it all');
  assert.ok(queued <= slowClientBytes + 2 * large.length, `${queued} bytes were queued`);
  // A slow reader loses his stream and not his session: nothing is lost to him.
  assert.equal((await ada.getSession()).body.state, 'joined');
  reader.close();
});

test('[FAN-3] being behind is no reason to end a stream: one that drains slowly gets 10,000 events', async (t) => {
  const clock = new FakeClock();
  const history = { events: 20_000, bytes: 1 << 26, ageMs: Number.POSITIVE_INFINITY };
  const store = new MemoryStore({ clock, history, maxTotalBytes: Number.POSITIVE_INFINITY });
  const { url, sockets, ended } = await setUp(t, { HISTORY_EVENTS: '20000' }, { clock, store });
  const ada = await ApiClient.join(url, 'Ada');
  const sessionId = String((await ada.getSession()).body.sessionId);
  const total = 10_000;
  const text = 'x'.repeat(2_400);
  const drafts = Array.from({ length: total }, (_, count) => ({
    sessionId,
    message: `${count} ${text}`,
    key: null,
    isRepeatOnly: false,
  }));
  await store.append('lobby', drafts);
  const slow = await ada.feed('?after=0');
  slow.pause();
  const socket = await sockets.blocked(slow.response.socket);
  const start = clock.monotonic();
  for (let round = 0; round < 3; round++) {
    // Almost too slow, again and again, but some bytes leave every time.
    clock.advance(9_000);
    const drained = once(socket, 'drain');
    slow.resume();
    await drained;
    slow.pause();
    await sockets.blocked(slow.response.socket);
  }
  assert.ok(clock.monotonic() - start > 20_000, 'it was behind for longer than SLOW_CLIENT_SECONDS');
  slow.resume();
  await slow.expect('join');
  const seen = new Set<number>();
  let lastId = 1;
  while (seen.size < total) {
    const event = JSON.parse((await slow.expect('message')).data);
    assert.equal(event.id, lastId + 1);
    lastId = event.id;
    seen.add(Number.parseInt(event.message, 10));
  }
  assert.deepEqual(ended, []);
  slow.close();
});

test('[FAN-3] slow means not drained for SLOW_CLIENT_SECONDS, and neither sooner nor much later', async (t) => {
  const clock = new FakeClock();
  const { url, sockets, ended } = await setUp(t, {}, { clock });
  const ada = await ApiClient.join(url, 'Ada');
  for (let count = 0; count < largeCount; count++) await ada.send(large);
  const stalled = await ada.feed('?after=0');
  t.after(() => stalled.close());
  stalled.pause();
  const socket = await sockets.blocked(stalled.response.socket);
  clock.advance(9_900);
  assert.deepEqual(ended, []);
  assert.ok(!socket.destroyed && !socket.writableEnded);
  const { writableLength } = socket;
  clock.advance(700);
  // There is room for the bye, and the last chunk.
  assert.ok(socket.writableLength > writableLength && socket.writableLength < writableLength + 200);
  assert.ok(!socket.destroyed);
  clock.advance(1_000);
  assert.ok(socket.destroyed);
  await waitUntil(() => ended.length > 0, 'the end was seen');
  assert.deepEqual(ended, ['slow']);
});
