import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { AdminRoom, StatsAnswer } from '../../src/schemas/overview.ts';
import { startAdminServer } from '../support/admin.ts';
import { ApiClient } from '../support/api-client.ts';
import { waitUntil } from '../support/wait-until.ts';

test('an operator sees every room: who is there, who follows, what is kept, and whether it is closed', async (t) => {
  const { url, ask } = await startAdminServer(t, { ROOMS: 'lobby,attic' });
  const ada = await ApiClient.join(url, 'Ada');
  await ada.send('hello');
  await ApiClient.join(url, 'Bob', { delivery: 'push' });
  const feed = await ada.feed();
  await feed.expect('init');
  await ask('PUT', '/rooms/attic/closure', { reason: 'Cleaning.' });
  const { rooms }: { rooms: AdminRoom[] } = (await ask('GET', '/rooms')).body;
  const [attic, lobby] = rooms;
  assert.ok(attic?.closed && lobby && rooms.length === 2);
  assert.ok(Math.abs(attic.closed.since - Date.now()) < 60_000);
  assert.deepEqual(
    { ...attic, closed: attic.closed.reason },
    { name: 'attic', members: 0, streams: 0, sessions: 0, events: 0, bytes: 0, closed: 'Cleaning.' },
  );
  assert.ok(lobby.bytes > 100);
  assert.deepEqual(
    { ...lobby, bytes: 0 },
    // Bob has a session, and has not joined.
    { name: 'lobby', members: 1, streams: 1, sessions: 2, events: 2, bytes: 0, closed: null },
  );
  feed.close();
});

test('with ROOMS=* the rooms in memory are listed, and the closed ones, which nobody opens by looking', async (t) => {
  const { url, ask } = await startAdminServer(t, { ROOMS: '*' });
  await ApiClient.join(url, 'Ada', { room: 'attic' });
  await ask('PUT', '/rooms/cellar/closure');
  const { rooms }: { rooms: AdminRoom[] } = (await ask('GET', '/rooms')).body;
  assert.deepEqual(
    rooms.map(({ name, members, closed }) => [name, members, closed?.reason]),
    [
      ['attic', 1, undefined],
      ['cellar', 0, null],
    ],
  );
  assert.equal((await ask('GET', '/stats')).body.rooms, 1);
});

test('the figures say what there is and what was done; counters only rise', async (t) => {
  const { url, ask } = await startAdminServer(t);
  const stats = async (): Promise<StatsAnswer> => (await ask('GET', '/stats')).body;
  const first = await stats();
  assert.deepEqual(first.counters, {
    messages: 0,
    events: 0,
    deliveries: 0,
    created: 0,
    ended: 0,
    refused: 0,
    gaps: 0,
  });
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  assert.deepEqual([first.version, first.status], [version, 'ready']);
  assert.ok(first.startedAt <= first.now && first.memory.rss > first.memory.heapUsed);

  const ada = await ApiClient.join(url, 'Ada');
  const bob = await ApiClient.join(url, 'Bob', { delivery: 'push' });
  const cy = await ApiClient.join(url, 'Cy', { delivery: 'push' });
  const [stream, feed] = [await bob.subscribe(), await ada.feed()];
  await stream.expect('init');
  await stream.expect('join');
  await feed.expect('init');
  const { body } = await ada.updates({ after: ada.cursor });
  assert.equal(body.events.length, 2);
  await ada.send('hello');
  await stream.expect('message');
  // Bob's join may have come before or after its beginning.
  if ((await feed.next())?.type === 'join') await feed.expect('message');
  // Of another epoch.
  const lost = await ada.updates({ after: '0000-7' });
  assert.equal(lost.body.lost, null);
  assert.equal((await new ApiClient(url).create({ name: 'Ada' })).status, 409);
  const polling = ada.updates({ after: lost.body.cursor, wait: 25 });
  await waitUntil(async () => (await stats()).polls === 1, 'the poll waits');
  const second = await stats();
  assert.deepEqual(second.sessions, { pull: 1, push: 1, reserved: 1 });
  assert.deepEqual([second.rooms, second.members, second.streams], [1, 2, 2]);
  assert.deepEqual(second.lag, { bytes: 0, events: 0 });
  const { deliveries, ...others } = second.counters;
  assert.deepEqual(others, { messages: 1, events: 3, created: 3, ended: 0, refused: 1, gaps: 1 });
  // The stream: a join and a message. The feed: a message, and the join if it was there before. The polls: two and three.
  assert.ok(deliveries === 8 || deliveries === 9, `${deliveries}`);
  await cy.destroy();
  await bob.destroy();
  await polling;
  const third = await stats();
  assert.equal(third.counters.ended, 2);
  for (const [name, count] of Object.entries(third.counters)) {
    assert.ok(count >= second.counters[name as keyof StatsAnswer['counters']], name);
  }
  assert.ok(third.cpu.userMs >= second.cpu.userMs);
  feed.close();
});
