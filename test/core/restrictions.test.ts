import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatError } from '../../src/core/errors.ts';
import { type Domain, openDomain, refused, told, user } from '../support/domain.ts';
import { FaultyStore } from '../support/faulty-store.ts';

async function restricted(domain: Domain, name: string, request = {}): Promise<string> {
  try {
    await domain.create(name, request);
    return 'let in';
  } catch (error) {
    if (error instanceof ChatError && error.code === 'permission-denied') return error.message;
    throw error;
  }
}

test('a name is banned with all that look the same, and who has it is shown out with the reason', async () => {
  const domain = openDomain();
  const { session } = await domain.create('Ada');
  const other = await domain.create('Eve');
  const ban = await domain.restrictions.ban({ kind: 'name', value: 'ADA', reason: 'No adverts.' });
  assert.equal(session.isClosed, true, 'at once');
  assert.throws(
    () => session.requireOpen(),
    (error: unknown) => refused('session-gone', 'removed')(error) && /No adverts/.test(String(error)),
  );
  assert.equal(other.session.isClosed, false);
  for (const name of ['ada', 'Ada', 'аda', 'Ａda']) {
    assert.match(await restricted(domain, name), /^The name ADA is banned \(No adverts\.\)\.$/, name);
  }
  assert.equal(await restricted(domain, 'Adam'), 'let in');
  assert.equal(await domain.restrictions.unban(ban.id), true);
  assert.equal(await domain.restrictions.unban(ban.id), false);
  assert.equal(await restricted(domain, 'Ada'), 'let in');
});

test('a user is banned whatever he calls himself, and takes nothing over any more', async () => {
  const domain = openDomain();
  const eve = { user: user('u-eve', 'Eve') };
  const { session } = await domain.create('Eve', eve);
  const elsewhere = await domain.create('Eve', { ...eve, room: 'attic' });
  await domain.restrictions.ban({ kind: 'user', value: 'u-eve', room: 'lobby', seconds: 60 });
  assert.equal(session.isClosed, true);
  assert.equal(elsewhere.session.isClosed, false, 'in another room he may stay');
  assert.match(
    await restricted(domain, 'Mallory', eve),
    /^You are banned from the room lobby until 2026-01-01 00:01:00 UTC\.$/,
  );
  assert.equal(await restricted(domain, 'Eve', { ...eve, room: 'attic' }), 'let in', 'and take over there');
  domain.clock.advance(59_000);
  assert.notEqual(await restricted(domain, 'Eve', eve), 'let in');
  domain.clock.advance(1_000);
  assert.equal(await restricted(domain, 'Eve', eve), 'let in', 'it is over by itself');
  assert.deepEqual(domain.restrictions.bans(), []);
});

test('who renames himself into a banned name keeps what he has', async () => {
  const domain = openDomain();
  const { session: held } = await domain.create('Ada');
  await domain.restrictions.ban({ kind: 'name', value: 'Eve' });
  assert.match(await restricted(domain, 'Eve', { held }), /banned/);
  assert.equal(held.isClosed, false);
  assert.deepEqual(await domain.users(), ['Ada']);
});

test('an address is banned with its network; members in the server itself have none', async () => {
  const domain = openDomain();
  const near = await domain.create('Near', { address: '2001:db8:0:0:1::1' });
  const far = await domain.create('Far', { address: '2001:db8:1::1' });
  const bot = await domain.create('Bot', { isServerSide: true });
  const { value } = await domain.restrictions.ban({ kind: 'address', value: '2001:db8::2' });
  assert.equal(value, '2001:db8:0:0::/64');
  assert.deepEqual(
    [near, far, bot].map(({ session }) => session.isClosed),
    [true, false, false],
  );
  assert.match(await restricted(domain, 'Near', { address: '2001:db8::9' }), /^Your address is banned\.$/);
  await domain.restrictions.ban({ kind: 'address', value: '::/0' });
  assert.deepEqual([far.session.isClosed, bot.session.isClosed], [true, false]);
});

test('a room that is closed ends the stays there, and does not come into being by being asked for', async () => {
  const domain = openDomain();
  const { session } = await domain.create('Ada');
  const bot = await domain.create('Bot', { isServerSide: true });
  const { session: other } = await domain.create('Eve', { room: 'attic' });
  await domain.restrictions.closeRoom('lobby', 'Cleaning.');
  await domain.restrictions.closeRoom('cellar');
  assert.deepEqual([session.isClosed, bot.session.isClosed, other.isClosed], [true, true, false]);
  assert.equal(await restricted(domain, 'Bob'), 'The room lobby is closed (Cleaning.).');
  assert.equal(await restricted(domain, 'Bob', { room: 'cellar' }), 'The room cellar is closed.');
  assert.deepEqual(domain.rooms.names(), ['attic', 'lobby']);
  assert.deepEqual(domain.restrictions.closedRooms().sort(), ['cellar', 'lobby']);
  assert.deepEqual(domain.restrictions.bans(), [], 'a closed room is no ban');
  assert.equal(await domain.restrictions.unban('room:lobby'), false, 'and is not opened as one');
  assert.equal(await domain.restrictions.reopenRoom('lobby'), true);
  assert.equal(await domain.restrictions.reopenRoom('lobby'), false);
  assert.equal(await restricted(domain, 'Bob'), 'let in');
  assert.deepEqual(told(await domain.events()), ['+Ada', '+Bot', '-Ada', '-Bot', '+Bob']);
});

