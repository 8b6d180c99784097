import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatRoomCallbackAdapter } from '../../src/core/callback-adapter.ts';
import type { Ending } from '../../src/core/endings.ts';
import type { Session } from '../../src/core/session.ts';
import { type DomainOptions, openDomain, perWindow, refused, told } from '../support/domain.ts';
import { FaultyStore } from '../support/faulty-store.ts';

/** A domain with one session, whose store fails and waits when told. */
async function openSession(delivery: 'pull' | 'push', options: DomainOptions = {}) {
  const stores: FaultyStore[] = [];
  const domain = openDomain({
    ...options,
    wrap: (inner) => {
      const faulty = new FaultyStore(inner);
      stores.push(faulty);
      return faulty;
    },
  });
  const { session } = await domain.create('Ada', { delivery });
  const [store] = stores;
  assert.ok(store);
  return { ...domain, store, session };
}

class FakeAdapter implements ChatRoomCallbackAdapter {
  isActive = false;
  readonly isStream: boolean;
  reachedAt: number | undefined;
  readonly endings: Ending[] = [];

  constructor(isStream = true) {
    this.isStream = isStream;
  }

  notify(): boolean {
    return true;
  }

  end(ending: Ending): void {
    this.endings.push(ending);
  }
}

test('[SES-1] a session goes from reserved over joining to joined to destroyed', async () => {
  const { session, ...domain } = await openSession('push');
  assert.equal(session.state, 'reserved');
  const joined = session.join();
  assert.equal(session.state, 'joining');
  await joined;
  assert.equal(session.state, 'joined');
  const destroyed = session.destroy('destroyed');
  assert.equal(session.state, 'destroyed');
  assert.equal(session.isClosed, true);
  assert.equal(await destroyed, true);
  assert.deepEqual(told(await domain.events()), ['+Ada', '-Ada']);
});

test('[SES-3] however many join together, there is one join', async () => {
  const { session, store, ...domain } = await openSession('push');
  await Promise.all([session.join(), session.join(), session.join()]);
  await session.join();
  assert.equal(store.calls.get('joinSession'), 1);
  assert.deepEqual(told(await domain.events()), ['+Ada']);
});

for (const when of ['before', 'after'] as const) {
  test(`[SES-1] a join that fails ${when} it took effect goes back to reserved and may be tried again`, async () => {
    const { session, store, ...domain } = await openSession('push');
    store.fail('joinSession', when);
    const joins = await Promise.allSettled([session.join(), session.join()]);
    assert.deepEqual(
      joins.map((join) => join.status),
      ['rejected', 'rejected'],
    );
    assert.equal(session.state, 'reserved');
    await assert.rejects(session.send('hello', null), refused('not-joined'));
    store.heal();
    await session.join();
    assert.equal(session.state, 'joined');
    assert.deepEqual(told(await domain.events()), ['+Ada']);
  });

  test(`[SES-1] who is destroyed after a join that failed ${when} it took effect leaves no ghost`, async () => {
    const { session, store, ...domain } = await openSession('push');
    store.fail('joinSession', when);
    await assert.rejects(session.join(), refused('unavailable'));
    await session.destroy('destroyed');
    assert.deepEqual(await domain.users(), []);
  });
}

test('[SES-1] a destroy while joining owes a leave; who waits for the join is told why there is none', async () => {
  const { session, store, ...domain } = await openSession('push');
  const release = store.hold('joinSession');
  const join = assert.rejects(session.join(), refused('session-gone', 'removed'));
  const destroyed = session.destroy('removed');
  assert.equal(session.state, 'destroyed');
  release();
  await join;
  await destroyed;
  assert.equal(session.state, 'destroyed');
  assert.deepEqual(told(await domain.events()), ['+Ada', '-Ada']);
  await domain.create('Ada');
});

