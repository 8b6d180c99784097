import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoomListener } from '../../src/core/callback-adapter.ts';
import { claimOf } from '../contract/store-contract.ts';
import { type DomainOptions, intervalMs, openDomain, refused, timeoutMs, told } from '../support/domain.ts';
import { FaultyStore } from '../support/faulty-store.ts';
import { poll } from '../support/poll.ts';

const nobody: RoomListener = { deliver: () => {}, fail: () => {} };

function openRooms(options: DomainOptions = {}) {
  const stores: FaultyStore[] = [];
  const domain = openDomain({
    ...options,
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

test('a room is opened once, however many ask for it together', async () => {
  const { rooms, store } = openRooms();
  const [first, second] = await Promise.all([rooms.open('lobby'), rooms.open('lobby')]);
  assert.equal(first, second);
  assert.equal(await rooms.open('lobby'), first);
  assert.equal(rooms.find('lobby'), first);
  assert.equal(store.calls.get('load'), 1);
});

test('a room that could not be opened is tried again', async () => {
  const { rooms, store } = openRooms({ rooms: { maxRooms: 1 } });
  store.fail('load', 'before');
  const both = await Promise.allSettled([rooms.open('lobby'), rooms.open('lobby')]);
  assert.deepEqual(
    both.map((one) => one.status),
    ['rejected', 'rejected'],
  );
  assert.equal(rooms.find('lobby'), undefined);
  store.heal();
  await rooms.open('lobby');
});

test('there are the rooms that are configured, or with * any of a proper name', async () => {
  const { rooms } = openRooms({ rooms: { names: ['tea', 'lobby'] } });
  await rooms.open('tea');
  await assert.rejects(rooms.open('attic'), refused('room-not-found'));
  await assert.rejects(rooms.open('a\u202eb'), /There is no room "a\\u\{202e\}b"\./);
  assert.deepEqual(rooms.names(), ['lobby', 'tea']);
  const { rooms: any } = openRooms();
  await any.open('attic');
  await assert.rejects(any.open('no room'), refused('room-not-found'));
  await assert.rejects(any.open('v1'), refused('room-not-found'));
  assert.deepEqual(any.names(), ['attic']);
});

test('[P-3] MAX_ROOMS bounds the open rooms, those being opened included', async () => {
  const { rooms, store } = openRooms({ rooms: { maxRooms: 2 } });
  const release = store.hold('load');
  const opening = [rooms.open('a'), rooms.open('b')];
  await assert.rejects(rooms.open('c'), refused('unavailable'));
  release();
  const [a] = await Promise.all(opening);
  assert.equal(await rooms.open('a'), a);
  await assert.rejects(rooms.open('c'), refused('unavailable'));
});

test('[LOG-7] a room that nobody uses is unloaded after SESSION_TIMEOUT, and makes room for another', async () => {
  const { rooms, clock, ...domain } = openRooms({ rooms: { maxRooms: 1 } });
  const { session } = await domain.create('Ada');
  await session.send('hello', null);
  await session.destroy('destroyed');
  rooms.find('lobby');
  clock.advance(timeoutMs);
  rooms.trim();
  assert.ok(rooms.find('lobby'), 'looking for it is a use');
  clock.advance(timeoutMs + 1);
  rooms.trim();
  assert.deepEqual(rooms.names(), []);
  await rooms.open('attic');
  clock.advance(timeoutMs + 1);
  rooms.trim();
  assert.deepEqual(told(await domain.events()), ['+Ada', 'Ada: hello', '-Ada'], 'the store has kept it');
});

test('[LOG-7] a member, a reserved name or a listener keeps a room loaded', async () => {
  const { rooms, clock, ...domain } = openRooms();
  const room = await rooms.open('lobby');
  const idle = (): boolean => {
    clock.advance(timeoutMs + intervalMs);
    rooms.trim();
    return !rooms.names().includes('lobby');
  };
  for (const delivery of ['pull', 'push'] as const) {
    const { session } = await domain.create('Ada', { delivery });
    assert.equal(idle(), false);
    await session.destroy('destroyed');
  }
  room.listen(nobody);
  assert.equal(idle(), false);
  room.unlisten(nobody);
  assert.equal(idle(), true);
});

test('[P-2] a room that was unloaded and comes back serves the cursors from before', async () => {
  const domain = openRooms();
  const { rooms, clock } = domain;
  const { session, cursor } = await domain.create('Ada');
  await session.send('hello', null);
  await session.destroy('destroyed');
  clock.advance(timeoutMs + 1);
  rooms.trim();
  assert.equal(rooms.find('lobby'), undefined);
  const { session: bob } = await domain.create('Bob');
  const { gap, events } = await poll(domain, bob, { after: cursor });
  assert.equal(gap, null);
  assert.deepEqual(told(events.map((one) => one.event)), ['+Ada', 'Ada: hello', '-Ada', '+Bob']);
});

test('an unloaded room hears nothing any more', async () => {
  const domain = openRooms();
  const old = await domain.rooms.open('lobby');
  domain.clock.advance(timeoutMs + 1);
  domain.rooms.trim();
  await domain.create('Ada');
  assert.equal(old.log.headId, 0);
  assert.deepEqual(await domain.users(), ['Ada']);
});

test('[LOG-7] old events go by the tick, also where nothing is said', async () => {
  const domain = openRooms({ history: { ageMs: 1_000 } });
  await domain.create('Ada');
  domain.clock.advance(1_001);
  domain.rooms.trim();
  assert.deepEqual(await domain.events(), []);
  assert.deepEqual(await domain.users(), ['Ada']);
});

test('closing lets go of all rooms', async () => {
  const { rooms, store } = openRooms();
  const room = await rooms.open('lobby');
  await rooms.open('attic');
  rooms.close();
  assert.deepEqual(rooms.names(), []);
  await store.openSession(claimOf('Ada'), true, 10);
  assert.equal(room.log.headId, 0, 'it hears nothing any more');
});
