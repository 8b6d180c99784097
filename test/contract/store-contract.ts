/**
 * What `src/core/store.ts` promises, as tests that every store passes unchanged. They rely on nothing else:
 * a store may take its time, date events by a clock of its own, and hold its data elsewhere.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventLog, type HistoryLimits, type LogSnapshot } from '../../src/core/event-log.ts';
import { type ChatRoomEvent, type EncodedEvent, encodeEvent } from '../../src/core/events.ts';
import {
  maxRestrictions,
  type Restriction,
  type RestrictionDraft,
  type RestrictionListener,
} from '../../src/core/restriction.ts';
import {
  keysPerSession,
  type MessageDraft,
  type OpenAnswer,
  type SessionClaim,
  type SessionRecord,
  type Store,
} from '../../src/core/store.ts';
import { refused, told, user } from '../support/domain.ts';
import { type ModelStep, modelSteps, StoreModel } from './store-model.ts';

/** A store with nothing in it, and its surroundings. */
export interface StoreHarness {
  readonly store: Store;
  /** Lets at least so much time pass for the store: drives a fake clock, or really waits. */
  elapse(ms: number): Promise<void>;
  /** Steps the clock that dates events, where that is possible. */
  stepWall?(ms: number): void;
  /** Throws everything away; the store may be closed already. */
  dispose(): Promise<void>;
}

export type OpenStore = (history: HistoryLimits) => Promise<StoreHarness>;

const everything: HistoryLimits = { events: 10_000, bytes: 1 << 24, ageMs: 3_600_000 };
const manyMembers = 100;
// More than any store keeps.
const manyRooms = 10_001;
const roomsAtOnce = 500;
// Long enough for a store in real time to be asked twice within it.
const idleMs = 1_000;
const room = 'lobby';

let counter = 0;

export function claimOf(name: string, more: Partial<SessionClaim> = {}): SessionClaim {
  counter += 1;
  return {
    room,
    sessionId: `session-${counter}`,
    tokenHash: `hash-${counter}`,
    name,
    nameKey: name.toLowerCase(),
    user: null,
    delivery: 'pull',
    createdAt: 1_700_000_000_000,
    createKey: null,
    ...more,
  };
}

function draftOf(sessionId: string, message: string, key: string | null = null): MessageDraft {
  return { sessionId, message, key, isRepeatOnly: false };
}

/** What a listener of a room has heard, put behind what it began with. */
class Watch {
  readonly batches: (readonly EncodedEvent[])[] = [];
  readonly endings: string[] = [];
  snapshot: LogSnapshot = { epoch: '', baseId: 0, users: [], events: [] };
  unsubscribe: () => void = () => {};

  static async on(store: Store, name = room): Promise<Watch> {
    const watch = new Watch();
    const loaded = await store.load(name, {
      deliver: (batch) => watch.batches.push(batch),
      ended: (sessionId, reason, detail) =>
        watch.endings.push(`${sessionId} ${reason}${detail === undefined ? '' : ` (${detail})`}`),
    });
    watch.snapshot = loaded.log;
    watch.unsubscribe = () => loaded.unsubscribe();
    return watch;
  }

  get entries(): readonly EncodedEvent[] {
    return [...this.snapshot.events, ...this.batches.flat()];
  }

  /** What a room has of it: in its log, and as it is told now. */
  get log(): EventLog {
    const log = new EventLog(this.snapshot, everything);
    for (const batch of this.batches) log.append(batch);
    return log;
  }

  get events(): readonly ChatRoomEvent[] {
    return this.entries.map((entry) => entry.event);
  }

  get ids(): readonly number[] {
    return this.events.map((event) => event.id);
  }
}

function restrictionOf(id: string, more: Partial<RestrictionDraft> = {}): RestrictionDraft {
  return { id, kind: 'name', value: 'value', room: null, reason: null, ...more };
}

class RestrictionWatch implements RestrictionListener {
  readonly heard: string[] = [];
  readonly now = new Map<string, Restriction>();

  all(restrictions: readonly Restriction[]): void {
    this.heard.push(`all ${restrictions.map(({ id }) => id).join(' ')}`);
    this.now.clear();
    for (const restriction of restrictions) this.now.set(restriction.id, restriction);
  }

  put(restriction: Restriction): void {
    this.heard.push(`put ${restriction.id} ${restriction.value}`);
    this.now.set(restriction.id, restriction);
  }

  removed(id: string): void {
    this.heard.push(`removed ${id}`);
    this.now.delete(id);
  }
}

