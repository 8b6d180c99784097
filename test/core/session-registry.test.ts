import assert from 'node:assert/strict';
import { test } from 'node:test';
import { intervalMs, openDomain, refused, timeoutMs, told, user } from '../support/domain.ts';
import { FaultyStore } from '../support/faulty-store.ts';
import type { StoreOperation } from '../support/intercepted-store.ts';

const key = '6f1c3a52-8a7e-4b21-9d0e-1f2a3b4c5d6e';

function openFaulty() {
  const stores: FaultyStore[] = [];
  const domain = openDomain({
    wrap: (inner) => {
      const faulty = new FaultyStore(inner);
      stores.push(faulty);
      return faulty;
    },
  });
  const [store] = stores;
  assert.ok(store);
  return { ...domain, store };
}

test('[SES-3] a pull session is joined by its creation; its cursor stands before its own join [SES-2]', async () => {
  const domain = openDomain();
  await domain.create('Ada');
  const { session, token, cursor } = await domain.create('Bob');
  assert.equal(session.state, 'joined');
  assert.ok(token);
  const { log } = session.chatRoom;
  const { events } = log.since(cursor, { events: 10, bytes: 1e6 });
  assert.deepEqual(told(events.map((entry) => entry.event)), ['+Bob']);
  assert.deepEqual(await domain.users(), ['Ada', 'Bob']);
});

test('[SES-3] a push session is reserved by its creation, and its name is taken', async () => {
  const domain = openDomain();
  const { session } = await domain.create('Ada', { delivery: 'push' });
  assert.equal(session.state, 'reserved');
  assert.deepEqual(await domain.events(), []);
  await assert.rejects(domain.create('ada'), refused('name-in-use'));
  await session.destroy('destroyed');
  assert.deepEqual(await domain.events(), []);
  await domain.create('Ada');
});

test('[SES-9] the store is told a token’s hash and never the token', async () => {
  const claims: unknown[] = [];
  const domain = openDomain({
    wrap: (inner) => {
      const { openSession } = inner;
      inner.openSession = (...args) => {
        claims.push(args);
        return openSession.apply(inner, args);
      };
      return inner;
    },
  });
  const { session, token } = await domain.create('Ada');
  assert.ok(token);
  assert.match(token, /^[\w-]{43}$/, '256 bits');
  assert.match(JSON.stringify(claims), new RegExp(session.tokenHash));
  assert.doesNotMatch(JSON.stringify(claims), new RegExp(token));
});

test('[SES-10] creating again under the same name, or one that looks the same, returns the session that is held', async () => {
  const domain = openDomain();
  const { session: held } = await domain.create('Ada');
  for (const name of ['Ada', ' ada ', 'Аda']) {
    const again = await domain.create(name, { held });
    assert.equal(again.session, held);
    assert.equal(again.token, null);
    assert.deepEqual(again.cursor, held.chatRoom.log.headCursor);
  }
  assert.deepEqual(told(await domain.events()), ['+Ada']);
});

test('[SES-10] creating again is activity of the session that is held', async () => {
  const domain = openDomain();
  const { session: held } = await domain.create('Ada');
  domain.clock.advance(timeoutMs - 1);
  await domain.create('Ada', { held });
  domain.clock.advance(timeoutMs - 1);
  await domain.reaper.reap();
  assert.equal(held.isClosed, false);
});

test('[SES-10] under another name the new one is claimed first, then the old session ends', async () => {
  const domain = openDomain();
  const { session: held } = await domain.create('Ada');
  const { session } = await domain.create('Bob', { held });
  assert.notEqual(session, held);
  assert.equal(held.isClosed, true);
  assert.deepEqual(told(await domain.events()), ['+Ada', '+Bob', '-Ada']);
  assert.deepEqual(domain.seen[0]?.ended, ['destroyed']);
});

test('[SES-10] who asks for another name that is taken keeps what he has', async () => {
  const domain = openDomain();
  const { session: held } = await domain.create('Ada');
  await domain.create('Bob');
  await assert.rejects(domain.create('Bob', { held }), refused('name-in-use'));
  assert.equal(held.isClosed, false);
});

test('[SES-10] a session that has ended is not held any more', async () => {
  const domain = openDomain();
  const { session: held } = await domain.create('Ada');
  await held.destroy('destroyed');
  const { session, token } = await domain.create('Ada', { held });
  assert.notEqual(session, held);
  assert.ok(token);
});

