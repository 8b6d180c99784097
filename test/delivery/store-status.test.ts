import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { ServerSockets } from '../support/server-sockets.ts';
import type { SseReader } from '../support/sse-reader.ts';
import { StatusStore } from '../support/status-store.ts';
import { startServer } from '../support/test-server.ts';

const away = 'event: status\ndata: {"store":"away"}\n\n';
const back = 'event: status\ndata: {"store":"back"}\n\n';

async function setUp(t: TestContext, options: Readonly<Record<string, string>> = {}) {
  const store = new StatusStore();
  const server = await startServer({ SEND_LIMIT: 'off', ...options }, { store });
  t.after(() => server.close());
  return { store, server, ada: await ApiClient.join(server.url, 'Ada') };
}

/** Everything that a stream got up to this message and after its `init`, if it has one. */
async function upTo(reader: SseReader, message: string): Promise<string> {
  for (let event = await reader.next(); event; event = await reader.next()) {
    if (event.type === 'message' && JSON.parse(event.data).message === message) {
      return reader.raw.replace(/^retry: \d+\n\n(event: init\n.*\n.*\n\n)?/, '');
    }
  }
  assert.fail(`The stream ended before "${message}".`);
}

test('every open stream is told once when the store goes away, and once when it comes back', async (t) => {
  const { store, ada } = await setUp(t);
  const streams = [await ada.subscribe(), await ada.feed()];
  for (const stream of streams) await stream.expect('init');
  store.become('away');
  store.become('away');
  for (const stream of streams) {
    assert.deepEqual(await stream.expect('status'), {
      type: 'status',
      id: undefined,
      data: '{"store":"away"}',
    });
  }
  store.become('ready');
  await ada.send('end');
  for (const stream of streams) {
    assert.match(
      await upTo(stream, 'end'),
      /^event: status\n.*away.*\n\nevent: status\n.*back.*\n\nid: \S+\ndata:/,
    );
    stream.close();
  }
});

test('a stream that opens while the store is away is told right after what it begins with', async (t) => {
  const { store, ada } = await setUp(t);
  await ada.send('one');
  const { cursor } = (await ada.updates()).body;
  const before = ada.cursor;
  store.become('away');
  for (const open of [ada.subscribe.bind(ada), ada.feed.bind(ada)]) {
    const fresh = await open();
    await fresh.expect('init');
    await fresh.expect('status');
    const resumed = await open(`?after=${before}`);
    assert.ok((await upTo(resumed, 'one')).startsWith(away), 'before what it missed');
    const current = await open(`?after=${cursor}`);
    assert.equal((await current.expect('status')).data, '{"store":"away"}');
    for (const stream of [fresh, resumed, current]) stream.close();
  }
  store.become('ready');
  const later = await ada.subscribe();
  await ada.send('end');
  assert.doesNotMatch(await upTo(later, 'end'), /status/, 'a store that is there is nothing to tell');
  later.close();
});

test('[FAN-3] a blocked stream is told when it drains, and only how it is then', async (t) => {
  const large = 'x'.repeat(60_000);
  const { store, server, ada } = await setUp(t, { MAX_MESSAGE_BYTES: '64KiB', HISTORY_BYTES: '64MiB' });
  const sockets = new ServerSockets(server);
  const stalled: SseReader[] = [];
  // 24 MB: more than what the kernel takes for one connection.
  for (let count = 0; count < 400; count++) await ada.send(large);
  for (let count = 0; count < 2; count++) {
    const stream = await ada.feed('?after=0');
    stream.pause();
    stalled.push(stream);
    await sockets.blocked(stream.response.socket);
  }
  const [first, second] = stalled;
  assert.ok(first && second);
  store.become('away');
  store.become('ready');
  first.resume();
  await ada.send('first');
  assert.doesNotMatch(await upTo(first, 'first'), /status/, 'what is over by then is not told');
  store.become('away');
  store.become('ready');
  store.become('away');
  second.resume();
  await ada.send('second');
  const told = await upTo(second, 'second');
  assert.deepEqual(told.match(/event: status\n.*\n\n/g), [away]);
  store.become('ready');
  await ada.send('third');
  assert.ok((await upTo(second, 'third')).includes(back));
  for (const stream of stalled) stream.close();
});
