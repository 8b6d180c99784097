import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ChatRoomCallbackAdapter } from '../../src/core/callback-adapter.ts';
import type { Session } from '../../src/core/session.ts';
import { claimOf } from '../contract/store-contract.ts';
import {
  type Domain,
  type DomainOptions,
  intervalMs,
  openDomain,
  refused,
  timeoutMs,
  told,
} from '../support/domain.ts';
import { FaultyStore } from '../support/faulty-store.ts';
import { poll, waitingPoll } from '../support/poll.ts';

/** Lets time pass, and each sweep on the way come to its end. */
async function pass(domain: Domain, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= intervalMs) {
    domain.clock.advance(Math.min(left, intervalMs));
    await domain.reaper.reap();
  }
}

function openReaped(options: DomainOptions = {}): Domain {
  const domain = openDomain(options);
  domain.reaper.start();
  return domain;
}

test('[SES-7] an idle session is gone after SESSION_TIMEOUT, and before SESSION_TIMEOUT + REAPER_INTERVAL + 1 s', async () => {
  const offset = fc.integer({ min: 0, max: intervalMs - 1 });
  await fc.assert(
    fc.asyncProperty(offset, offset, async (before, phase) => {
      const domain = openReaped();
      domain.clock.advance(before);
      const { session } = await domain.create('Ada');
      domain.clock.advance(phase);
      session.touch();
      const touchedAt = domain.clock.monotonic();
      let goneAt: number | undefined;
      session.use(() => {
        goneAt = domain.clock.monotonic();
      });
      while (!session.isClosed) await pass(domain, 100);
      const idleMs = (goneAt ?? 0) - touchedAt;
      assert.ok(idleMs >= timeoutMs && idleMs < timeoutMs + intervalMs + 1_000, `${idleMs}`);
      assert.deepEqual(domain.seen[0]?.ended, ['expired']);
      assert.deepEqual(told(await domain.events()), ['+Ada', '-Ada']);
    }),
    { numRuns: 20 },
  );
});

test('[SES-7] a polling session lives, however long it says nothing', async () => {
  const domain = openReaped();
  const { session } = await domain.create('Ada');
  const { session: silent } = await domain.create('Bob');
  for (let i = 0; i < 20; i++) {
    await pass(domain, timeoutMs - 1);
    await poll(domain, session);
  }
  assert.equal(session.isClosed, false);
  assert.equal(silent.isClosed, true);
});

test('[SES-6] a waiting poll keeps its session, and counts until it is answered', async () => {
  const domain = openReaped();
  const { session } = await domain.create('Ada');
  const { cursor } = await poll(domain, session);
  const { answer } = await waitingPoll(domain, session, { after: cursor, waitMs: timeoutMs * 3 });
  await pass(domain, timeoutMs * 3);
  await answer;
  assert.equal(session.isClosed, false);
  await pass(domain, timeoutMs - intervalMs);
  assert.equal(session.isClosed, false);
  await pass(domain, intervalMs * 2);
  assert.equal(session.isClosed, true);
});

test('[SES-6] an adapter keeps its session as long as it says that it is active', async () => {
  const domain = openReaped();
  const { session } = await domain.create('Ada');
  let isActive = true;
  const adapter: ChatRoomCallbackAdapter = {
    get isActive() {
      return isActive;
    },
    isStream: true,
    reachedAt: undefined,
    notify: () => true,
    end: () => {},
  };
  session.plug(adapter);
  await pass(domain, timeoutMs * 3);
  assert.equal(session.isClosed, false);
  isActive = false;
  await pass(domain, timeoutMs + intervalMs * 2);
  assert.equal(session.isClosed, true);
});

test('[SES-6] refused requests keep nobody', async () => {
  const domain = openReaped({ hooks: { authorize: (_user, operation) => operation !== 'send' } });
  const { session } = await domain.create('Ada');
  for (let i = 0; i < 20 && !session.isClosed; i++) {
    await session.send('hello', null).catch(refused('permission-denied'));
    await pass(domain, intervalMs);
  }
  assert.equal(session.isClosed, true);
});

test('[SES-3] a push session that never joins is reaped, whatever it requests', async () => {
  const domain = openReaped();
  const { session } = await domain.create('Ada', { delivery: 'push', createKey: 'key' });
  for (let passed = 0; passed < timeoutMs; passed += 1_000) {
    assert.equal(session.isClosed, false);
    domain.registry.find('lobby', session.tokenHash);
    session.touch();
    session.touchActivity();
    await session.send('hello', null).catch(refused('not-joined'));
    await poll(domain, session, { isHead: true });
    await domain.create('Ada', { held: session, delivery: 'push' });
    await pass(domain, 1_000);
  }
  await pass(domain, intervalMs);
  assert.equal(session.isClosed, true);
  assert.deepEqual(await domain.events(), []);
  await domain.create('Ada');
});