test('[SES-10] a lost answer to create is repeated by its key: one member, one join, a fresh token', async () => {
  const domain = openDomain();
  const first = await domain.create('Ada', { createKey: key });
  const oldHash = first.session.tokenHash;
  const second = await domain.create('Ada', { createKey: key });
  assert.equal(second.session, first.session);
  assert.notEqual(second.token, first.token);
  assert.deepEqual(second.cursor, first.cursor);
  assert.equal(domain.registry.find('lobby', oldHash), undefined, 'the lost token is worth nothing');
  assert.equal(domain.registry.find('lobby', second.session.tokenHash), first.session);
  assert.deepEqual(told(await domain.events()), ['+Ada']);
  assert.equal(domain.seen.length, 1);
  assert.equal(domain.registry.size, 1);
});

test('[SES-10] a key is worth nothing once the token was used', async () => {
  const domain = openDomain();
  const { session } = await domain.create('Ada', { createKey: key });
  assert.equal(domain.registry.find('lobby', session.tokenHash), session);
  await assert.rejects(domain.create('Ada', { createKey: key }), refused('name-in-use'));
});

test('[SES-10] a key is worth nothing to another name, another key, or another user', async () => {
  const domain = openDomain();
  const { session } = await domain.create('Ada', { createKey: key });
  await assert.rejects(domain.create('Ada', { createKey: key.replace('6', '7') }), refused('name-in-use'));
  await assert.rejects(domain.create('Ada'), refused('name-in-use'));
  await assert.rejects(domain.create('Ada', { createKey: key, user: user('eve') }), refused('name-in-use'));
  const other = await domain.create('Bob', { createKey: key });
  assert.notEqual(other.session, session);
  assert.equal(session.isClosed, false);
});

test('[SES-10] two creates of one key at once are one session, whose second token counts', async () => {
  const domain = openDomain();
  const [first, second] = await Promise.all([
    domain.create('Ada', { createKey: key }),
    domain.create('Ada', { createKey: key }),
  ]);
  assert.equal(first.session, second.session);
  assert.equal(domain.registry.find('lobby', second.session.tokenHash), second.session);
  assert.equal(domain.seen.length, 1);
  assert.deepEqual(told(await domain.events()), ['+Ada']);
});

test('[SES-10] a second login of the same user takes over: no leave, no join, the old session ends as taken-over', async () => {
  const domain = openDomain();
  const { session: old } = await domain.create('Ada', { user: user('u1') });
  const { session } = await domain.create('Ada', { user: user('u1') });
  assert.equal(old.isClosed, true);
  assert.deepEqual(domain.seen[0]?.ended, ['taken-over']);
  assert.equal(session.state, 'joined');
  assert.deepEqual(told(await domain.events()), ['+Ada']);
  assert.throws(() => old.requireOpen(), refused('session-gone', 'taken-over'));
  await session.destroy('destroyed');
  assert.deepEqual(told(await domain.events()), ['+Ada', '-Ada']);
});

test('[SES-10] membership passes on to a push session as well, which is joined at once', async () => {
  const domain = openDomain();
  await domain.create('Ada', { user: user('u1') });
  const { session } = await domain.create('Ada', { user: user('u1'), delivery: 'push' });
  assert.equal(session.state, 'joined');
  await session.send('hello', null);
  assert.deepEqual(told(await domain.events()), ['+Ada', 'Ada: hello']);
});

test('[SES-10] taking over a session that had not joined joins nobody, or, for pull, once', async () => {
  const domain = openDomain();
  const { session: first } = await domain.create('Ada', { user: user('u1'), delivery: 'push' });
  const { session: second } = await domain.create('Ada', { user: user('u1'), delivery: 'push' });
  assert.equal(first.isClosed, true);
  assert.equal(second.state, 'reserved');
  assert.deepEqual(await domain.events(), []);
  const { session: third } = await domain.create('Ada', { user: user('u1') });
  assert.equal(second.isClosed, true);
  assert.equal(third.state, 'joined');
  assert.deepEqual(told(await domain.events()), ['+Ada']);
});

test('[SES-10] taking over under another shown name is a leave and a join', async () => {
  const domain = openDomain();
  await domain.create('Ada', { user: user('u1') });
  const { session } = await domain.create('Ada L.', { user: user('u1'), delivery: 'push' });
  assert.equal(session.state, 'joined');
  assert.deepEqual(told(await domain.events()), ['+Ada', '-Ada', '+Ada L.']);
  await domain.create('Ada');
});

