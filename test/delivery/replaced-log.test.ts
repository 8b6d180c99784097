/** A log that begins anew, because the store has lost it: whoever reads is told, and goes on. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { LogSnapshot } from '../../src/core/event-log.ts';
import { ServerSideMember } from '../../src/delivery/server-side-member.ts';
import { MemoryStore } from '../../src/stores/memory-store.ts';
import { systemClock } from '../../src/system/system-clock.ts';
import { ApiClient } from '../support/api-client.ts';
import { openDomain, told } from '../support/domain.ts';
import { entry, message } from '../support/events.ts';
import { ReplacingStore } from '../support/replacing-store.ts';
import type { SseReader } from '../support/sse-reader.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const adminToken = 'an-operator-of-the-tests-alone';
// As many as the memory store has numbered by then, which numbers what comes later.
const head = 3;
const empty: LogSnapshot = { epoch: 'new', baseId: head, users: ['Ada'], events: [] };

/** Ada is in, and has said two things. */
async function setUp(t: TestContext) {
  const history = { events: 100, bytes: 1 << 20, ageMs: Number.POSITIVE_INFINITY };
  const store = new ReplacingStore(new MemoryStore({ clock: systemClock, history, maxTotalBytes: 1 << 24 }));
  const server = await startServer({ ADMIN_TOKEN: adminToken }, { store });
  t.after(() => server.close());
  const ada = await ApiClient.join(server.url, 'Ada');
  await ada.send('one');
  await ada.send('two');
  return { store, server, ada };
}

async function init(stream: SseReader) {
  const { id, data } = await stream.expect('init');
  const { users, lost } = JSON.parse(data);
  return { id, users, lost };
}

async function openPolls(url: string): Promise<number> {
  const headers = { authorization: `Bearer ${adminToken}` };
  const response = await fetch(`${url}/v1/admin/stats`, { headers });
  const { polls } = (await response.json()) as { polls: number };
  return polls;
}

test('[LOG-5] every stream is told at once, even if nothing is ever said again, and goes on in the new epoch', async (t) => {
  const { store, ada } = await setUp(t);
  const streams = [await ada.subscribe(), await ada.feed(), await ada.subscribe(`?after=${ada.cursor}`)];
  for (const stream of streams.slice(0, 2)) await init(stream);
  for (const type of ['join', 'message', 'message']) await streams[2]?.expect(type);
  store.replace('lobby', empty);
  for (const stream of streams) {
    assert.deepEqual(await init(stream), { id: 'new-3', users: ['Ada'], lost: null });
  }
  await ada.send('three');
  for (const stream of streams) {
    assert.equal((await stream.expect('message')).id, 'new-4');
    stream.close();
  }
});

test('[LOG-5] what the new log keeps comes after the gap, also of ids that the stream had seen before', async (t) => {
  const { store, ada } = await setUp(t);
  const stream = await ada.subscribe(`?after=${ada.cursor}`);
  for (const type of ['join', 'message', 'message']) await stream.expect(type);
  const events = [entry(2, message('one')), entry(3, message('another'))];
  store.replace('lobby', { epoch: 'new', baseId: 1, users: ['Ada'], events });
  assert.deepEqual(await init(stream), { id: 'new-1', users: ['Ada'], lost: null });
  const seen = [await stream.expect('message'), await stream.expect('message')];
  assert.deepEqual(
    seen.map(({ id, data }) => [id, JSON.parse(data).message]),
    [
      ['new-2', 'one'],
      ['new-3', 'another'],
    ],
  );
  stream.close();
});

test('[LOG-5] a waiting poll is answered with the gap, and a later one too', async (t) => {
  const { store, server, ada } = await setUp(t);
  const after = (await ada.updates()).body.cursor;
  const waiting = ada.updates({ after, wait: 20 });
  await waitUntil(async () => (await openPolls(server.url)) === 1, 'the poll waits');
  store.replace('lobby', empty);
  for (const answer of [await waiting, await ada.updates({ after })]) {
    const { lost, users, events, cursor } = answer.body;
    assert.deepEqual(
      { lost, users, events, cursor },
      { lost: null, users: ['Ada'], events: [], cursor: 'new-3' },
    );
  }
});

test('a member in the process goes on: it hears what comes, and speaks', async () => {
  const domain = openDomain();
  const { session } = await domain.create('Bot', { isServerSide: true });
  const bot = await ServerSideMember.of(session, {});
  const heard: string[] = [];
  bot.listen((event) => void heard.push(...told([event])));
  session.chatRoom.replaced({ epoch: 'new', baseId: 1, users: ['Bot', 'Zoe'], events: [] });
  assert.deepEqual(bot.users, ['Bot', 'Zoe']);
  await bot.send('still here');
  assert.deepEqual(heard, ['Bot: still here']);
  assert.equal(bot.handle.isClosed, false);
});
