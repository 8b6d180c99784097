import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { ChatError } from '../../src/core/errors.ts';
import type { EncodedEvent } from '../../src/core/events.ts';
import type { MessageDraft, SessionRecord, Store } from '../../src/core/store.ts';
import { claimOf } from '../contract/store-contract.ts';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { ServerProcess } from '../support/server-process.ts';
import { openSqlite, temporaryFolder } from '../support/sqlite.ts';

const room = 'lobby';
// What no caller gives: writing it as JSON throws a TypeError, as a bug would.
const poison = 1n as unknown as string;

async function joined(store: Store, name: string, where = room): Promise<SessionRecord> {
  const answer = await store.openSession(claimOf(name, { room: where }), true, 100);
  assert.ok(answer.outcome === 'opened');
  return answer.record;
}

function draft({ sessionId }: SessionRecord, message: string, key: string | null = null): MessageDraft {
  return { sessionId, message, key, isRepeatOnly: false };
}

function isBug(reason: unknown): boolean {
  return reason instanceof Error && !(reason instanceof ChatError);
}

test('[P-1] an operation with a bug fails alone: the others of its transaction are committed, once and in order', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const faults: unknown[] = [];
  const store = await openSqlite(path, { onFault: (error) => faults.push(error) });
  t.after(() => store.close());
  const ada = await joined(store, 'Ada');
  const heard: EncodedEvent[] = [];
  const { log } = await store.load(room, { deliver: (events) => heard.push(...events), ended: () => {} });
  const statuses: string[] = [];
  store.onStatus((status) => statuses.push(status));

  const poisoned: ReadonlySet<number> = new Set([0, 7, 8, 40, 63]);
  const asked = Array.from({ length: 64 }, (_, index) => {
    // What comes before the bug within its operation is taken back with it.
    const drafts = poisoned.has(index) ? [draft(ada, `half ${index}`, `h${index}`), draft(ada, poison)] : [];
    return store.append(room, [
      ...drafts,
      ...(drafts.length > 0 ? [] : [draft(ada, `m${index}`, `k${index}`)]),
    ]);
  });
  const answers = await Promise.allSettled(asked);

  const said: string[] = [];
  answers.forEach((answer, index) => {
    if (poisoned.has(index)) {
      assert.ok(answer.status === 'rejected' && isBug(answer.reason), `${index} was acknowledged`);
      assert.match(answer.reason.message, /TypeError/);
    } else {
      assert.ok(answer.status === 'fulfilled', `${index} was refused`);
      const [first] = answer.value;
      assert.ok(first?.outcome === 'appended');
      said.push(`${first.id} m${index}`);
    }
  });
  assert.deepEqual(
    said.map((words) => Number(words.split(' ')[0])),
    Array.from(said, (_, at) => 2 + at),
  );
  const wordsOf = ({ event }: EncodedEvent) =>
    `${event.id} ${'message' in event ? event.message : event.type}`;
  assert.deepEqual(heard.map(wordsOf), said);
  assert.deepEqual([statuses, store.status, faults], [[], 'ready', []]);

  await store.close();
  const next = await openSqlite(path);
  t.after(() => next.close());
  const { log: kept } = await next.load(room, { deliver: () => {}, ended: () => {} });
  assert.deepEqual(kept.events.map(wordsOf), ['1 join', ...said]);
  assert.equal(kept.epoch, log.epoch);
  // What was taken back has left no answer to its key either.
  const [again] = await next.append(room, [draft(ada, 'half 7', 'h7')]);
  assert.equal(again?.outcome, 'appended');
});

/** Puts a row where the next event of the room is to be, as no server would. */
function takeNextId(path: string): void {
  const other = new SqliteDatabase(path);
  other.exec(`INSERT INTO events SELECT room, id + 1, timestamp, json, sum FROM events
    WHERE room = (SELECT id FROM rooms WHERE name = '${room}') ORDER BY id DESC LIMIT 1`);
  other.close();
}

test('a row that SQLite refuses fails what writes it, and no other room', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const store = await openSqlite(path);
  t.after(() => store.close());
  const [ada, bob] = [await joined(store, 'Ada'), await joined(store, 'Bob', 'other')];
  takeNextId(path);
  for (let round = 0; round < 2; round++) {
    const [mine, theirs] = await Promise.allSettled([
      store.append(room, [draft(ada, 'never')]),
      store.append('other', [draft(bob, `said ${round}`)]),
    ]);
    assert.ok(mine.status === 'rejected' && isBug(mine.reason));
    assert.ok(theirs.status === 'fulfilled' && theirs.value[0]?.outcome === 'appended');
    assert.equal(theirs.value[0].id, 2 + round);
  }
  assert.equal(store.status, 'ready');
});

test('who stops listening within a transaction that is carried out again does so once', async (t) => {
  const store = await openSqlite(join(temporaryFolder(t), 'parlor.db'));
  t.after(() => store.close());
  const ada = await joined(store, 'Ada', 'other');
  const listener = { deliver: () => {}, ended: () => {} };
  const first = await store.load(room, listener);
  const second = await store.load(room, listener);
  first.unsubscribe();
  await assert.rejects(store.append('other', [draft(ada, poison)]), isBug);
  // A room that nobody listened to and that is empty would be dropped now, and come into being anew.
  store.trim();
  await store.append('other', [draft(ada, 'after it')]);
  const third = await store.load(room, listener);
  assert.equal(third.log.epoch, second.log.epoch);
});

test('over HTTP a bug is 500 for who runs into it, and logged once', async (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const env = { STORE_URL: `sqlite:${path}`, ROOMS: `${room},other` };
  const server = await ServerProcess.start({ env });
  t.after(() => server.stop());
  const ada = await ApiClient.join(server.url, 'Ada');
  const bob = await ApiClient.join(server.url, 'Bob', { room: 'other' });
  takeNextId(path);
  const [mine, theirs] = await Promise.all([ada.send('never'), bob.send('said')]);
  const { requestId } = assertProblem(mine, 500, 'internal');
  assert.equal(theirs.status, 201);
  const logged = server.stdout.split('\n').filter((line) => line.includes('constraint failed'));
  assert.equal(logged.length, 1, server.stdout);
  assert.ok(logged[0]?.includes(requestId));
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
});