test('[SES-3] a push session that cannot join is reaped, though its stream is open', async () => {
  const domain = openReaped();
  const { session } = await domain.create('Ada', { delivery: 'push' });
  session.plug({ isActive: true, isStream: true, reachedAt: undefined, notify: () => true, end: () => {} });
  await pass(domain, timeoutMs + intervalMs);
  assert.equal(session.isClosed, true);
});

test('[SES-3] a push session that joins in time lives on from there', async () => {
  const domain = openReaped();
  const { session } = await domain.create('Ada', { delivery: 'push' });
  await pass(domain, timeoutMs - 1_000);
  await session.join();
  await pass(domain, timeoutMs - 1_000);
  assert.equal(session.isClosed, false);
});

test('[SES-7] steps of the wall clock change nothing', async () => {
  const domain = openReaped();
  const { session } = await domain.create('Ada');
  for (const step of [86_400_000, -172_800_000, 3_600_000]) {
    domain.clock.stepWall(step);
    await pass(domain, intervalMs);
    assert.equal(session.isClosed, false);
  }
  await pass(domain, timeoutMs);
  assert.equal(session.isClosed, true);
});

test('[SES-7] when the process stood still, everybody is credited with the delay', async () => {
  const domain = openReaped();
  const sessions = await Promise.all(['Ada', 'Bob', 'Cleo'].map((name) => domain.create(name)));
  await pass(domain, timeoutMs / 2);
  domain.clock.stall(timeoutMs * 10);
  await domain.reaper.reap();
  assert.deepEqual(
    sessions.map(({ session }) => session.isClosed),
    [false, false, false],
  );
  await pass(domain, timeoutMs);
  assert.deepEqual(
    sessions.map(({ session }) => session.isClosed),
    [true, true, true],
  );
});

test('[SES-7] a sweep looks at what expires, and not at the 100,000 that live', async () => {
  const domain = openDomain();
  const { activity } = domain.registry;
  const { session } = await domain.create('Ada');
  const others: Session[] = Array.from({ length: 100_000 }, () => Object.create(session));
  for (const other of others) activity.touch(other);
  let looks = 0;
  const idle = activity.idle.bind(activity);
  activity.idle = function* (ms: number) {
    for (const one of idle(ms)) {
      looks += 1;
      yield one;
    }
  };
  // The map is in the order of activity, so that what follows the first live one is not even looked at.
  const entries = countEntries();
  await domain.reaper.reap();
  entries.stop();
  assert.equal(looks, 0);
  assert.ok(entries.count > 0 && entries.count < 100, `${entries.count}`);
  domain.clock.advance(timeoutMs - 1);
  for (const other of others) activity.touch(other);
  domain.clock.advance(1);
  await domain.reaper.reap();
  assert.equal(looks, 1);
  assert.equal(session.isClosed, true);
});

/** Counts the steps of all iterations over maps. */
function countEntries(): { readonly count: number; stop(): void } {
  const prototype = Object.getPrototypeOf(new Map().entries());
  const { next } = prototype;
  const counter = {
    count: 0,
    stop() {
      prototype.next = next;
    },
  };
  prototype.next = function () {
    counter.count += 1;
    return next.call(this);
  };
  return counter;
}

test('[SES-7] a session whose request comes while the store is asked is not reaped', async () => {
  let store: FaultyStore | undefined;
  const domain = openDomain({
    wrap: (inner) => {
      store = new FaultyStore(inner);
      return store;
    },
  });
  const { session } = await domain.create('Ada');
  const { session: idle } = await domain.create('Bob');
  domain.clock.advance(timeoutMs);
  const release = store?.hold('expired');
  const sweep = domain.reaper.reap();
  while (!store?.calls.has('expired')) await null;
  await poll(domain, session);
  release?.();
  await sweep;
  assert.equal(session.isClosed, false);
  assert.equal(idle.isClosed, true);
  domain.clock.advance(timeoutMs);
  await domain.reaper.reap();
  assert.equal(session.isClosed, true, 'and is reaped when it is idle again');
});

test('[SES-1] a session that is destroyed while its request is in flight ends once', async () => {
  let store: FaultyStore | undefined;
  const domain = openReaped({
    wrap: (inner) => {
      store = new FaultyStore(inner);
      return store;
    },
  });
  const { session } = await domain.create('Ada');
  const { cursor } = await poll(domain, session);
  const { answer } = await waitingPoll(domain, session, { after: cursor, waitMs: 25_000 });
  const waiting = assert.rejects(answer, refused('session-gone', 'removed'));
  const release = store?.hold('append');
  const sent = session.send('hello', null);
  while (!store?.calls.has('append')) await null;
  await Promise.all([session.destroy('removed'), session.destroy('expired'), domain.reaper.reap()]);
  release?.();
  await waiting;
  await sent;
  await pass(domain, timeoutMs * 2);
  assert.deepEqual(domain.seen[0]?.ended, ['removed']);
  assert.deepEqual(told(await domain.events()), ['+Ada', 'Ada: hello', '-Ada']);
});