test('[SES-10] takeover goes by id: the same name of another user, or of nobody, is in use', async () => {
  const domain = openDomain();
  const { session } = await domain.create('Ada', { user: user('u1') });
  await assert.rejects(domain.create('Ada', { user: user('u2') }), refused('name-in-use'));
  await assert.rejects(domain.create('Ada'), refused('name-in-use'));
  const { session: other } = await domain.create('Bob', { user: user('u2') });
  await assert.rejects(domain.create('Bob', { user: user('u1') }), refused('name-in-use'));
  assert.equal(session.isClosed, false);
  assert.equal(other.isClosed, false);
});

test('[SES-10] the same user in two rooms is two sessions', async () => {
  const domain = openDomain();
  const { session } = await domain.create('Ada', { user: user('u1') });
  await domain.create('Ada', { user: user('u1'), room: 'attic' });
  assert.equal(session.isClosed, false);
});

test('[SES-10] of logins of one user at the same moment the last one lives, and the room hears one join', async () => {
  const domain = openDomain();
  const logins = await Promise.allSettled(
    [1, 2, 3].map(() => domain.create('Ada', { user: user('u1'), createKey: null })),
  );
  assert.deepEqual(
    logins.map((login) => login.status),
    ['rejected', 'rejected', 'fulfilled'],
  );
  assert.equal(domain.registry.size, 1);
  assert.deepEqual(told(await domain.events()), ['+Ada']);
  // Whoever never had a session is not told of its end either.
  assert.deepEqual(
    domain.seen.map((session) => session.ended),
    [[]],
  );
});

test('[SES-1] a caller who has hung up before the session opens is seen by nobody', async () => {
  const domain = openDomain();
  await assert.rejects(domain.create('Ada', { isAborted: () => true }), refused('request-timeout'));
  assert.deepEqual(await domain.events(), []);
  assert.equal(domain.seen.length, 0);
  await domain.create('Ada');
});

test('[SES-1] a caller who hangs up while the session opens leaves again, unless he may repeat by his key', async () => {
  const domain = openDomain();
  let asked = 0;
  await assert.rejects(domain.create('Ada', { isAborted: () => ++asked > 1 }), refused('request-timeout'));
  assert.deepEqual(told(await domain.events()), ['+Ada', '-Ada']);
  assert.equal(domain.registry.size, 0);
  asked = 0;
  await domain.create('Ada', { isAborted: () => ++asked > 1, createKey: key });
  await domain.create('Ada', { createKey: key });
  assert.deepEqual(told(await domain.events()).slice(2), ['+Ada']);
});

test('[P-3] MAX_SESSIONS bounds the sessions, those being opened and those not closed in the store yet included', async () => {
  const domain = openFaulty();
  const small = openDomain({ limits: { maxSessions: 2 } });
  const three = await Promise.allSettled(['Ada', 'Bob', 'Cleo'].map((name) => small.create(name)));
  assert.deepEqual(
    three.map((one) => one.status),
    ['fulfilled', 'fulfilled', 'rejected'],
  );
  await assert.rejects(small.create('Dan'), refused('unavailable'));
  await [...small.registry.sessions()][0]?.destroy('destroyed');
  await small.create('Dan');
  assert.equal(domain.registry.size, 0);
});

test('[P-3] sessions that the store could not close keep their places', async () => {
  let faulty: FaultyStore | undefined;
  const domain = openDomain({
    limits: { maxSessions: 1 },
    wrap: (inner) => {
      faulty = new FaultyStore(inner);
      return faulty;
    },
  });
  const { session } = await domain.create('Ada');
  faulty?.fail('closeSession', 'before');
  await session.destroy('destroyed');
  await assert.rejects(domain.create('Bob'), refused('unavailable'));
  faulty?.heal();
  await domain.registry.settle();
  await domain.create('Bob');
});

test('MAX_MEMBERS bounds a room, reserved names included', async () => {
  const domain = openDomain({ rooms: { maxMembers: 2 } });
  await domain.create('Ada');
  await domain.create('Bob', { delivery: 'push' });
  await assert.rejects(domain.create('Cleo'), refused('unavailable'));
  await domain.create('Cleo', { room: 'attic' });
});

