import assert from 'node:assert/strict';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import type { HistoryLimits, LogSnapshot } from '../../src/core/event-log.ts';
import type { SessionRecord } from '../../src/core/store.ts';
import type { SqliteStore } from '../../src/stores/sqlite-store.ts';
import { claimOf } from '../contract/store-contract.ts';
import { ampleHistory, openSqlite, temporaryFolder } from '../support/sqlite.ts';
import { waitUntil } from '../support/wait-until.ts';

async function opened(store: SqliteStore, name: string, room = 'lobby'): Promise<SessionRecord> {
  const answer = await store.openSession(claimOf(name, { room }), true, 100);
  assert.ok(answer.outcome === 'opened', answer.outcome);
  return answer.record;
}

function say({ room, sessionId }: SessionRecord, store: SqliteStore, count: number, text = 'hello') {
  const drafts = Array.from({ length: count }, (_, i) => ({
    sessionId,
    message: `${text} ${i}`,
    key: null,
    isRepeatOnly: false,
  }));
  return store.append(room, drafts);
}

async function read(store: SqliteStore, room = 'lobby'): Promise<LogSnapshot> {
  const { log, unsubscribe } = await store.load(room, { deliver: () => {}, ended: () => {} });
  unsubscribe();
  return log;
}

/** How many events the file holds, by room; read beside the store. */
function inFile(path: string): Map<string, number> {
  const database = new SqliteDatabase(path, { readonly: true });
  const rows = database
    .prepare<[], readonly [string, number]>(
      'SELECT name, (SELECT count(*) FROM events WHERE room = rooms.id) FROM rooms ORDER BY name',
    )
    .raw()
    .all();
  database.close();
  return new Map(rows);
}

async function storeWith(
  t: { after(f: () => unknown): void },
  path: string,
  history: Partial<HistoryLimits>,
  more = {},
) {
  const store = await openSqlite(path, { history: { ...ampleHistory, ...history }, ...more });
  t.after(() => store.close());
  return store;
}

test('[LOG-7] a trim drops from the file what is not kept, in steps between which others are served', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const store = await storeWith(t, path, { events: 100 });
  const ada = await opened(store, 'Ada');
  await say(ada, store, 5_000);
  assert.equal(inFile(path).get('lobby'), 5_001);
  store.trim();
  // Asked for after the trim, and answered long before its last step.
  await say(ada, store, 1);
  const between = inFile(path).get('lobby') ?? 0;
  assert.ok(between > 4_000 && between < 5_002, `${between} events`);
  await waitUntil(() => inFile(path).get('lobby') === 100, 'only what is kept is in the file');
  const log = await read(store);
  assert.deepEqual([log.baseId, log.events.length, log.users], [4_902, 100, ['Ada']]);
});

test('[LOG-7] what was dropped stays so after a restart, and ids go on [LOG-1]', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const first = await openSqlite(path, { history: { ...ampleHistory, ageMs: 1 } });
  const ada = await opened(first, 'Ada');
  const [last] = (await say(ada, first, 10)).slice(-1);
  await waitUntil(() => {
    first.trim();
    return inFile(path).get('lobby') === 0;
  }, 'the file holds no event');
  const { epoch } = await read(first);
  await first.close();
  const second = await storeWith(t, path, {});
  assert.deepEqual(await read(second), { epoch, baseId: 11, users: ['Ada'], events: [] });
  const [next] = await say(ada, second, 1);
  assert.ok(next?.outcome === 'appended' && last?.outcome === 'appended');
  assert.ok(next.id === 12 && next.timestamp >= last.timestamp);
});

test('[LOG-7] over the bytes of all rooms the largest one gives up its oldest events', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const maxTotalBytes = 20_000;
  const store = await storeWith(t, path, {}, { maxTotalBytes });
  await say(await opened(store, 'Ada', 'small'), store, 5);
  await say(await opened(store, 'Ada', 'large'), store, 300);
  const bytes = async () => {
    const logs = [await read(store, 'small'), await read(store, 'large')];
    return logs.flatMap((log) => log.events).reduce((sum, event) => sum + event.bytes, 0);
  };
  await waitUntil(async () => {
    store.trim();
    return (await bytes()) <= maxTotalBytes;
  }, 'the file is within its bytes');
  assert.ok((await bytes()) > maxTotalBytes * 0.8);
  assert.equal((await read(store, 'small')).events.length, 6, 'the small one keeps everything');
});

test('a room of which nothing is left is forgotten, and comes back with a new epoch [LOG-2]', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const store = await storeWith(t, path, { ageMs: 1 });
  const ada = await opened(store, 'Ada');
  const { log, unsubscribe } = await store.load('lobby', { deliver: () => {}, ended: () => {} });
  const trimmed = () => {
    store.trim();
    return inFile(path).get('lobby') === 0;
  };
  await waitUntil(trimmed, 'only the member and who listens are left');
  await store.closeSession(ada, 'destroyed');
  await waitUntil(trimmed, 'only who listens is left');
  unsubscribe();
  await waitUntil(() => {
    store.trim();
    return !inFile(path).has('lobby');
  }, 'the room is forgotten');
  assert.notEqual((await read(store)).epoch, log.epoch);
});

test('a log of many blocks is read whole, and what is said meanwhile follows without a seam [LOG-1]', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const store = await storeWith(t, path, {});
  const ada = await opened(store, 'Ada');
  await say(ada, store, 5_000, 'é'.repeat(60));
  const ids: number[] = [];
  const loading = store.load('lobby', {
    deliver: (batch) => ids.push(...batch.map(({ event }) => event.id)),
    ended: () => {},
  });
  const sends = Array.from({ length: 50 }, () => say(ada, store, 1));
  const { log } = await loading;
  await Promise.all(sends);
  const all = [...log.events.map(({ event }) => event.id), ...ids];
  assert.deepEqual(
    all,
    Array.from({ length: 5_051 }, (_, i) => i + 1),
  );
  assert.ok(log.events.every(({ json, bytes }) => Buffer.byteLength(json) === bytes));
});

test('[P-3] while 100,000 expired events are dropped others are answered, step by step', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const first = await openSqlite(path);
  const ada = await opened(first, 'Ada');
  for (let batch = 0; batch < 20; batch++) await say(ada, first, 5_000);
  await first.close();

  const store = await storeWith(t, path, { ageMs: 1 });
  const delays = monitorEventLoopDelay({ resolution: 1 });
  let answers = 0;
  store.trim();
  do {
    delays.enable();
    // Each shares a transaction with one step, or comes between two.
    for (let count = 0; count < 20; count++) await store.findSession('lobby', ada.tokenHash);
    delays.disable();
    answers += 20;
  } while (inFile(path).get('lobby') !== 0 && answers < 10_000);
  assert.equal(inFile(path).get('lobby'), 0);
  assert.ok(answers > 100_001 / 512 / 2, `${answers} answers meanwhile`);
  t.diagnostic(`${answers} answers meanwhile; the event loop was late by ${delays.max / 1e6} ms at most`);
});