export function storeContract(name: string, open: OpenStore): void {
  const contract = (
    title: string,
    run: (harness: StoreHarness) => Promise<void>,
    history: HistoryLimits = everything,
  ): void => {
    test(`${name}: ${title}`, async () => {
      const harness = await open(history);
      try {
        await run(harness);
      } finally {
        await harness.dispose();
      }
    });
  };

  contract(
    'bans and closed rooms are kept, replaced by their ids, and told to whoever watches',
    async ({ store }) => {
      const [first, second] = [new RestrictionWatch(), new RestrictionWatch()];
      const end = await store.watchRestrictions(first);
      assert.deepEqual(first.heard, ['all ']);
      const kept = await store.putRestriction(restrictionOf('a', { reason: 'Adverts.', room }), null);
      assert.ok(kept && kept.createdAt > 0);
      const { createdAt } = kept;
      assert.deepEqual(kept, { ...restrictionOf('a', { reason: 'Adverts.', room }), createdAt, until: null });
      assert.deepEqual(
        first.heard.splice(0),
        ['all ', 'put a value'],
        'whoever asked is answered after that',
      );
      const [timed, again] = await Promise.all([
        store.putRestriction(restrictionOf('b'), 5_000),
        store.putRestriction(restrictionOf('a', { value: 'other' }), null),
        store.watchRestrictions(second),
      ]);
      assert.ok(timed && again);
      assert.equal(timed.until, timed.createdAt + 5_000);
      assert.deepEqual(first.heard.splice(0), ['put b value', 'put a other']);
      assert.deepEqual([...second.now.keys()].sort(), ['a', 'b'], 'there is no seam');
      assert.deepEqual(second.now.get('a'), again);
      assert.equal(await store.removeRestriction('a'), true);
      assert.equal(await store.removeRestriction('a'), false);
      assert.deepEqual(first.heard.splice(0), ['removed a']);
      end();
      await store.putRestriction(restrictionOf('c'), null);
      assert.deepEqual(first.heard, []);
      assert.deepEqual([...second.now.keys()].sort(), ['b', 'c']);
    },
  );

  contract('a ban whose time is over is forgotten, by and by', async ({ store, elapse }) => {
    const watch = new RestrictionWatch();
    await store.watchRestrictions(watch);
    await store.putRestriction(restrictionOf('short'), 200);
    await store.putRestriction(restrictionOf('long'), 3_600_000);
    store.trim();
    await store.touch([]);
    assert.deepEqual([...watch.now.keys()], ['short', 'long']);
    for (let tries = 0; watch.now.has('short') && tries < 100; tries++) {
      await elapse(200);
      store.trim();
      await store.touch([]);
    }
    assert.deepEqual([...watch.now.keys()], ['long']);
    assert.equal(watch.heard.at(-1), 'removed short');
  });

  contract(
    'there are so many bans and closed rooms and no more; what is over makes room',
    async ({ store, elapse }) => {
      const most = Array.from({ length: maxRestrictions - 1 }, (_, i) => restrictionOf(`r${i}`));
      await Promise.all(most.map((draft) => store.putRestriction(draft, null)));
      assert.ok(await store.putRestriction(restrictionOf('last'), 200));
      await elapse(201);
      assert.ok(await store.putRestriction(restrictionOf('in its place'), null));
      assert.equal(await store.putRestriction(restrictionOf('too many'), null), null);
      assert.ok(await store.putRestriction(restrictionOf('r0', { value: 'again' }), null));
      assert.equal(await store.removeRestriction('r1'), true);
      assert.ok(await store.putRestriction(restrictionOf('one more'), null));
      const watch = new RestrictionWatch();
      await store.watchRestrictions(watch);
      assert.equal(watch.now.size, maxRestrictions);
      assert.equal(watch.now.get('r0')?.value, 'again');
    },
  );

  contract('a room comes into being by being loaded, empty and with an epoch [LOG-2]', async ({ store }) => {
    const { snapshot } = await Watch.on(store);
    assert.match(snapshot.epoch, /^[A-Za-z0-9]{1,47}$/);
    assert.deepEqual({ ...snapshot, epoch: '' }, { epoch: '', baseId: 0, users: [], events: [] });
  });

  contract('a room that is loaded again is the same, with what happened meanwhile', async ({ store }) => {
    const first = await Watch.on(store);
    const ada = await opened(store, claimOf('Ada'));
    first.unsubscribe();
    await store.append(room, [draftOf(ada.sessionId, 'hello')]);
    const second = await Watch.on(store);
    assert.equal(second.snapshot.epoch, first.snapshot.epoch);
    assert.deepEqual(told(second.events), ['+Ada', 'Ada: hello']);
    assert.deepEqual(told(first.events), ['+Ada'], 'who has unsubscribed hears nothing');
  });

  contract(
    '[LOG-1] between a snapshot and what follows nothing is lost and nothing twice',
    async ({ store }) => {
      const ada = await opened(store, claimOf('Ada'));
      const sends: Promise<unknown>[] = [];
      let watch: Promise<Watch> | undefined;
      for (let i = 0; i < 20; i++) {
        sends.push(store.append(room, [draftOf(ada.sessionId, `${i}`)]));
        if (i === 10) watch = Watch.on(store);
      }
      await Promise.all(sends);
      const ids = (await watch)?.ids ?? [];
      assert.deepEqual(
        ids,
        Array.from({ length: 21 }, (_, i) => i + 1),
      );
    },
  );

  contract('[P-1] an operation resolves after the listener had its batch', async ({ store }) => {
    const watch = await Watch.on(store);
    const ada = await opened(store, claimOf('Ada'));
    assert.deepEqual(told(watch.events), ['+Ada']);
    const [answer] = await store.append(room, [draftOf(ada.sessionId, 'hello')]);
    assert.equal(answer?.outcome, 'appended');
    assert.deepEqual(told(watch.events), ['+Ada', 'Ada: hello']);
    await store.closeSession(ada, 'destroyed');
    assert.deepEqual(told(watch.events), ['+Ada', 'Ada: hello', '-Ada']);
    const bob = await opened(store, claimOf('Bob'), false);
    assert.equal(await store.joinSession(bob), true);
    assert.deepEqual(told(watch.events).at(-1), '+Bob');
  });

  contract('[LOG-1] ids are contiguous, and each room counts for itself', async ({ store }) => {
    const lobby = await Watch.on(store);
    const attic = await Watch.on(store, 'attic');
    const ada = await opened(store, claimOf('Ada'));
    await opened(store, claimOf('Ada', { room: 'attic' }));
    await Promise.all([1, 2, 3].map((i) => store.append(room, [draftOf(ada.sessionId, `${i}`)])));
    assert.deepEqual(lobby.ids, [1, 2, 3, 4]);
    assert.deepEqual(attic.ids, [1]);
  });

  contract(
    '[LOG-1] timestamps never go back, whatever the clock does',
    async ({ store, stepWall, elapse }) => {
      const watch = await Watch.on(store);
      const ada = await opened(store, claimOf('Ada'));
      stepWall?.(-3_600_000);
      await store.append(room, [draftOf(ada.sessionId, 'back')]);
      await elapse(2);
      await store.append(room, [draftOf(ada.sessionId, 'later')]);
      stepWall?.(7_200_000);
      await store.append(room, [draftOf(ada.sessionId, 'forth')]);
      const times = watch.events.map((event) => event.timestamp);
      assert.deepEqual(
        times,
        [...times].sort((a, b) => a - b),
      );
      assert.ok(times.every((time) => Number.isInteger(time) && time > 0));
    },
  );

  contract(
    'a session that is opened has its claim, and stands just before its own join',
    async ({ store }) => {
      await opened(store, claimOf('Bob'));
      const claim = claimOf('Ada', { user: user('u1'), createKey: 'key' });
      const answer = await store.openSession(claim, true, manyMembers);
      const { snapshot } = await Watch.on(store);
      const start = { epoch: snapshot.epoch, id: 1 };
      const record = { ...claim, isJoined: true, start, position: start };
      assert.deepEqual(answer, { outcome: 'opened', record, replaced: null });
      assert.deepEqual(await store.findSession(room, claim.tokenHash), record);
      assert.equal(await store.findSession('attic', claim.tokenHash), null);
      assert.equal(await store.findSession(room, 'another hash'), null);
    },
  );

  contract('[SES-3] a reserved session holds its name and is seen by nobody', async ({ store }) => {
    const watch = await Watch.on(store);
    const ada = await opened(store, claimOf('Ada'), false);
    assert.equal(ada.isJoined, false);
    assert.deepEqual(watch.events, []);
    const other = await store.openSession(claimOf('ADA'), true, manyMembers);
    assert.deepEqual(other, { outcome: 'name-in-use' });
  });

  contract('[SES-3] joining is once, however often it is asked for', async ({ store }) => {
    const watch = await Watch.on(store);
    const ada = await opened(store, claimOf('Ada'), false);
    const joins = await Promise.all([store.joinSession(ada), store.joinSession(ada)]);
    assert.deepEqual(joins, [true, true]);
    assert.equal(await store.joinSession(ada), true);
    assert.deepEqual(told(watch.events), ['+Ada']);
    assert.equal((await store.findSession(room, ada.tokenHash))?.isJoined, true);
    assert.equal(await store.joinSession({ room, sessionId: 'nobody' }), false);
  });

  contract(
    '[SES-1] closing is once: one leave if it had joined, the ending told, the name free',
    async ({ store }) => {
      const watch = await Watch.on(store);
      const ada = await opened(store, claimOf('Ada'));
      const bob = await opened(store, claimOf('Bob'), false);
      await Promise.all([
        store.closeSession(ada, 'destroyed'),
        store.closeSession(bob, 'removed', 'No adverts.'),
        store.closeSession(ada, 'expired'),
        store.closeSession({ room, sessionId: 'nobody' }, 'expired'),
        store.closeSession({ room: 'attic', sessionId: ada.sessionId }, 'expired'),
      ]);
      assert.deepEqual(told(watch.events), ['+Ada', '-Ada']);
      assert.deepEqual(watch.endings, [
        `${ada.sessionId} destroyed`,
        `${bob.sessionId} removed (No adverts.)`,
      ]);
      assert.equal(await store.findSession(room, ada.tokenHash), null);
      assert.equal(await store.joinSession(bob), false);
      await opened(store, claimOf('Ada'));
      await opened(store, claimOf('Bob'));
    },
  );

  contract('operations on a room take effect in the order of the calls', async ({ store }) => {
    const watch = await Watch.on(store);
    const first = claimOf('Ada');
    const second = claimOf('Ada');
    const reserved = claimOf('Bob');
    const answers = await Promise.all([
      store.openSession(first, true, manyMembers),
      store.closeSession(first, 'destroyed'),
      store.openSession(second, true, manyMembers),
      store.append(room, [draftOf(first.sessionId, 'late'), draftOf(second.sessionId, 'hello')]),
      store.openSession(reserved, false, manyMembers),
      store.joinSession(reserved),
      store.closeSession(reserved, 'destroyed'),
      store.findSession(room, reserved.tokenHash),
    ]);
    assert.equal(answers[0].outcome, 'opened');
    assert.equal(answers[2].outcome, 'opened');
    assert.deepEqual(
      answers[3].map((answer) => answer.outcome),
      ['session-gone', 'appended'],
    );
    assert.equal(answers[5], true);
    assert.equal(answers[7], null);
    assert.deepEqual(told(watch.events), ['+Ada', '-Ada', '+Ada', 'Ada: hello', '+Bob', '-Bob']);
  });

  contract(
    '[P-3] what is asked of rooms that nobody has opened brings none into being',
    async ({ store }) => {
      const before = await Watch.on(store);
      before.unsubscribe();
      const ada = await opened(store, claimOf('Ada'));
      await store.closeSession(ada, 'destroyed');
      const nothing = [
        [{ outcome: 'session-gone' }, { outcome: 'session-gone' }],
        false,
        null,
        { outcome: 'not-kept' },
      ];
      // Some at a time: a store may refuse what it has no time for.
      for (let first = 0; first < manyRooms; first += roomsAtOnce) {
        const nowhere = Array.from({ length: roomsAtOnce }, (_, index) => `nowhere-${first + index}`);
        const answers = await Promise.all(
          nowhere.flatMap((name) => [
            store.append(name, [draftOf(ada.sessionId, 'hello'), draftOf('nobody', 'hello')]),
            store.joinSession({ room: name, sessionId: ada.sessionId }),
            store.findSession(name, ada.tokenHash),
            store.redact(name, 1),
          ]),
        );
        assert.deepEqual(
          answers,
          nowhere.flatMap(() => nothing),
        );
      }
      // More rooms than are kept would push out the one in which nobody is.
      store.trim();
      const after = await Watch.on(store);
      assert.equal(after.snapshot.epoch, before.snapshot.epoch);
      assert.deepEqual(told(after.events), ['+Ada', '-Ada']);
    },
  );

  contract('a room holds as many names as it may, reserved ones included', async ({ store }) => {
    await opened(store, claimOf('Ada'));
    const bob = await opened(store, claimOf('Bob'), false);
    assert.deepEqual(await store.openSession(claimOf('Cleo'), true, 2), { outcome: 'room-full' });
    assert.equal((await store.openSession(claimOf('Cleo', { room: 'attic' }), true, 2)).outcome, 'opened');
    await store.closeSession(bob, 'destroyed');
    assert.equal((await store.openSession(claimOf('Cleo'), true, 2)).outcome, 'opened');
  });

  contract('[SES-10] the same user takes over without leave or join', async ({ store }) => {
    const watch = await Watch.on(store);
    const old = await opened(store, claimOf('Ada', { user: user('u1') }));
    const answer = await store.openSession(claimOf('Ada', { user: user('u1') }), false, 1);
    assert.ok(answer.outcome === 'opened');
    assert.equal(answer.replaced, old.sessionId);
    assert.equal(answer.record.isJoined, true, 'what the old session was passes on');
    assert.deepEqual(told(watch.events), ['+Ada']);
    assert.deepEqual(watch.endings, [`${old.sessionId} taken-over`]);
    assert.equal(await store.findSession(room, old.tokenHash), null);
    const [late] = await store.append(room, [draftOf(old.sessionId, 'late')]);
    assert.equal(late?.outcome, 'session-gone');
    await store.closeSession(old, 'expired');
    assert.deepEqual(told(watch.events), ['+Ada'], 'the old session owes no leave');
    await store.closeSession(answer.record, 'destroyed');
    assert.deepEqual(told(watch.events), ['+Ada', '-Ada']);
  });

  contract(
    '[SES-10] a reserved session that is taken over stays reserved, or joins if asked',
    async ({ store }) => {
      const watch = await Watch.on(store);
      await opened(store, claimOf('Ada', { user: user('u1') }), false);
      const second = await opened(store, claimOf('Ada', { user: user('u1') }), false);
      assert.equal(second.isJoined, false);
      assert.deepEqual(watch.events, []);
      const third = await opened(store, claimOf('Ada', { user: user('u1') }), true);
      assert.equal(third.isJoined, true);
      assert.deepEqual(told(watch.events), ['+Ada']);
      assert.equal(watch.endings.length, 2);
    },
  );

  contract(
    '[SES-10] taking over under another name is a leave and a join, if that name is free',
    async ({ store }) => {
      const watch = await Watch.on(store);
      await opened(store, claimOf('Bob'));
      await opened(store, claimOf('Ada', { user: user('u1') }));
      const taken = await store.openSession(claimOf('Bob', { user: user('u1') }), true, manyMembers);
      assert.deepEqual(taken, { outcome: 'name-in-use' });
      await opened(store, claimOf('ADA', { user: user('u1') }));
      assert.deepEqual(told(watch.events), ['+Bob', '+Ada', '-Ada', '+ADA']);
      await opened(store, claimOf('Cleo', { user: user('u1') }), false);
      assert.deepEqual(told(watch.events).slice(4), ['-ADA', '+Cleo']);
      await opened(store, claimOf('Ada'));
    },
  );

  contract(
    '[SES-10] takeover goes by the id of the user: others with the name are refused',
    async ({ store }) => {
      const watch = await Watch.on(store);
      await opened(store, claimOf('Ada', { user: user('u1') }));
      for (const other of [null, user('u2', 'Ada')]) {
        const answer = await store.openSession(claimOf('Ada', { user: other }), true, manyMembers);
        assert.deepEqual(answer, { outcome: 'name-in-use' });
      }
      await opened(store, claimOf('Ada', { user: user('u1'), room: 'attic' }));
      assert.deepEqual(watch.endings, [], 'another room is another membership');
    },
  );

  contract(
    '[SES-10] the same key and name again is the same session under a fresh token',
    async ({ store }) => {
      const watch = await Watch.on(store);
      for (const join of [true, false]) {
        const first = claimOf(`Ada ${join}`, { createKey: 'key' });
        const record = await opened(store, first, join);
        const second = { ...claimOf(first.name), createKey: 'key' };
        const answer = await store.openSession(second, join, 1);
        assert.deepEqual(answer, { outcome: 'reopened', record: { ...record, tokenHash: second.tokenHash } });
        assert.equal(await store.findSession(room, first.tokenHash), null);
        assert.equal((await store.findSession(room, second.tokenHash))?.sessionId, first.sessionId);
      }
      assert.deepEqual(told(watch.events), ['+Ada true']);
      assert.deepEqual(watch.endings, []);
    },
  );

  contract('[SES-10] a key is worth nothing to others, or once a token was used', async ({ store }) => {
    const ada = await opened(store, claimOf('Ada', { createKey: 'key' }));
    const inUse: OpenAnswer = { outcome: 'name-in-use' };
    const others = [{ createKey: null }, { createKey: 'another' }, { createKey: 'key', user: user('u1') }];
    for (const other of others) {
      assert.deepEqual(await store.openSession(claimOf('Ada', other), true, manyMembers), inUse);
    }
    assert.equal(
      (await store.openSession(claimOf('Bob', { createKey: 'key' }), true, manyMembers)).outcome,
      'opened',
    );
    await store.touch([ada, { room, sessionId: 'nobody' }, { room: 'attic', sessionId: 'nobody' }]);
    const late = await store.openSession(claimOf('Ada', { createKey: 'key' }), true, manyMembers);
    assert.deepEqual(late, inUse);
  });

  contract('[SES-8] a position that was saved is found with the session', async ({ store }) => {
    const ada = await opened(store, claimOf('Ada'));
    const bob = await opened(store, claimOf('Bob'));
    const position = { epoch: ada.start.epoch, id: 2 };
    await store.savePositions([
      { ...ada, position },
      { room, sessionId: 'nobody', position },
      { room: 'attic', sessionId: bob.sessionId, position },
    ]);
    assert.deepEqual(await store.findSession(room, ada.tokenHash), { ...ada, position });
    assert.deepEqual(await store.findSession(room, bob.tokenHash), bob);
  });

  contract(
    '[SES-10] what is known anew of a user is found with his session, and nothing of another user',
    async ({ store }) => {
      const ada = await opened(store, claimOf('Ada', { user: user('u1') }));
      const bob = await opened(store, claimOf('Bob'));
      const renewed = { ...user('u1'), claims: { role: 'host' }, expiresAt: 5, basis: 'b' };
      await store.renewUser(ada, renewed);
      await store.renewUser(ada, user('u2'));
      await store.renewUser(bob, renewed);
      await store.renewUser({ room: 'attic', sessionId: ada.sessionId }, renewed);
      assert.deepEqual(await store.findSession(room, ada.tokenHash), { ...ada, user: renewed });
      assert.deepEqual(await store.findSession(room, bob.tokenHash), bob);
    },
  );

  contract('each draft has its answer, in order; a refused one appends nothing', async ({ store }) => {
    const watch = await Watch.on(store);
    const ada = await opened(store, claimOf('Ada'));
    const bob = await opened(store, claimOf('Bob'), false);
    const answers = await store.append(room, [
      draftOf(bob.sessionId, 'too early'),
      draftOf(ada.sessionId, 'one'),
      draftOf('nobody', 'who?'),
      draftOf(ada.sessionId, 'two', 'k'),
      draftOf(ada.sessionId, 'two', 'k'),
      draftOf(ada.sessionId, 'three', 'k'),
      { ...draftOf(ada.sessionId, 'four', 'new'), isRepeatOnly: true },
      { ...draftOf(ada.sessionId, 'two', 'k'), isRepeatOnly: true },
    ]);
    const [, one, two] = watch.events.map(({ id, timestamp }) => ({ id, timestamp }));
    assert.deepEqual(answers, [
      { outcome: 'not-joined' },
      { outcome: 'appended', ...one },
      { outcome: 'session-gone' },
      { outcome: 'appended', ...two },
      { outcome: 'repeated', ...two },
      { outcome: 'key-reused' },
      { outcome: 'unknown-key' },
      { outcome: 'repeated', ...two },
    ]);
    assert.deepEqual(told(watch.events), ['+Ada', 'Ada: one', 'Ada: two']);
    assert.deepEqual(await store.append(room, []), []);
    assert.deepEqual(await store.append('attic', [draftOf(ada.sessionId, 'elsewhere')]), [
      { outcome: 'session-gone' },
    ]);
  });

  contract('repeats of one key at once are one event, whose answer all get', async ({ store }) => {
    const watch = await Watch.on(store);
    const ada = await opened(store, claimOf('Ada'));
    const answers = await Promise.all(
      [1, 2, 3].map(() => store.append(room, [draftOf(ada.sessionId, 'hello', 'k')])),
    );
    assert.deepEqual(
      answers.flat().map((answer) => answer.outcome),
      ['appended', 'repeated', 'repeated'],
    );
    assert.deepEqual(told(watch.events), ['+Ada', 'Ada: hello']);
  });

  contract('an announcement is an event that nobody in the room says', async ({ store }) => {
    const place = await store.announce(room, 'We open at nine.');
    const watch = await Watch.on(store);
    const ada = await opened(store, claimOf('Ada'));
    const second = await store.announce(room, 'We close at noon.');
    assert.deepEqual(told(watch.events), ['! We open at nine.', '+Ada', '! We close at noon.']);
    assert.deepEqual([place.id, second.id], [1, 3]);
    assert.deepEqual(
      [place.timestamp, second.timestamp],
      [watch.events[0]?.timestamp, watch.events[2]?.timestamp],
    );
    assert.deepEqual(watch.log.roster.names(), ['Ada']);
    assert.deepEqual(await store.findSession(room, ada.tokenHash), ada);
  });

  contract(
    '[LOG-4] what is redacted has no text any more, for those who listen and those who come',
    async ({ store }) => {
      const watch = await Watch.on(store);
      const { sessionId } = await opened(store, claimOf('Ada'));
      await store.append(room, [draftOf(sessionId, 'secret', 'k'), draftOf(sessionId, 'harmless')]);
      await store.announce(room, 'secret');
      const answers = [await store.redact(room, 2), await store.redact(room, 4)];
      const [first, second] = watch.events.slice(4);
      assert.deepEqual(answers, [
        { outcome: 'redacted', id: 5, timestamp: first?.timestamp },
        { outcome: 'redacted', id: 6, timestamp: second?.timestamp },
      ]);
      const late = await Watch.on(store);
      for (const { log } of [watch, late]) {
        assert.deepEqual(toldBy(log), ['+Ada', 'Ada: ', 'Ada: harmless', '! ', 'x2', 'x4']);
        const [, message, , announcement] = log.snapshot().events;
        assert.match(message?.json ?? '', /"name":"Ada","message":"","key":"k","redacted":true\}$/);
        assert.match(
          announcement?.json ?? '',
          /"announcement","timestamp":\d+,"message":"","redacted":true\}$/,
        );
      }
      assert.doesNotMatch(JSON.stringify(late.entries), /secret/);
    },
  );

  contract('[LOG-4] what is redacted again is answered as before, and told once', async ({ store }) => {
    const watch = await Watch.on(store);
    const first = await store.announce(room, 'one');
    const answers = await Promise.all([
      store.redact(room, first.id),
      store.redact(room, first.id),
      store.announce(room, 'two'),
    ]);
    const again = await store.redact(room, first.id);
    assert.equal(answers[0].outcome, 'redacted');
    assert.deepEqual(again, { ...answers[0], outcome: 'repeated' });
    assert.deepEqual(answers[1], again);
    assert.deepEqual(toldBy(watch.log), ['! ', 'x1', '! two']);
  });

  contract('[LOG-4] only what is kept and has a text can be redacted', async ({ store }) => {
    const watch = await Watch.on(store);
    const ada = await opened(store, claimOf('Ada'));
    await store.append(room, [draftOf(ada.sessionId, 'hello')]);
    await store.closeSession(ada, 'destroyed');
    await store.redact(room, 2);
    const before = watch.events.length;
    for (const target of [0, 5, 1_000, Number.MAX_SAFE_INTEGER]) {
      assert.deepEqual(await store.redact(room, target), { outcome: 'not-kept' }, `${target}`);
    }
    for (const target of [1, 3, 4]) {
      assert.deepEqual(await store.redact(room, target), { outcome: 'no-text' }, `${target}`);
    }
    assert.equal(watch.events.length, before, 'nothing was appended');
  });

  contract(
    '[LOG-4, LOG-7] what is trimmed before it is redacted is not kept, and nothing is told',
    async ({ store, elapse }) => {
      const { id } = await store.announce(room, 'old');
      await elapse(idleMs + 1);
      await store.announce(room, 'new');
      store.trim();
      const watch = await Watch.on(store);
      assert.deepEqual(await store.redact(room, id), { outcome: 'not-kept' });
      assert.deepEqual(told(watch.events), ['! new']);
    },
    { ...everything, ageMs: idleMs },
  );

  contract(
    '[LOG-4] the key of a redacted message is answered as before, whatever comes with it',
    async ({ store }) => {
      const { sessionId } = await opened(store, claimOf('Ada'));
      await opened(store, claimOf('Bob'));
      const [said] = await store.append(room, [draftOf(sessionId, 'secret', 'k')]);
      assert.ok(said?.outcome === 'appended');
      await store.redact(room, said.id);
      const repeats = ['secret', 'guess'].map((text) => draftOf(sessionId, text, 'k'));
      const repeated = { outcome: 'repeated', id: said.id, timestamp: said.timestamp };
      assert.deepEqual(await store.append(room, repeats), [repeated, repeated]);
      const [other] = await store.append(room, [draftOf(sessionId, 'another', 'k2')]);
      assert.equal(other?.outcome, 'appended');
    },
  );

  contract('[LOG-4] said and taken back at once, it is told without its text', async ({ store }) => {
    const watch = await Watch.on(store);
    const { sessionId } = await opened(store, claimOf('Ada'));
    const [, answer] = await Promise.all([
      store.append(room, [draftOf(sessionId, 'secret')]),
      store.redact(room, 2),
    ]);
    assert.equal(answer.outcome, 'redacted');
    assert.deepEqual(toldBy(watch.log), ['+Ada', 'Ada: ', 'x2']);
    // Whoever was told of both at once has never had the text.
    for (const batch of watch.batches) {
      if (batch.some(({ event }) => event.type === 'redaction')) {
        assert.doesNotMatch(JSON.stringify(batch), /secret/);
      }
    }
  });

  contract('keys are each session’s own, and any text of the alphabet is one', async ({ store }) => {
    const ada = await opened(store, claimOf('Ada'));
    const bob = await opened(store, claimOf('Bob'));
    for (const key of ['__proto__', 'constructor', 'toString', '-', 'k'.repeat(64)]) {
      for (const { sessionId } of [ada, bob]) {
        const [answer] = await store.append(room, [draftOf(sessionId, 'hello', key)]);
        assert.equal(answer?.outcome, 'appended', key);
      }
    }
    await store.closeSession(ada, 'destroyed');
    const again = await opened(store, claimOf('Ada'));
    const [answer] = await store.append(room, [draftOf(again.sessionId, 'hello', '-')]);
    assert.equal(answer?.outcome, 'appended');
  });

  contract(`the last ${keysPerSession} keys of a session are kept`, async ({ store }) => {
    const { sessionId } = await opened(store, claimOf('Ada'));
    const drafts = Array.from({ length: keysPerSession + 1 }, (_, i) => draftOf(sessionId, `${i}`, `k${i}`));
    await store.append(room, drafts);
    const known = drafts.map((draft) => ({ ...draft, isRepeatOnly: true }));
    const outcomes = (await store.append(room, known)).map((answer) => answer.outcome);
    assert.deepEqual(outcomes, ['unknown-key', ...Array(keysPerSession).fill('repeated')]);
  });

  contract(
    '[P-5] text is kept as it came, and encoded once as everybody reads it [LOG-6]',
    async ({ store }) => {
      const watch = await Watch.on(store);
      const texts = fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), 100);
      texts.push('\u2028\u2029', 'data: x\n\ndata: y', '"\\', '__proto__', '\ufeffBOM', '  ', '👩‍👩‍👧‍👦');
      const names = ['__proto__', 'constructor', 'Zoë', '李'];
      for (const shown of names) await opened(store, claimOf(shown));
      const { sessionId } = await opened(store, claimOf('Ada'));
      await store.append(
        room,
        texts.map((text) => draftOf(sessionId, text)),
      );
      watch.unsubscribe();
      for (const events of [watch.entries, (await Watch.on(store)).entries]) {
        assert.deepEqual(told(events.map((entry) => entry.event)), [
          ...[...names, 'Ada'].map((shown) => `+${shown}`),
          ...texts.map((text) => `Ada: ${text}`),
        ]);
        for (const entry of events) {
          assert.deepEqual(entry, encodeEvent(entry.event));
          assert.deepEqual(JSON.parse(entry.json), entry.event);
          assert.equal(entry.bytes, Buffer.byteLength(entry.json));
        }
      }
    },
  );

  contract(
    '[LOG-5, LOG-7] of too many events the latest are kept, with the roster just before them',
    async ({ store }) => {
      const ada = await opened(store, claimOf('Ada'));
      const bob = await opened(store, claimOf('Bob'));
      await store.closeSession(ada, 'destroyed');
      await store.append(
        room,
        ['1', '2', '3', '4'].map((text) => draftOf(bob.sessionId, text)),
      );
      const { snapshot, events } = await Watch.on(store);
      assert.deepEqual(told(events), ['-Ada', 'Bob: 1', 'Bob: 2', 'Bob: 3', 'Bob: 4']);
      assert.equal(snapshot.baseId, 2);
      assert.deepEqual([...snapshot.users].sort(), ['Ada', 'Bob']);
    },
    { ...everything, events: 5 },
  );

  contract(
    '[LOG-7] what is kept is bounded in bytes',
    async ({ store }) => {
      const { sessionId } = await opened(store, claimOf('Ada'));
      for (let i = 0; i < 50; i++) await store.append(room, [draftOf(sessionId, 'x'.repeat(100))]);
      const { snapshot } = await Watch.on(store);
      const bytes = snapshot.events.reduce((sum, entry) => sum + entry.bytes, 0);
      assert.ok(bytes <= 1000 && snapshot.events.length > 3, `${bytes}`);
      assert.deepEqual(snapshot.users, ['Ada']);
      assert.equal(snapshot.baseId + snapshot.events.length, 51);
    },
    { ...everything, bytes: 1000 },
  );

  contract(
    '[LOG-7] what is too old goes by a trim, also if nothing more is said; ids go on [LOG-1]',
    async ({ store, elapse }) => {
      const { sessionId } = await opened(store, claimOf('Ada'));
      await elapse(idleMs + 1);
      store.trim();
      const watch = await Watch.on(store);
      assert.deepEqual(
        { ...watch.snapshot, epoch: '' },
        { epoch: '', baseId: 1, users: ['Ada'], events: [] },
      );
      await store.append(room, [draftOf(sessionId, 'hello')]);
      assert.deepEqual(watch.ids, [2]);
    },
    { ...everything, ageMs: idleMs },
  );

  contract(
    '[SES-7] an idle session is given to one asker, and again if nobody closes it',
    async ({ store, elapse }) => {
      const ada = await opened(store, claimOf('Ada'));
      const bob = await opened(store, claimOf('Bob'), false);
      const candidates = [
        ada,
        bob,
        { room, sessionId: 'nobody' },
        { room: 'attic', sessionId: ada.sessionId },
      ];
      assert.deepEqual(await store.expired(candidates, idleMs), []);
      for (let round = 0; round < 2; round++) {
        await elapse(idleMs);
        const given = await Promise.all([
          store.expired(candidates, idleMs),
          store.expired(candidates, idleMs),
        ]);
        assert.deepEqual(idsOf(given.flat()), idsOf([ada, bob]));
      }
      await store.closeSession(ada, 'expired');
      await elapse(idleMs);
      assert.deepEqual(idsOf(await store.expired(candidates, idleMs)), idsOf([bob]));
    },
  );

  contract(
    '[SES-7] a session that was touched is not idle, unless it is only reserved [SES-3]',
    async ({ store, elapse }) => {
      const ada = await opened(store, claimOf('Ada'));
      const bob = await opened(store, claimOf('Bob'), false);
      const cleo = await opened(store, claimOf('Cleo'), false);
      await elapse(idleMs);
      await store.touch([ada, bob]);
      await store.joinSession(cleo);
      assert.deepEqual(idsOf(await store.expired([ada, bob, cleo], idleMs)), idsOf([bob]));
    },
  );

  contract(
    'what was asked for before the store is closed is committed; later calls are refused',
    async ({ store }) => {
      const watch = await Watch.on(store);
      const claim = claimOf('Ada');
      const asked = store.openSession(claim, true, manyMembers);
      await Promise.all([store.close(), asked]);
      assert.equal((await asked).outcome, 'opened');
      assert.deepEqual(told(watch.events), ['+Ada']);
      await store.close();
      const later = [
        () => store.openSession(claimOf('Bob'), true, manyMembers),
        () => store.joinSession(claim),
        () => store.closeSession(claim, 'destroyed'),
        () => store.append(room, [draftOf(claim.sessionId, 'late')]),
        () => store.announce(room, 'late'),
        () => store.redact(room, 1),
        () => store.findSession(room, claim.tokenHash),
        () => store.touch([claim]),
        () => store.renewUser(claim, user('u1')),
        () => store.savePositions([{ ...claim, position: { epoch: 'e', id: 0 } }]),
        () => store.expired([claim], idleMs),
        () => store.load(room, { deliver: () => {}, ended: () => {} }),
      ];
      for (const call of later) await assert.rejects(call, refused('unavailable'));
      watch.unsubscribe();
    },
  );

  test(`${name}: any operations, asked for all at once or one by one, do what a naive model does`, async () => {
    await fc.assert(
      fc.asyncProperty(modelSteps, fc.infiniteStream(fc.boolean()), async (steps, waits) => {
        const { store, dispose } = await open(everything);
        try {
          await compare(store, steps, waits);
        } finally {
          await dispose();
        }
      }),
      { numRuns: 60 },
    );
  });
}