test('a name that is unacceptable, or that a hook objects to, opens nothing', async () => {
  const domain = openDomain({
    hooks: { validateName: (_user, name) => (name === 'root' ? 'Not this one.' : undefined) },
  });
  await assert.rejects(domain.create('a\tb'), refused('invalid-name'));
  await assert.rejects(domain.create('root'), { code: 'invalid-name', message: 'Not this one.' });
  await assert.rejects(domain.create('Ada', { room: 'no room' }), refused('room-not-found'));
  assert.equal(domain.seen.length, 0);
});

test('[SES-12] a hook validateName that throws refuses as internal, and the fault is told', async () => {
  const domain = openDomain({
    hooks: {
      validateName: () => {
        throw new Error('broken');
      },
    },
  });
  await assert.rejects(domain.create('Ada'), refused('internal'));
  assert.equal(domain.faults.length, 1);
});

test('[SES-12] onSessionCreated and onSessionDestroyed may fail, at once or later: that is only told', async () => {
  const heard: string[] = [];
  const domain = openDomain({
    hooks: {
      onSessionCreated: (handle) => {
        heard.push(`created ${handle.name} in ${handle.room}`);
        throw new Error('broken');
      },
      onSessionDestroyed: async (_user, sessionId, reason) => {
        heard.push(`destroyed ${sessionId} ${reason}`);
        throw new Error('broken');
      },
    },
  });
  const { session } = await domain.create('Ada');
  await session.destroy('removed');
  assert.deepEqual(heard, ['created Ada in lobby', `destroyed ${session.sessionId} removed`]);
  assert.equal(domain.faults.length, 2);
});

test('a hook may destroy a session while it hears of it', async () => {
  const domain = openDomain({ hooks: { onSessionCreated: (handle) => void handle.destroy('removed') } });
  const { session } = await domain.create('Ada');
  assert.equal(session.isClosed, true);
  assert.equal(domain.registry.find('lobby', session.tokenHash), undefined);
  await domain.create('Ada');
  assert.deepEqual(told(await domain.events()), ['+Ada', '-Ada', '+Ada']);
});

test('a token proves a session of its own room only [P-4]', async () => {
  const domain = openDomain();
  const { session } = await domain.create('Ada');
  assert.equal(domain.registry.find('attic', session.tokenHash), undefined);
  assert.equal(await domain.registry.resume('attic', session.tokenHash), undefined);
  assert.equal(domain.registry.find('lobby', 'nonsense'), undefined);
});

test('why a session ended is remembered for SESSION_TIMEOUT', async () => {
  const domain = openDomain();
  const { session } = await domain.create('Ada');
  await session.destroy('flooding');
  assert.equal(domain.registry.gone(session.tokenHash).extras.reason, 'flooding');
  assert.equal(domain.registry.gone(session.tokenHash).extras.action, 'stop');
  domain.clock.advance(timeoutMs - 1);
  await domain.reaper.reap();
  assert.equal(domain.registry.gone(session.tokenHash).extras.reason, 'flooding');
  domain.clock.advance(1);
  await domain.reaper.reap();
  assert.equal(domain.registry.gone(session.tokenHash).extras.reason, undefined);
});

for (const operation of ['load', 'openSession'] as const satisfies readonly StoreOperation[]) {
  test(`a create whose ${operation} fails before it took effect leaves nothing behind`, async () => {
    const domain = openFaulty();
    domain.store.fail(operation, 'before');
    await assert.rejects(domain.create('Ada'), refused('unavailable'));
    domain.store.heal();
    await domain.create('Ada');
    assert.equal(domain.registry.size, 1);
    await domain.reaper.reap();
    assert.deepEqual(told(await domain.events()), ['+Ada']);
  });
}

test('[SES-1] a create whose answer the store lost is closed by the next sweep: no ghost, no blocked name', async () => {
  for (const createKey of [null, key]) {
    const domain = openFaulty();
    domain.store.fail('openSession', 'after');
    await assert.rejects(domain.create('Ada', { createKey }), refused('unavailable'));
    domain.store.heal();
    assert.deepEqual(await domain.users(), ['Ada'], 'the store has opened it');
    await domain.reaper.reap();
    assert.deepEqual(told(await domain.events()), ['+Ada', '-Ada']);
    await domain.create('Ada');
    assert.equal(domain.seen.length, 1, 'nobody heard of the first');
  }
});

