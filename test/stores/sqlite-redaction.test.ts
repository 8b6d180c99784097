import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { EventLog } from '../../src/core/event-log.ts';
import { hasText } from '../../src/core/events.ts';
import type { SqliteStore } from '../../src/stores/sqlite-store.ts';
import { claimOf } from '../contract/store-contract.ts';
import { ampleHistory, openSqlite, temporaryFolder } from '../support/sqlite.ts';

const room = 'lobby';
const history = { ...ampleHistory, events: 12 };

type Step =
  | { readonly type: 'say'; readonly many: number; readonly hasKey: boolean }
  | { readonly type: 'announce' | 'trim' | 'restart' }
  | { readonly type: 'redact'; readonly back: number; readonly isAtOnce: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('say' as const),
      many: fc.integer({ min: 1, max: 5 }),
      hasKey: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('redact' as const), back: fc.nat(14), isAtOnce: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('announce' as const, 'trim' as const, 'restart' as const),
    }),
  },
);

/** A room of a file, a client who reads on, and what both must agree on. */
class Run {
  readonly #redacted = new Set<number>();
  readonly #folder: string;
  #store: SqliteStore | undefined;
  #log: EventLog | undefined;
  #sessionId = '';
  #texts = 0;

  constructor(t: TestContext) {
    this.#folder = temporaryFolder(t);
  }

  async take(one: Step): Promise<void> {
    const store = this.#store ?? (await this.open());
    switch (one.type) {
      case 'say': {
        const drafts = Array.from({ length: one.many }, () => {
          this.#texts += 1;
          const message = `secret-${this.#texts}`;
          return {
            sessionId: this.#sessionId,
            message,
            key: one.hasKey ? `k${this.#texts}` : null,
            isRepeatOnly: false,
          };
        });
        await store.append(room, drafts);
        break;
      }
      case 'announce':
        this.#texts += 1;
        await store.announce(room, `secret-${this.#texts}`);
        break;
      case 'redact': {
        const target = Math.max(1, (this.#log?.headId ?? 0) - one.back);
        const before = this.#log?.at(target)?.event;
        const asked = store.redact(room, target);
        const [answer, again] = await Promise.all([asked, one.isAtOnce ? store.redact(room, target) : asked]);
        const isKept = answer.outcome === 'redacted' || answer.outcome === 'repeated';
        if (before) assert.equal(isKept, hasText(before), `${target}: ${answer.outcome}`);
        if (one.isAtOnce && 'id' in answer) assert.deepEqual(again, { ...answer, outcome: 'repeated' });
        if (isKept) this.#redacted.add(target);
        break;
      }
      case 'trim':
        store.trim();
        break;
      case 'restart':
        await this.close();
    }
    if (this.#store) this.#check(this.#log);
  }

  /** Looks at all that there is: what has come to who listened, and what the file has. */
  async open(): Promise<SqliteStore> {
    const store = await openSqlite(join(this.#folder, 'parlor.db'), { history });
    this.#store = store;
    let log: EventLog | undefined;
    const loaded = await store.load(room, { deliver: (batch) => log?.append(batch), ended: () => {} });
    log = new EventLog(loaded.log, history);
    // The store itself has none, whatever a log would make of it.
    for (const { event } of loaded.log.events) {
      if (hasText(event) && this.#redacted.has(event.id)) assert.equal(event.message, '');
    }
    if (this.#log) {
      assert.equal(log.epoch, this.#log.epoch);
      assert.equal(log.headId, this.#log.headId);
    }
    this.#log = log;
    if (this.#sessionId === '') {
      const answer = await store.openSession(claimOf('Ada'), true, 10);
      assert.ok(answer.outcome === 'opened');
      this.#sessionId = answer.record.sessionId;
    }
    this.#check(log);
    return store;
  }

  async close(): Promise<void> {
    await this.#store?.close();
    this.#store = undefined;
  }

  #check(log: EventLog | undefined): void {
    const events = log?.since('start', { events: 1_000, bytes: 1 << 20 }).events ?? [];
    for (const [i, { event, json, bytes }] of events.entries()) {
      assert.equal(event.id, (log?.baseId ?? 0) + 1 + i);
      assert.equal(bytes, Buffer.byteLength(json));
      if (this.#redacted.has(event.id)) {
        assert.match(json, /"message":"",.*"redacted":true\}$/);
      } else if (hasText(event)) assert.match(event.message, /^secret-\d+$/);
    }
  }
}

test('[LOG-1, LOG-4] over messages, redactions, trims and restarts in any order no redacted text comes back', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const run = new Run(t);
      try {
        for (const one of steps) await run.take(one);
        await run.close();
        await run.open();
      } finally {
        await run.close();
      }
    }),
    { numRuns: 12 },
  );
});