async function compare(store: Store, steps: readonly ModelStep[], waits: Iterator<boolean>): Promise<void> {
  const watch = await Watch.on(store);
  const model = new StoreModel(watch.snapshot.epoch);
  const answers: Promise<unknown>[] = [];
  const expected: unknown[] = [];
  for (const step of steps) {
    expected.push(model.take(step));
    answers.push(take(store, step));
    if (waits.next().value) await answers.at(-1);
  }
  assert.deepEqual(await Promise.all(answers), expected);
  for (const { log } of [watch, await Watch.on(store)]) {
    assert.deepEqual(toldBy(log), model.events);
    assert.equal(
      log.bytes,
      log.snapshot().events.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0),
    );
  }
  assert.deepEqual(watch.endings, model.endings);
  assert.deepEqual(
    watch.ids,
    model.events.map((_, index) => index + 1),
  );
}

/** Takes a step and gives what the model knows of its answer. */
async function take(store: Store, step: ModelStep): Promise<unknown> {
  switch (step.type) {
    case 'open': {
      const answer = await store.openSession(step.claim, step.join, step.maxMembers);
      if (answer.outcome === 'opened' || answer.outcome === 'reopened') {
        const { isJoined, sessionId, tokenHash, start } = answer.record;
        return { outcome: answer.outcome, isJoined, sessionId, tokenHash, start };
      }
      return answer;
    }
    case 'join':
      return store.joinSession(step.claim);
    case 'close':
      return store.closeSession(step.claim, 'destroyed');
    case 'send': {
      const [answer] = await store.append(room, [draftOf(step.claim.sessionId, step.text, step.key)]);
      return answer?.outcome;
    }
    case 'announce':
      return (await store.announce(room, step.text)).id;
    case 'redact': {
      const answer = await store.redact(room, step.target);
      return 'id' in answer ? { outcome: answer.outcome, id: answer.id } : answer;
    }
    case 'touch':
      return store.touch([step.claim]);
    case 'find':
      return (await store.findSession(room, step.claim.tokenHash))?.sessionId ?? null;
  }
}

/** What a log tells now, with each event as it is encoded. */
function toldBy(log: EventLog): string[] {
  const { events } = log.snapshot();
  for (const entry of events) assert.deepEqual(entry, encodeEvent(entry.event));
  return told(events.map((entry) => entry.event));
}

async function opened(store: Store, claim: SessionClaim, join = true): Promise<SessionRecord> {
  const answer = await store.openSession(claim, join, manyMembers);
  assert.ok(answer.outcome === 'opened', `${claim.name}: ${answer.outcome}`);
  return answer.record;
}

function idsOf(sessions: readonly { readonly sessionId: string }[]): string[] {
  return sessions.map(({ sessionId }) => sessionId).sort();
}
