import assert from 'node:assert/strict';
import { cpSync, existsSync, statSync, truncateSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import type { LogSnapshot } from '../../src/core/event-log.ts';
import { keysPerSession, type SessionRecord, type Store } from '../../src/core/store.ts';
import { claimOf } from '../contract/store-contract.ts';
import { told, user } from '../support/domain.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { openSqlite, temporaryFolder } from '../support/sqlite.ts';
import { waitUntil } from '../support/wait-until.ts';

const room = 'lobby';

async function opened(store: Store, name: string, more = {}, join = true): Promise<SessionRecord> {
  const answer = await store.openSession(claimOf(name, more), join, 100);
  assert.ok(answer.outcome === 'opened', answer.outcome);
  return answer.record;
}

async function read(store: Store, name = room): Promise<LogSnapshot> {
  const { log, unsubscribe } = await store.load(name, { deliver: () => {}, ended: () => {} });
  unsubscribe();
  return log;
}

function say(store: Store, { sessionId }: { sessionId: string }, message: string, key: string | null = null) {
  return store.append(room, [{ sessionId, message, key, isRepeatOnly: false }]);
}

test('[SES-8] events, sessions, names, positions and keys outlive the store, and epochs stay [LOG-2]', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const first = await openSqlite(path);
  const ada = await opened(first, 'Ada', { user: { ...user('u1', 'Ada'), claims: { role: 'host' } } });
  const bob = await opened(first, 'Bob', { createKey: 'key' }, false);
  const gone = await opened(first, 'Cleo');
  const [answer] = await say(first, ada, 'hello', 'k1');
  await first.closeSession(gone, 'destroyed');
  const position = { epoch: ada.start.epoch, id: 2 };
  await first.savePositions([{ ...ada, position }]);
  const before = await read(first);
  await first.close();

  const second = await openSqlite(path);
  t.after(() => second.close());
  assert.deepEqual(await read(second), before);
  assert.deepEqual(await second.findSession(room, ada.tokenHash), { ...ada, position });
  assert.deepEqual(await second.findSession(room, bob.tokenHash), bob);
  assert.equal(await second.findSession(room, gone.tokenHash), null);
  assert.deepEqual(await say(second, ada, 'hello', 'k1'), [{ ...answer, outcome: 'repeated' }]);
  assert.deepEqual(await say(second, ada, 'other', 'k1'), [{ outcome: 'key-reused' }]);
  const [next] = await say(second, ada, 'again');
  assert.ok(next?.outcome === 'appended');
  assert.equal(next.id, before.baseId + before.events.length + 1);
  const taken = await second.openSession(claimOf('ADA'), true, 100);
  assert.deepEqual(taken, { outcome: 'name-in-use' });
  const repeated = await second.openSession(claimOf('Bob', { createKey: 'key' }), false, 100);
  assert.equal(repeated.outcome, 'reopened');
  const takeover = await second.openSession(claimOf('Ada', { user: user('u1', 'Ada') }), true, 100);
  assert.ok(takeover.outcome === 'opened' && takeover.replaced === ada.sessionId);
});

test(`of a session’s keys the last ${keysPerSession} outlive the store`, async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const first = await openSqlite(path);
  const ada = await opened(first, 'Ada');
  for (let i = 0; i < keysPerSession + 3; i++) await say(first, ada, `${i}`, `k${i}`);
  await first.close();
  const second = await openSqlite(path);
  t.after(() => second.close());
  const outcomes = await Promise.all(
    Array.from({ length: keysPerSession + 3 }, async (_, i) => {
      const draft = { sessionId: ada.sessionId, message: `${i}`, key: `k${i}`, isRepeatOnly: true };
      return (await second.append(room, [draft]))[0]?.outcome;
    }),
  );
  assert.deepEqual(outcomes, [...Array(3).fill('unknown-key'), ...Array(keysPerSession).fill('repeated')]);
});

test('[SES-8] sessions that nobody comes back for are given to the reaper, their idle time starting anew', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const first = await openSqlite(path);
  const ada = await opened(first, 'Ada');
  const bob = await opened(first, 'Bob');
  await first.close();
  const idleMs = 200;
  const clock = new FakeClock();
  const second = await openSqlite(path, { clock });
  t.after(() => second.close());
  assert.deepEqual(await second.expired([], idleMs), []);
  await second.findSession(room, bob.tokenHash);
  // What the process stands still is nobody’s fault.
  clock.stall(10 * idleMs + 1_000);
  assert.deepEqual(await second.expired([], idleMs), []);
  const expired: string[] = [];
  await waitUntil(async () => {
    clock.advance(idleMs);
    expired.push(...(await second.expired([], idleMs)).map(({ sessionId }) => sessionId));
    return expired.length > 0;
  }, 'a session is given');
  assert.deepEqual(expired, [ada.sessionId], 'Bob was asked for: his process knows best');
  await second.closeSession(ada, 'expired');
  assert.deepEqual(told((await read(second)).events.map(({ event }) => event)), ['+Ada', '+Bob', '-Ada']);
});

