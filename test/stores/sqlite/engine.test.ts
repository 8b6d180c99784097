import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { openDatabase } from '../../../src/stores/sqlite/database.ts';
import { SqliteEngine } from '../../../src/stores/sqlite/engine.ts';
import type { LoadAnswer } from '../../../src/stores/sqlite/protocol.ts';
import { claimOf } from '../../contract/store-contract.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ampleHistory, temporaryFolder } from '../../support/sqlite.ts';

const room = 'lobby';
const idleMs = 60_000;

function setUp(t: TestContext) {
  const path = join(temporaryFolder(t), 'parlor.db');
  const time = new FakeClock();
  const options = { path, time, history: ampleHistory, maxTotalBytes: Number.POSITIVE_INFINITY };
  const engine = new SqliteEngine(openDatabase(path, 'full'), options);
  t.after(() => engine.close());
  const other = new SqliteDatabase(path);
  t.after(() => other.close());
  const claims = [claimOf('Ada'), claimOf('Bob')];
  for (const claim of claims) engine.run([{ name: 'open', claim, join: true, maxMembers: 9 }]);
  const [ada, bob] = claims.map(({ sessionId }) => ({ room, sessionId }));
  assert.ok(ada && bob);
  return { engine, time, other, ada, bob };
}

test('[SES-7] what a reaper was not told of, because its commit failed, it is told of by the next', (t) => {
  const { engine, time, other, ada, bob } = setUp(t);
  const expired = { name: 'expired', candidates: [ada, bob], idleMs } as const;
  const draft = { sessionId: ada.sessionId, message: 'never', key: null, isRepeatOnly: false };
  const append = { name: 'append', room, drafts: [draft] } as const;
  time.advance(idleMs);
  other.exec('BEGIN IMMEDIATE');
  assert.throws(() => engine.run([expired, append]), { code: 'SQLITE_BUSY' });
  // Who was heard of meanwhile is not idle, whatever became of the transaction.
  assert.throws(() => engine.run([expired, { name: 'touch', sessions: [bob] }, append]), {
    code: 'SQLITE_BUSY',
  });
  other.exec('ROLLBACK');
  assert.deepEqual(engine.run([expired]).answers, [[ada]]);
  assert.deepEqual(engine.run([expired, append]).answers[0], []);
  time.advance(idleMs);
  assert.deepEqual(engine.run([expired]).answers, [[ada, bob]]);
});

test('[LOG-7] a transaction of retention drops so many events at most, however many have expired', (t) => {
  const path = join(temporaryFolder(t), 'parlor.db');
  const time = new FakeClock();
  const opened = openDatabase(path, 'normal');
  const options = { path, time, history: ampleHistory, maxTotalBytes: Number.POSITIVE_INFINITY };
  const engine = new SqliteEngine(opened, options);
  t.after(() => engine.close());
  // Most in one room, and the rest over many.
  const rooms = ['lobby', ...Array.from({ length: 300 }, (_, index) => `room-${index}`)];
  for (const [index, name] of rooms.entries()) {
    const claim = claimOf('Ada', { room: name });
    const draft = { sessionId: claim.sessionId, message: 'hello', key: null, isRepeatOnly: false };
    const drafts = Array.from({ length: index === 0 ? 94_000 : 20 }, () => draft);
    engine.run([
      { name: 'open', claim, join: true, maxMembers: 9 },
      { name: 'append', room: name, drafts },
    ]);
  }
  const countEvents = opened.database.prepare<[], number>('SELECT count(*) FROM events').pluck();
  const counts = [countEvents.get() ?? 0];
  assert.equal(counts[0], 100_301);
  time.advance(ampleHistory.ageMs + 1);
  for (let isMore: unknown = true; isMore; ) {
    [isMore] = engine.run([{ name: 'trim' }]).answers;
    counts.push(countEvents.get() ?? 0);
  }
  assert.equal(counts.at(-1), 0);
  const dropped = counts.slice(1).map((count, index) => (counts[index] ?? 0) - count);
  assert.ok(Math.max(...dropped) <= 512, `${Math.max(...dropped)} at once`);
  // And so many that it comes to an end.
  assert.ok(dropped.length < (2 * 100_301) / 512, `${dropped.length} transactions`);
});

test('[LOG-4] a redaction whose commit fails was none: text, key and count of bytes are as before', (t) => {
  const { engine, other, ada } = setUp(t);
  const draft = { sessionId: ada.sessionId, message: 'a secret', key: 'k', isRepeatOnly: false };
  const append = { name: 'append', room, drafts: [draft] } as const;
  const load = () => {
    const [answer] = engine.run([{ name: 'load', room }]).answers;
    const { blocks } = answer as LoadAnswer;
    return blocks.map((block) => new TextDecoder().decode(block)).join('\n');
  };
  const redact = { name: 'redact', room, target: 3 } as const;
  engine.run([append]);
  const before = load();
  other.exec('BEGIN IMMEDIATE');
  assert.throws(() => engine.run([redact]), { code: 'SQLITE_BUSY' });
  other.exec('ROLLBACK');
  assert.equal(load(), before);
  const reused = { ...append, drafts: [{ ...draft, message: 'another' }] };
  assert.deepEqual(engine.run([reused]).answers, [[{ outcome: 'key-reused' }]]);

  const { answers, changes } = engine.run([redact, reused]);
  assert.ok(answers[0] && typeof answers[0] === 'object' && 'outcome' in answers[0]);
  assert.equal(answers[0].outcome, 'redacted');
  assert.deepEqual(
    (answers[1] as readonly { outcome: string }[]).map(({ outcome }) => outcome),
    ['repeated'],
  );
  assert.deepEqual(
    changes.flatMap(({ events }) => events.map(({ event }) => event.type)),
    ['redaction'],
  );
  assert.doesNotMatch(load(), /secret/);
});

test('[LOG-4] said and redacted in one transaction, nothing of the text is published', (t) => {
  const { engine, ada } = setUp(t);
  const draft = { sessionId: ada.sessionId, message: 'a secret', key: null, isRepeatOnly: false };
  const { changes } = engine.run([
    { name: 'append', room, drafts: [draft] },
    { name: 'announce', room, message: 'another secret' },
    { name: 'redact', room, target: 3 },
    { name: 'redact', room, target: 4 },
  ]);
  const [{ events } = { events: [] }] = changes;
  assert.deepEqual(
    events.map(({ event }) => event.type),
    ['message', 'announcement', 'redaction', 'redaction'],
  );
  assert.doesNotMatch(JSON.stringify(changes), /secret/);
});