test('[SES-10] a create whose answer the store lost is repeated by its key and lives on', async () => {
  const domain = openFaulty();
  domain.store.fail('openSession', 'after');
  await assert.rejects(domain.create('Ada', { createKey: key }), refused('unavailable'));
  await assert.rejects(domain.create('Ada', { createKey: key }), refused('unavailable'));
  domain.store.heal();
  const { session } = await domain.create('Ada', { createKey: key });
  await domain.reaper.reap();
  assert.equal(session.isClosed, false);
  assert.equal(session.state, 'joined');
  assert.equal(domain.registry.find('lobby', session.tokenHash), session);
  assert.deepEqual(told(await domain.events()), ['+Ada']);
  await session.send('hello', null);
});

test('[SES-1] a closing that cannot be committed refuses requests at once, and the reaper retries', async () => {
  for (const when of ['before', 'after'] as const) {
    const domain = openFaulty();
    const { session } = await domain.create('Ada');
    domain.store.fail('closeSession', when);
    assert.equal(await session.destroy('destroyed'), true);
    assert.deepEqual(domain.faults, [], 'that the store is away is told once, by its status');
    assert.equal(domain.registry.find('lobby', session.tokenHash), undefined);
    assert.equal(
      await domain.registry.resume('lobby', session.tokenHash),
      undefined,
      'it does not come back',
    );
    assert.equal(domain.registry.gone(session.tokenHash).extras.reason, 'destroyed');
    await domain.reaper.reap();
    domain.store.heal();
    await domain.reaper.reap();
    assert.deepEqual(told(await domain.events()), ['+Ada', '-Ada']);
    const calls = domain.store.calls.get('closeSession');
    await domain.reaper.reap();
    assert.equal(domain.store.calls.get('closeSession'), calls, 'what is paid is not owed');
  }
});

test('[SES-11] whoever comes with a token whose session ended in another process is told why, and that is asked once', async () => {
  const asked: string[] = [];
  const domain = openDomain({
    wrap: (inner) =>
      Object.assign(inner, {
        endingOf: async (_room: string, tokenHash: string) => {
          asked.push(tokenHash);
          return tokenHash === 'known' ? { reason: 'removed' as const, detail: 'Enough.' } : null;
        },
      }),
  });
  for (let times = 0; times < 2; times++) {
    assert.equal(await domain.registry.resume('lobby', 'known'), undefined);
    const { extras } = domain.registry.gone('known');
    assert.deepEqual([extras.reason, extras.action], ['removed', 'stop']);
  }
  assert.equal(await domain.registry.resume('lobby', 'unknown'), undefined);
  assert.equal(domain.registry.gone('unknown').extras.reason, undefined);
  assert.deepEqual(asked, ['known', 'unknown']);
});

test('a session is refused also while its closing is under way', async () => {
  const domain = openFaulty();
  const { session } = await domain.create('Ada');
  const release = domain.store.hold('closeSession');
  domain.store.fail('closeSession', 'before');
  const destroyed = session.destroy('destroyed');
  assert.equal(await domain.registry.resume('lobby', session.tokenHash), undefined);
  release();
  await destroyed;
});

test('one closing that keeps failing does not keep others from expiring [SES-7]', async () => {
  const domain = openFaulty();
  const { session } = await domain.create('Ada');
  const { session: idle } = await domain.create('Bob');
  domain.store.fail('closeSession', 'before');
  await session.destroy('destroyed');
  domain.clock.advance(timeoutMs);
  await domain.reaper.reap();
  assert.equal(idle.isClosed, true);
});

test('a token whose first use the store could not note is used all the same', async () => {
  const domain = openFaulty();
  const { session } = await domain.create('Ada', { createKey: key });
  domain.store.fail('touch', 'before', new Error('broken'));
  assert.equal(domain.registry.find('lobby', session.tokenHash), session);
  await domain.users();
  assert.deepEqual(domain.faults, ['marking a token as used']);
});

test('the reaper’s own timer sweeps', async () => {
  const domain = openDomain();
  const { session } = await domain.create('Ada');
  domain.reaper.start();
  domain.clock.advance(timeoutMs + intervalMs);
  await domain.reaper.reap();
  assert.equal(session.isClosed, true);
  domain.reaper.stop();
  assert.equal(domain.clock.pending, 0);
});