test('[SES-7] a session whose create is repeated, and that nobody then comes back for, is given to the reaper', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const first = await openSqlite(path);
  const ada = await opened(first, 'Ada', { createKey: 'key' });
  await first.close();
  const idleMs = 200;
  const clock = new FakeClock();
  const second = await openSqlite(path, { clock });
  t.after(() => second.close());
  const repeated = await second.openSession(claimOf('Ada', { createKey: 'key' }), true, 100);
  assert.equal(repeated.outcome, 'reopened');
  // Its client is gone, or the store was away when the session was to be found.
  const expired: string[] = [];
  await waitUntil(async () => {
    clock.advance(idleMs);
    expired.push(...(await second.expired([], idleMs)).map(({ sessionId }) => sessionId));
    return expired.length > 0;
  }, 'it is given');
  assert.equal(expired[0], ada.sessionId);
});

test('[SES-7] of those that nobody comes back for the ones of one delivery are given alone', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const first = await openSqlite(path);
  await opened(first, 'Ada');
  const bob = await opened(first, 'Bob', { delivery: 'push' });
  await first.close();
  const idleMs = 200;
  const clock = new FakeClock();
  const second = await openSqlite(path, { clock });
  t.after(() => second.close());
  const given: string[] = [];
  await waitUntil(async () => {
    clock.advance(idleMs);
    given.push(...(await second.expired([], idleMs, 'push')).map(({ sessionId }) => sessionId));
    return given.length > 1;
  }, 'one is given, and given again');
  assert.deepEqual(new Set(given), new Set([bob.sessionId]));
});

test('[SES-7] of many that nobody comes back for some are given at a time, and not those again before all others', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const names = Array.from({ length: 2_500 }, (_, index) => `u${index}`);
  const first = await openSqlite(path);
  await Promise.all(names.map((name) => first.openSession(claimOf(name), true, names.length)));
  await first.close();
  const idleMs = 200;
  const clock = new FakeClock();
  const second = await openSqlite(path, { clock });
  t.after(() => second.close());
  // The thread has a clock of its own, and has known them for longer when the first one is given.
  await waitUntil(async () => {
    clock.advance(idleMs);
    return (await second.expired([], idleMs)).length > 0;
  }, 'some are given');
  clock.advance(idleMs);
  const given = new Set<string>();
  for (let left = 10; left > 0 && given.size < names.length; left--) {
    // None of them is closed.
    for (const { sessionId } of await second.expired([], 1)) given.add(sessionId);
  }
  assert.equal(given.size, names.length);
});

test('[LOG-2] after an unclean end without waiting for the disk every room has a new epoch', async (t) => {
  let folder = temporaryFolder(t);
  const epochs: string[] = [];
  const run = async (synchronous: 'full' | 'normal', isClean: boolean) => {
    const store = await openSqlite(join(folder, 'parlor.db'), { synchronous });
    await opened(store, `Ada ${epochs.length}`);
    epochs.push((await read(store)).epoch);
    if (!isClean) {
      // What a killed process leaves behind.
      const left = temporaryFolder(t);
      cpSync(folder, left, { recursive: true });
      folder = left;
    }
    await store.close();
  };
  await run('full', false);
  await run('normal', true);
  await run('normal', false);
  await run('full', true);
  await run('full', true);
  const [a, b, c, d, e] = epochs;
  assert.equal(a, b, 'a full one loses nothing');
  assert.equal(b, c, 'a clean end loses nothing');
  assert.notEqual(c, d);
  assert.equal(d, e, 'and only once');
});

test('[LOG-2] of what is gone with the end of the log is told, once, and every room has a new epoch', async (t) => {
  const first = temporaryFolder(t);
  const store = await openSqlite(join(first, 'parlor.db'));
  const ada = await opened(store, 'Ada');
  await say(store, ada, 'hello');
  const { epoch } = await read(store);
  // What a killed process leaves behind.
  const folder = temporaryFolder(t);
  cpSync(first, folder, { recursive: true });
  await store.close();
  const path = join(folder, 'parlor.db');
  truncateSync(`${path}-wal`, statSync(`${path}-wal`).size - 1);
  const faults: string[] = [];
  const onFault = (error: unknown, doing: string) => faults.push(`${doing}: ${error}`);
  const second = await openSqlite(path, { onFault });
  const log = await read(second);
  await second.close();
  assert.deepEqual(told(log.events.map(({ event }) => event)), ['+Ada']);
  assert.notEqual(log.epoch, epoch);
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? '', /^opening the store: Error: \S+ has lost what was committed last: /);
  const third = await openSqlite(path, { onFault });
  t.after(() => third.close());
  assert.equal((await read(third)).epoch, log.epoch);
  assert.equal(faults.length, 1);
});

test('a path is a path, also one that looks like an address of SQLite’s own', async (t) => {
  const folder = temporaryFolder(t);
  const store = await openSqlite(relative(process.cwd(), join(folder, 'file:x')));
  await opened(store, 'Ada');
  await store.close();
  assert.ok(existsSync(join(folder, 'file:x')));
});