test('[SES-1] a session that the store does not know any more has expired', async () => {
  for (const delivery of ['push', 'pull'] as const) {
    const { session, store, ...domain } = await openSession(delivery);
    session.chatRoom.dismiss(session);
    await store.closeSession(session, 'destroyed');
    const use = delivery === 'push' ? session.join() : session.send('hello', null);
    await assert.rejects(use, refused('session-gone', 'expired'));
    assert.deepEqual(domain.seen[0]?.ended, ['expired']);
  }
});

for (const state of ['reserved', 'joining', 'joined'] as const) {
  test(`[SES-1] whoever asks, a session that is ${state} is destroyed exactly once`, async () => {
    const disposed: string[] = [];
    const heard: string[] = [];
    const { session, store, ...domain } = await openSession('push', {
      hooks: { onSessionDestroyed: (_user, _id, reason) => void heard.push(reason) },
    });
    session.use(() => void disposed.push('first'));
    session.use(() => void disposed.push('second'));
    const adapter = new FakeAdapter();
    session.plug(adapter);
    if (state === 'joined') await session.join();
    const joining = state === 'joining' ? session.join().catch(() => {}) : undefined;
    const answers = await Promise.all([
      session.destroy('removed'),
      session.destroy('destroyed'),
      session.destroy('expired'),
    ]);
    session.ended('taken-over');
    await joining;
    assert.deepEqual(answers, [true, false, false]);
    assert.equal(await session.destroy('destroyed'), false);
    assert.deepEqual(disposed, ['second', 'first']);
    assert.deepEqual(heard, ['removed']);
    assert.deepEqual(
      adapter.endings.map((ending) => ending.reason),
      ['removed'],
    );
    assert.deepEqual(domain.seen[0]?.ended, ['removed']);
    assert.equal(store.calls.get('closeSession'), 1);
    assert.deepEqual(told(await domain.events()), state === 'reserved' ? [] : ['+Ada', '-Ada']);
    await domain.create('Ada');
  });
}

test('[SES-1] an ending that comes from the store is not committed again', async () => {
  const { session, store, ...domain } = await openSession('pull');
  await store.closeSession(session, 'revoked');
  assert.equal(session.isClosed, true);
  assert.equal(store.calls.get('closeSession'), 1);
  assert.throws(() => session.requireOpen(), refused('session-gone', 'revoked'));
  assert.deepEqual(told(await domain.events()), ['+Ada', '-Ada']);
});

test('[SES-1] disposables run in reverse order, one after the other; one that fails does not stop the others', async () => {
  const { session, ...domain } = await openSession('pull');
  const disposed: string[] = [];
  session.use(() => void disposed.push('first'));
  session.use(async () => {
    await domain.users();
    disposed.push('second');
  });
  session.use(() => {
    throw new Error('broken');
  });
  session.use(() => Promise.reject(new Error('broken')));
  session.use(() => void disposed.push('last'));
  await session.destroy('destroyed');
  await domain.users();
  assert.deepEqual(disposed, ['last', 'second', 'first']);
  assert.equal(domain.faults.length, 2);
});

test('[SES-1] what is bound to a session that is gone is disposed at once', async () => {
  const { session } = await openSession('pull');
  await session.destroy('destroyed');
  let disposed = 0;
  session.use(() => void disposed++);
  assert.equal(disposed, 1);
});

test('a session that is gone refuses everything, with the reason', async () => {
  const { session } = await openSession('pull');
  await session.destroy('flooding');
  const gone = refused('session-gone', 'flooding');
  await assert.rejects(session.join(), gone);
  await assert.rejects(session.send('hello', null), gone);
  await assert.rejects(async () => session.authorize('ping'), gone);
  assert.throws(() => session.plug(new FakeAdapter()), gone);
});