test('whoever is on his way in while a ban comes does not stay, at whatever moment it comes', async () => {
  for (const operation of ['openSession', 'joinSession', 'load'] as const) {
    let store: FaultyStore | undefined;
    const domain = openDomain({
      wrap: (inner) => {
        store = new FaultyStore(inner);
        return store;
      },
    });
    if (operation !== 'load') await domain.create('Bob');
    const release = store?.hold(operation);
    const coming = domain.create('Ada', { delivery: 'push' }).then(({ session }) => session.join());
    const end = assert.rejects(coming, (error: unknown) => {
      assert.ok(error instanceof ChatError);
      return ['permission-denied', 'session-gone'].includes(error.code);
    });
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
    await domain.restrictions.ban({ kind: 'name', value: 'Ada' });
    release?.();
    await end;
    await domain.reaper.reap();
    assert.ok(!(await domain.users()).includes('Ada'), operation);
    assert.deepEqual(domain.faults, []);
  }
});

test('all processes are told of a ban; a session that comes back to one is shown out there', async () => {
  const domain = openDomain();
  const { session: heard } = await domain.create('Ada');
  const next = openDomain({ wrap: () => domain.store, shares: domain.store });
  await next.create('Eve');
  await next.restrictions.ban({ kind: 'name', value: 'Ada' });
  assert.equal(heard.isClosed, true);
  const { session: left } = await domain.create('Bob');
  // As a process that has stopped.
  domain.restrictions.close();
  await next.restrictions.ban({ kind: 'name', value: 'Bob', reason: 'Enough.' });
  assert.equal(left.isClosed, false);
  assert.equal(await next.registry.resume('lobby', left.tokenHash), undefined);
  assert.match(next.registry.gone(left.tokenHash).message, /removed \(Enough\.\)/);
  await next.reaper.reap();
  assert.deepEqual(await next.users(), ['Eve']);
});

test('the same again replaces a ban; what is wrong with one is said', async () => {
  const { restrictions } = openDomain({ rooms: { names: ['lobby'] } });
  const first = await restrictions.ban({ kind: 'name', value: 'Ada', seconds: 5 });
  const again = await restrictions.ban({ kind: 'name', value: 'ada', reason: 'Still.' });
  assert.equal(again.id, first.id);
  assert.deepEqual(restrictions.bans(), [again]);
  const elsewhere = await restrictions.ban({ kind: 'name', value: 'ada', room: 'lobby' });
  assert.notEqual(elsewhere.id, first.id);
  for (const [request, code] of [
    [{ kind: 'name', value: '<b>' }, 'invalid-name'],
    [{ kind: 'address', value: 'everybody' }, 'invalid-request'],
    [{ kind: 'user', value: '' }, 'invalid-request'],
    [{ kind: 'user', value: 'x'.repeat(1025) }, 'invalid-request'],
    [{ kind: 'name', value: 'Eve', room: 'attic' }, 'room-not-found'],
    [{ kind: 'name', value: 'Eve', seconds: 0 }, 'invalid-request'],
    [{ kind: 'name', value: 'Eve', seconds: 1.5 }, 'invalid-request'],
    [{ kind: 'name', value: 'Eve', seconds: Number.NaN }, 'invalid-request'],
    [{ kind: 'name', value: 'Eve', reason: 'a\nb' }, 'invalid-message'],
  ] as const) {
    await assert.rejects(restrictions.ban(request), refused(code));
  }
  await assert.rejects(restrictions.closeRoom('attic'), refused('room-not-found'));
  assert.equal(restrictions.bans().length, 2);
});

test('what no type has kept from being asked for is refused, and nothing is kept', async () => {
  const { restrictions } = openDomain();
  for (const [request, words] of [
    [{ kind: 'room', value: 'lobby' }, 'kind: expected user, name or address; got "room".'],
    [{ value: 'Eve' }, 'kind: expected user, name or address; got "undefined".'],
    [{ kind: 'user', value: ['u-1'] }, 'value: expected a text; got object.'],
    [{ kind: 'name', value: 5 }, 'value: expected a text; got number.'],
  ] as const) {
    // As JavaScript would.
    const ban: Promise<unknown> = Reflect.apply(restrictions.ban, restrictions, [request]);
    await assert.rejects(ban, { code: 'invalid-request', message: words });
  }
  assert.deepEqual([restrictions.bans(), restrictions.closedRooms()], [[], []]);
});

test('as long as nobody knows who is banned, nobody comes in', async () => {
  let store: FaultyStore | undefined;
  const domain = openDomain({
    wrapsRestrictions: true,
    wrap: (inner) => {
      store = new FaultyStore(inner);
      store.fail('watchRestrictions', 'before');
      return store;
    },
  });
  await assert.rejects(domain.create('Ada'), refused('unavailable'));
  store?.heal();
  await domain.restrictions.open();
  await domain.create('Ada');
});