test('[SES-6] a send that is under way keeps its session', async () => {
  let store: FaultyStore | undefined;
  const domain = openDomain({
    wrap: (inner) => {
      store = new FaultyStore(inner);
      return store;
    },
  });
  const { session } = await domain.create('Ada');
  const release = store?.hold('append');
  const sent = session.send('hello', null);
  domain.clock.advance(timeoutMs);
  await domain.reaper.reap();
  assert.equal(session.isClosed, false);
  release?.();
  await sent;
});

test('[SES-7] with SESSION_TIMEOUT=off nobody expires', async () => {
  const domain = openReaped({ limits: { timeoutMs: null } });
  const { session } = await domain.create('Ada');
  await pass(domain, timeoutMs * 10);
  assert.equal(session.isClosed, false);
});

/** A domain whose store has sessions that no process holds, and gives them in slates, each once. */
async function openWithUnheld(slates: readonly (readonly string[])[]): Promise<{
  readonly domain: Domain;
  readonly store: FaultyStore;
  readonly left: () => number;
}> {
  const rest = slates.map((names) => names.map((name) => ({ room: 'lobby', sessionId: name })));
  let store: FaultyStore | undefined;
  const domain = openDomain({
    wrap: (inner) => {
      inner.expired = async () => rest.shift() ?? [];
      store = new FaultyStore(inner);
      return store;
    },
  });
  assert.ok(store);
  await domain.users();
  await Promise.all(
    slates.flat().map((name) => domain.store.openSession(claimOf(name, { sessionId: name }), true, 10)),
  );
  return { domain, store, left: () => rest.length };
}

test('sessions that no process holds are closed by whoever is given them, however many slates there are', async () => {
  const { domain } = await openWithUnheld([['Ada', 'Bob'], ['Cleo'], ['Dan']]);
  await domain.reaper.reap();
  assert.deepEqual(await domain.users(), []);
});

test('a sweep gives up what it cannot commit while the store is away, and the next one goes on with the others', async () => {
  const { domain, store, left } = await openWithUnheld([['Ada'], ['Bob'], ['Cleo']]);
  store.fail('closeSession', 'before');
  await domain.reaper.reap();
  assert.equal(left(), 2, 'it did not go on');
  store.heal();
  await domain.reaper.reap();
  assert.deepEqual([await domain.users(), domain.faults], [['Ada'], []]);
});

test('a session whose closing runs into a bug keeps no other one from being closed', async () => {
  const { domain, store } = await openWithUnheld([['Ada', 'Bob'], ['Cleo'], ['Dan']]);
  const { closeSession } = store;
  Object.assign(store, {
    closeSession: (...args: Parameters<typeof closeSession>) =>
      args[0].sessionId === 'Ada' ? Promise.reject(new Error('bug')) : closeSession(...args),
  });
  await domain.reaper.reap();
  assert.deepEqual(await domain.users(), ['Ada']);
  assert.deepEqual(domain.faults, ['closing idle sessions']);
});

test('[SES-7] with SESSION_TIMEOUT=off push sessions that no process holds end after a minute, and pull sessions never', async () => {
  const asked: unknown[] = [];
  const domain = openReaped({
    limits: { timeoutMs: null },
    wrap: (inner) => {
      inner.expired = async (...args) => {
        asked.push(args);
        return asked.length === 1 ? [{ room: 'lobby', sessionId: 'Bob' }] : [];
      };
      return inner;
    },
  });
  await domain.create('Ada');
  await domain.store.openSession(claimOf('Bob', { sessionId: 'Bob', delivery: 'push' }), true, 10);
  await domain.reaper.reap();
  assert.deepEqual(asked, [
    [[], 60_000, 'push'],
    [[], 60_000, 'push'],
  ]);
  assert.deepEqual(await domain.users(), ['Ada']);
});

test('sweeps never overlap and never reject, whatever fails', async () => {
  let store: FaultyStore | undefined;
  const domain = openDomain({
    wrap: (inner) => {
      store = new FaultyStore(inner);
      store.trim = () => {
        throw new Error('broken');
      };
      return store;
    },
  });
  const { session } = await domain.create('Ada');
  domain.clock.advance(timeoutMs);
  store?.fail('expired', 'before', new Error('broken'));
  assert.equal(domain.reaper.reap(), domain.reaper.reap());
  await domain.reaper.reap();
  assert.deepEqual(domain.faults, ['trimming', 'reaping']);
  store?.heal();
  await domain.reaper.reap();
  assert.equal(session.isClosed, true);
});

test('[LOG-7] sweeps trim by age and forget spent rate limits', async () => {
  const domain = openReaped({ history: { ageMs: timeoutMs } });
  const { session } = await domain.create('Ada');
  await session.send('hello', null);
  await session.destroy('destroyed');
  assert.equal((await domain.events()).length, 3);
  await pass(domain, timeoutMs + intervalMs);
  assert.deepEqual(await domain.events(), []);
});