test('[P-1] a message is acknowledged once it is in the log, with its id and timestamp', async () => {
  const { session, ...domain } = await openSession('pull');
  const answer = await session.send('hello\r\nworld', null);
  const { event } = domain.rooms.find('lobby')?.log.snapshot().events.at(-1) ?? {};
  assert.deepEqual(event, {
    id: answer.id,
    type: 'message',
    timestamp: answer.timestamp,
    name: 'Ada',
    message: 'hello\nworld',
  });
  assert.equal(answer.isRepeat, false);
});

test('[P-1] a message that the store did not commit is not acknowledged', async () => {
  const { session, store, ...domain } = await openSession('pull');
  store.fail('append', 'before');
  await assert.rejects(session.send('hello', 'k'), refused('unavailable'));
  store.heal();
  const answer = await session.send('hello', 'k');
  assert.equal(answer.isRepeat, false);
  assert.deepEqual(told(await domain.events()), ['+Ada', 'Ada: hello']);
});

test('a send whose answer was lost is repeated by its key: the first answer, no second event', async () => {
  const { session, store, ...domain } = await openSession('pull');
  store.fail('append', 'after');
  await assert.rejects(session.send('hello', 'k'), refused('unavailable'));
  store.heal();
  const [again, once] = await Promise.all([session.send('hello', 'k'), session.send('hello', 'k')]);
  assert.deepEqual(again, { id: 2, timestamp: again.timestamp, isRepeat: true });
  assert.deepEqual(once, again);
  await assert.rejects(session.send('another', 'k'), refused('key-reused'));
  assert.deepEqual(told(await domain.events()), ['+Ada', 'Ada: hello']);
});

test('[SES-3] sending before joining is refused', async () => {
  const { session } = await openSession('push');
  await assert.rejects(session.send('hello', null), {
    code: 'not-joined',
    message: 'You cannot send messages until you joined the chat.',
  });
});

test('a message that is sent as its session ends is refused, or stays acknowledged', async () => {
  const { session, store, ...domain } = await openSession('pull');
  const release = store.hold('append');
  const sent = session.send('first', null);
  while (!store.calls.has('append')) await null;
  const destroyed = session.destroy('destroyed');
  await assert.rejects(session.send('second', null), refused('session-gone', 'destroyed'));
  release();
  await destroyed;
  assert.equal((await sent).id, 2);
  assert.deepEqual(told(await domain.events()), ['+Ada', 'Ada: first', '-Ada']);
});

test('SEND_LIMIT refuses what is too much, and lets in again', async () => {
  const { session, clock } = await openSession('pull', { limits: { send: perWindow('SEND_LIMIT', 2, 10) } });
  await session.send('1', null);
  await session.send('2', null);
  await assert.rejects(session.send('3', null), (error) => {
    assert.match(String(error), /SEND_LIMIT allows 2 per 10 s\. Try again in 5 s\./);
    return refused('rate-limited')(error);
  });
  clock.advance(5_000);
  await session.send('3', null);
});

test('a repeat costs no limit, whether there is room or not; a new key does', async () => {
  const { session } = await openSession('pull', { limits: { send: perWindow('SEND_LIMIT', 2, 10) } });
  await session.send('1', 'k1');
  for (let i = 0; i < 5; i++) assert.equal((await session.send('1', 'k1')).isRepeat, true);
  await session.send('2', 'k2');
  for (let i = 0; i < 5; i++) assert.equal((await session.send('1', 'k1')).isRepeat, true);
  await assert.rejects(session.send('3', 'k3'), refused('rate-limited'));
});

test('UPDATES_LIMIT counts reading requests', async () => {
  const { session, clock } = await openSession('pull', {
    limits: { updates: perWindow('UPDATES_LIMIT', 2, 10) },
  });
  session.requireUpdate();
  session.requireUpdate();
  assert.throws(() => session.requireUpdate(), refused('rate-limited'));
  clock.advance(5_000);
  session.requireUpdate();
});

