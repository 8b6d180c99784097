import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionTouch, Store } from '../../src/core/store.ts';
import { type Domain, type DomainOptions, intervalMs, openDomain, timeoutMs } from '../support/domain.ts';
import { FaultyStore } from '../support/faulty-store.ts';
import { poll, waitingPoll } from '../support/poll.ts';
import { waitUntil } from '../support/wait-until.ts';

/** A store that others use, too, and which notes what it is told of activity. */
class SharedStore extends FaultyStore {
  readonly isShared = true;
  readonly told: (readonly SessionTouch[])[] = [];
  override readonly touch: Store['touch'];

  constructor(inner: Store) {
    super(inner);
    this.touch = (touches) =>
      this.around('touch', async () => {
        this.told.push(touches);
        await inner.touch(touches);
      });
  }

  /** What was told since the last time: who was idle for how long. */
  take(): Record<string, number | undefined> {
    const touches = this.told.splice(0).flat();
    return Object.fromEntries(touches.map(({ sessionId, idleMs }) => [sessionId, idleMs]));
  }
}

function openShared(options: DomainOptions = {}): Domain & { store: SharedStore } {
  let store: SharedStore | undefined;
  const domain = openDomain({
    ...options,
    wrap: (inner) => {
      store = new SharedStore(inner);
      return store;
    },
  });
  assert.ok(store);
  return { ...domain, store };
}

async function pass(domain: Domain, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= intervalMs) {
    domain.clock.advance(intervalMs);
    await domain.reaper.reap();
  }
}

test('[SES-7] others are told of who was active once per quarter of the timeout, with how long ago that was', async () => {
  const domain = openShared();
  const { store, reaper } = domain;
  const ada = (await domain.create('Ada')).session;
  const bob = (await domain.create('Bob')).session;
  await domain.create('Cleo', { delivery: 'push' });
  domain.clock.advance(1);
  await reaper.reap();
  assert.deepEqual(
    store.take(),
    { [ada.sessionId]: 1, [bob.sessionId]: 1 },
    'a reserved one is of no account',
  );
  for (let elapsed = 0; elapsed < timeoutMs / 4 - intervalMs; elapsed += intervalMs) {
    await poll(domain, ada);
    await pass(domain, intervalMs);
    assert.deepEqual(store.take(), {});
  }
  await pass(domain, intervalMs);
  assert.deepEqual(
    store.take(),
    { [ada.sessionId]: 2 * intervalMs },
    'whoever was idle since is not told of',
  );
  await pass(domain, timeoutMs / 4);
  assert.deepEqual(store.take(), {});
});

test('[SES-6] who waits, or is there by a stream, is active now', async () => {
  const domain = openShared();
  const { session } = await domain.create('Ada');
  const after = session.chatRoom.log.headCursor;
  const { answer } = await waitingPoll(domain, session, { after, waitMs: timeoutMs });
  await domain.reaper.reap();
  domain.store.take();
  await pass(domain, timeoutMs / 4);
  assert.deepEqual(domain.store.take(), { [session.sessionId]: 0 });
  await session.destroy('destroyed');
  await assert.rejects(answer);
});

test('[SES-7] what could not be told is told by the next sweep', async () => {
  const domain = openShared();
  const { session } = await domain.create('Ada');
  domain.store.fail('touch', 'before');
  await domain.reaper.reap();
  assert.deepEqual(domain.store.take(), {});
  domain.store.heal();
  await pass(domain, intervalMs);
  assert.deepEqual(domain.store.take(), { [session.sessionId]: intervalMs });
});

test('[SES-7] a store that came back is told of everybody, at once and in bounded portions', async () => {
  const domain = openShared({ limits: { maxSessions: 2_000 } });
  const listeners = new Set<() => void>();
  domain.store.onStatus = (listener) => {
    const call = () => listener('ready');
    listeners.add(call);
    return () => listeners.delete(call);
  };
  domain.reaper.start();
  const count = 1_000;
  for (let i = 0; i < count; i++) await domain.create(`Member ${i}`, { room: i % 2 === 0 ? 'even' : 'odd' });
  await domain.reaper.reap();
  domain.store.take();
  await domain.create('One more');
  domain.clock.advance(1_000);
  await domain.reaper.reap();
  assert.deepEqual(domain.store.take(), {}, 'it is not time yet');
  for (const listener of listeners) listener();
  await domain.reaper.reap();
  assert.deepEqual(
    domain.store.told.map((touches) => touches.length),
    [count, 1],
  );
  domain.reaper.stop();
  assert.equal(listeners.size, 0);
});

test('[SES-7] a store that comes back while it is being told is told of everybody once more', async () => {
  const domain = openShared();
  let comeBack = (): void => {};
  domain.store.onStatus = (listener) => {
    comeBack = () => listener('ready');
    return () => {};
  };
  domain.reaper.start();
  const { session } = await domain.create('Ada');
  const release = domain.store.hold('touch');
  const reaping = domain.reaper.reap();
  await waitUntil(() => domain.store.told.length === 1, 'it is being told');
  comeBack();
  release();
  await reaping;
  domain.store.take();
  await domain.reaper.reap();
  assert.deepEqual(Object.keys(domain.store.take()), [session.sessionId]);
  domain.reaper.stop();
});

test('a store of one process alone is told nothing', async () => {
  const domain = openDomain({ wrap: (inner) => new FaultyStore(inner) });
  await domain.create('Ada');
  await pass(domain, timeoutMs / 2);
  assert.equal((domain.store as FaultyStore).calls.get('touch'), undefined);
});
