import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { SessionHandle } from '../../src/core/hooks.ts';
import { Session } from '../../src/core/session.ts';
import { ApiClient } from '../support/api-client.ts';
import { ServerSockets } from '../support/server-sockets.ts';
import type { SseReader } from '../support/sse-reader.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

async function setUp(t: TestContext, options: Record<string, string> = {}) {
  const handles = new Map<string, SessionHandle>();
  const server = await startServer(
    { UPDATES_LIMIT: 'off', SEND_LIMIT: 'off', READ_LIMIT: 'off', ...options },
    { hooks: { onSessionCreated: (handle) => void handles.set(handle.name, handle) } },
  );
  t.after(() => server.close());
  const handle = (name: string): SessionHandle => {
    const found = handles.get(name);
    assert.ok(found);
    return found;
  };
  return { ...server, sockets: new ServerSockets(server), handle };
}

/** The next notice, behind whatever messages. */
async function noticed(stream: SseReader): Promise<unknown[]> {
  let event = await stream.next();
  while (event?.type === 'message') event = await stream.next();
  assert.equal(event?.type, 'notice');
  return [JSON.parse(event.data), event.id];
}

test('a notice goes to one client alone, by all its streams at once, without an id', async (t) => {
  const { url, handle } = await setUp(t);
  const ada = await ApiClient.join(url, 'Ada');
  const bob = await ApiClient.join(url, 'Bob');
  const streams = [await ada.subscribe(), await ada.subscribe()];
  const other = await bob.subscribe();
  for (const stream of [...streams, other]) await stream.expect('init');
  const nasty = { text: 'two\nlines\r\n\nid: 1\n\n', id: 5, type: 'message' };
  assert.equal(handle('Ada').notify(nasty), true);
  for (const stream of streams) {
    assert.deepEqual(await noticed(stream), [nasty, undefined]);
    stream.close();
  }
  assert.equal(handle('Bob').notify('for Bob'), true);
  assert.deepEqual(await noticed(other), ['for Bob', undefined]);
  other.close();
  assert.equal((await ada.updates({ after: '0' })).body.notices, undefined, 'what was told does not wait');
});

test('a poll that waits is answered at once with a notice, and no event', async (t) => {
  const { url, handle } = await setUp(t);
  const ada = await ApiClient.join(url, 'Ada');
  await ada.updates();
  const polling = ada.updates({ wait: 25 });
  const session = handle('Ada');
  assert.ok(session instanceof Session);
  await waitUntil(() => session.isActive, 'the poll waits');
  handle('Ada').notify({ n: 1 });
  const { body } = await polling;
  assert.deepEqual([body.events, body.notices], [[], [{ n: 1 }]]);
});

test('what comes while the client is not there waits for its next poll, the last 16; HEAD takes nothing', async (t) => {
  const { url, handle } = await setUp(t);
  const ada = await ApiClient.join(url, 'Ada');
  for (let i = 0; i < 20; i++) handle('Ada').notify(i);
  await ada.call('HEAD', '/session/updates');
  const { body } = await ada.updates({ wait: 25 });
  assert.deepEqual(
    body.notices,
    Array.from({ length: 16 }, (_, i) => i + 4),
  );
  assert.equal((await ada.updates()).body.notices, undefined);
});

test('what has waited is told on a stream right after init', async (t) => {
  const { url, handle } = await setUp(t);
  const ada = await ApiClient.join(url, 'Ada', { delivery: 'push' });
  handle('Ada').notify('first');
  handle('Ada').notify('second');
  const stream = await ada.subscribe();
  const types: unknown[] = [];
  for (let i = 0; i < 4; i++) types.push((await stream.next())?.type);
  assert.deepEqual(types, ['init', 'notice', 'notice', 'join']);
  stream.close();
});

test('[FAN-3] a notice is not queued behind a blocked socket, but told when that drains', async (t) => {
  const { url, handle, sockets } = await setUp(t, { MAX_MESSAGE_BYTES: '64KiB', HISTORY_BYTES: '64MiB' });
  const ada = await ApiClient.join(url, 'Ada');
  const bob = await ApiClient.join(url, 'Bob');
  const stream = await ada.subscribe();
  await stream.expect('init');
  stream.pause();
  const socket = await sockets.fill(stream.response.socket, () => bob.send('x'.repeat(60_000)));
  const before = socket.writableLength;
  for (let i = 0; i < 100; i++) handle('Ada').notify(i);
  assert.equal(socket.writableLength, before);
  stream.resume();
  for (let i = 84; i < 100; i++) assert.deepEqual(await noticed(stream), [i, undefined]);
  stream.close();
});

test('the feed of a member tells none of his notices', async (t) => {
  const { url, handle } = await setUp(t, { FEED: 'members' });
  const ada = await ApiClient.join(url, 'Ada');
  const feed = await ada.feed('', ada.credentials());
  await feed.expect('init');
  handle('Ada').notify('secret');
  assert.deepEqual((await ada.updates()).body.notices, ['secret']);
  await ada.destroy();
  const rest = await feed.rest();
  assert.deepEqual(
    rest.filter(({ type }) => type === 'notice'),
    [],
  );
});

test('a session that has ended is told nothing', async (t) => {
  const { url, handle } = await setUp(t);
  await ApiClient.join(url, 'Ada');
  await handle('Ada').destroy();
  assert.equal(handle('Ada').notify('too late'), false);
});