test('[P-3] as many refused sends within a minute as FLOOD_STRIKES says end the session as flooding', async () => {
  const { session, ...domain } = await openSession('pull', {
    limits: { floodStrikes: perWindow('FLOOD_STRIKES', 3, 60), send: perWindow('SEND_LIMIT', 2, 10) },
  });
  await session.send('1', 'k');
  await assert.rejects(session.send('', null), refused('invalid-message'));
  await assert.rejects(session.send('2', null), refused('rate-limited'));
  domain.clock.advance(59_999);
  assert.equal(session.isClosed, false);
  await assert.rejects(session.send('2', 'k'), refused('key-reused'));
  assert.equal(session.isClosed, true);
  assert.deepEqual(domain.seen[0]?.ended, ['flooding']);
  await domain.create('Ada');
  assert.deepEqual(told(await domain.events()), ['+Ada', 'Ada: 1', '-Ada', '+Ada']);
});

test('[P-3] strikes are forgotten after a minute', async () => {
  const { session, clock } = await openSession('pull', {
    limits: { floodStrikes: perWindow('FLOOD_STRIKES', 3, 60) },
  });
  for (let i = 0; i < 10; i++) {
    await assert.rejects(session.send('', null), refused('invalid-message'));
    clock.advance(30_000);
  }
  assert.equal(session.isClosed, false);
});

test('FLOOD_STRIKES=off shows nobody out', async () => {
  const { session } = await openSession('pull');
  for (let i = 0; i < 100; i++) session.strike();
  assert.equal(session.isClosed, false);
});

test('authorize is asked about every request, with what it is about; a no is no strike', async () => {
  const asked: unknown[] = [];
  let isAllowed = true;
  const { session } = await openSession('pull', {
    limits: { floodStrikes: perWindow('FLOOD_STRIKES', 1, 60) },
    hooks: {
      authorize: (...question) => {
        asked.push(question);
        return isAllowed;
      },
    },
  });
  await session.send('hello', null);
  isAllowed = false;
  await assert.rejects(session.send('bye', null), refused('permission-denied'));
  await assert.rejects(async () => session.authorize('ping'), refused('permission-denied'));
  const who = { sessionId: session.sessionId, room: 'lobby', name: 'Ada' };
  assert.deepEqual(asked, [
    [null, 'send', { ...who, message: 'hello' }],
    [null, 'send', { ...who, message: 'bye' }],
    [null, 'ping', who],
  ]);
  assert.equal(session.isClosed, false);
});

test('[SES-1] a session that ends while a hook decides refuses the request', async () => {
  for (const hook of ['authorize', 'validateMessage'] as const) {
    const sessions: Session[] = [];
    const { session, ...domain } = await openSession('pull', {
      hooks: {
        [hook]: async () => {
          await sessions[0]?.destroy('removed');
          return hook === 'authorize' ? true : undefined;
        },
      },
    });
    sessions.push(session);
    await assert.rejects(session.send('hello', null), refused('session-gone', 'removed'));
    assert.deepEqual(told(await domain.events()), ['+Ada', '-Ada']);
  }
});

test('validateMessage sees the text as it will be said, and its objection is a strike', async () => {
  const { session } = await openSession('pull', {
    limits: { floodStrikes: perWindow('FLOOD_STRIKES', 2, 60) },
    hooks: { validateMessage: (_user, room, text) => (text === 'a\nb' ? `Not in ${room}.` : undefined) },
  });
  await session.send('fine', null);
  await assert.rejects(session.send('a\r\nb', null), { code: 'invalid-message', message: 'Not in lobby.' });
  await assert.rejects(session.send('a\r\nb', null), refused('invalid-message'));
  assert.equal(session.isClosed, true);
});

test('[SES-12] a hook that throws refuses as internal, which is no strike', async () => {
  for (const hook of ['authorize', 'validateMessage'] as const) {
    for (const fail of [
      () => {
        throw new Error('broken');
      },
      () => Promise.reject(new Error('broken')),
    ]) {
      const { session, ...domain } = await openSession('pull', {
        limits: { floodStrikes: perWindow('FLOOD_STRIKES', 1, 60) },
        hooks: { [hook]: fail },
      });
      await assert.rejects(session.send('hello', null), refused('internal'));
      assert.equal(session.isClosed, false);
      assert.equal(domain.faults.length, 1);
      assert.deepEqual(told(await domain.events()), ['+Ada']);
    }
  }
});

test('[SES-4] over MAX_STREAMS_PER_SESSION the oldest ends as superseded', async () => {
  const { session } = await openSession('pull', { limits: { maxStreams: 2 } });
  const adapters = [new FakeAdapter(), new FakeAdapter(false), new FakeAdapter(), new FakeAdapter()];
  for (const adapter of adapters) session.plug(adapter);
  assert.deepEqual(
    adapters.map((adapter) => adapter.endings.map((ending) => ending.reason)),
    [['superseded'], ['superseded'], [], []],
  );
  await session.destroy('destroyed');
  assert.deepEqual(
    adapters.map((adapter) => adapter.endings.length),
    [1, 1, 1, 1],
  );
});

test('[SES-5] an adapter that is unplugged ends nothing and makes room', async () => {
  const { session } = await openSession('pull', { limits: { maxStreams: 1 } });
  const [first, second] = [new FakeAdapter(), new FakeAdapter()];
  session.plug(first);
  session.unplug(first);
  session.unplug(first);
  session.plug(second);
  assert.deepEqual(first.endings, []);
  assert.equal(session.isClosed, false);
});

test('[SES-12] an adapter that throws at its end does not keep the others from ending', async () => {
  const { session, ...domain } = await openSession('pull', { limits: { maxStreams: 2 } });
  const broken = new FakeAdapter();
  broken.end = () => {
    throw new Error('broken');
  };
  const other = new FakeAdapter();
  session.plug(broken);
  session.plug(other);
  await session.destroy('destroyed');
  assert.equal(other.endings.length, 1);
  assert.equal(domain.faults.length, 1);
  assert.deepEqual(told(await domain.events()), ['+Ada', '-Ada']);
});

test('[SES-7] with SESSION_TIMEOUT=off a session ends with its last stream, and a poll ends nothing', async () => {
  const { session, ...domain } = await openSession('pull', { limits: { timeoutMs: null } });
  const waiting = new FakeAdapter(false);
  session.plug(waiting);
  session.unplug(waiting);
  const [first, second] = [new FakeAdapter(), new FakeAdapter()];
  session.plug(first);
  session.plug(second);
  session.unplug(first);
  assert.equal(session.isClosed, false);
  session.unplug(second);
  assert.equal(session.isClosed, true);
  assert.deepEqual(domain.seen[0]?.ended, ['expired']);
});

test('a handle tells when it last heard of its client and when that took something, in wall time', async () => {
  const { session, clock } = await openSession('pull');
  const opened = clock.wall();
  assert.equal(session.createdAt, opened);
  clock.advance(1_000);
  session.touch();
  clock.advance(1_000);
  session.noteOutbound();
  clock.advance(1_000);
  assert.equal(session.lastInbound, opened + 1_000);
  assert.equal(session.lastOutbound, opened + 2_000);
  clock.stepWall(-60_000);
  assert.equal(session.lastInbound, opened - 59_000);
});

test('what a stream was given counts as outbound, also once it is gone; later answers count more', async () => {
  const { session, clock } = await openSession('pull');
  const opened = clock.wall();
  const start = clock.monotonic();
  const adapter = new FakeAdapter();
  session.plug(adapter);
  clock.advance(5_000);
  assert.equal(session.lastOutbound, opened);
  adapter.reachedAt = start + 2_000;
  assert.equal(session.lastOutbound, opened + 2_000);
  session.unplug(adapter);
  assert.equal(session.lastOutbound, opened + 2_000);
  session.plug(adapter);
  session.noteOutbound();
  assert.equal(session.lastOutbound, opened + 5_000);
});
