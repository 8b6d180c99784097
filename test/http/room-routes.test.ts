import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoomsAnswer } from '../../src/schemas/room.ts';
import { startAdminServer } from '../support/admin.ts';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';

test('a closed room shows out who is there, and says why to whoever comes, by whatever door', async (t) => {
  const { url, ask, deeds } = await startAdminServer(t, { ROOMS: 'lobby,attic' });
  const ada = await ApiClient.join(url, 'Ada');
  await ada.updates();
  const polling = ada.updates({ wait: 25 });
  const eve = await ApiClient.join(url, 'Eve', { room: 'attic' });
  const feed = await ada.feed();
  await feed.expect('init');
  assert.equal((await ask('PUT', '/rooms/lobby/closure', { reason: 'Cleaning.' })).status, 204);
  const ended = [await polling, await ada.updates()].at(-1);
  assert.ok(ended);
  assert.equal(assertProblem(ended, 410, 'session-gone').endingDetail, 'Cleaning.');
  const bye = { reason: 'removed', action: 'stop', reconnect: false, detail: 'Cleaning.' };
  assert.deepEqual(JSON.parse((await feed.rest()).at(-1)?.data ?? ''), bye);
  const client = new ApiClient(url);
  for (const refusal of [
    await client.create({ name: 'Ada' }),
    await client.history(),
    await client.call('GET', ''),
    await client.call('GET', '/feed'),
  ]) {
    const { detail } = assertProblem(refusal, 403, 'permission-denied');
    assert.equal(detail, 'The room lobby is closed (Cleaning.).');
  }
  const door = await client.call<{ refusal?: string }>('GET', '/login');
  assert.equal(door.body.refusal, 'The room lobby is closed (Cleaning.).');
  const { rooms } = (await (await fetch(`${url}/v1/rooms`)).json()) as RoomsAnswer;
  assert.deepEqual(rooms, [
    { name: 'attic', members: 1 },
    { name: 'lobby', members: 0, closed: 'The room lobby is closed (Cleaning.).' },
  ]);
  for (const path of ['/plain/lobby', '/plain/lobby?from=leave']) {
    const page = await (await fetch(url + path)).text();
    assert.match(page, /The room lobby is closed \(Cleaning\.\)\./);
    assert.doesNotMatch(page, /Ada/);
  }
  assert.equal((await eve.send('still here')).status, 201);

  assert.equal((await ask('DELETE', '/rooms/lobby/closure')).status, 204);
  assert.equal((await ask('DELETE', '/rooms/lobby/closure')).status, 204, 'as often as one likes');
  assertProblem(await ask('PUT', '/rooms/cellar/closure'), 404, 'room-not-found');
  assertProblem(await ask('PUT', '/rooms/lobby/closure', { until: 5 }), 400, 'invalid-request');
  assert.equal((await client.create({ name: 'Ada' })).status, 201);
  assert.deepEqual(deeds, [
    { act: 'room closed', address: '127.0.0.1', room: 'lobby', reason: '"Cleaning."' },
    { act: 'room reopened', address: '127.0.0.1', room: 'lobby' },
  ]);
});

test('where the feed is for members, strangers learn of no room by its closing', async (t) => {
  const { url, ask } = await startAdminServer(t, { ROOMS: 'lobby,attic', FEED: 'members' });
  const list = async () => (await fetch(`${url}/v1/rooms`)).json();
  assert.deepEqual(await list(), { rooms: [] });
  assert.equal((await ask('PUT', '/rooms/attic/closure', { reason: 'For the auditors.' })).status, 204);
  assert.deepEqual(await list(), { rooms: [] });
});

test('a password is not judged at the door of a closed room', async (t) => {
  let asked = 0;
  const { url, ask } = await startAdminServer(
    t,
    {},
    {
      authenticator: {
        authenticate: async ({ name = '' }) => {
          asked += 1;
          return { name, user: null };
        },
      },
    },
  );
  // Neither a reason nor a body has to be given.
  assert.equal((await ask('PUT', '/rooms/lobby/closure')).status, 204);
  assertProblem(
    await new ApiClient(url).create({ name: 'Ada', password: 'guess' }),
    403,
    'permission-denied',
  );
  const form = await fetch(`${url}/plain/lobby/join`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'name=Ada&password=guess',
  });
  assert.equal(form.status, 403);
  assert.match(await form.text(), /The room lobby is closed\./);
  assert.equal(asked, 0);
});

test('a closed room that is not open yet is not opened by being asked for', async (t) => {
  const { url, ask } = await startAdminServer(t, { ROOMS: '*' });
  assert.equal((await ask('PUT', '/rooms/cellar/closure')).status, 204);
  assertProblem(await new ApiClient(url, 'cellar').create({ name: 'Ada' }), 403, 'permission-denied');
  assertProblem(await new ApiClient(url, 'cellar').history(), 403, 'permission-denied');
  const guessing = new ApiClient(url, 'cellar');
  guessing.token = 'x'.repeat(43);
  assertProblem(await guessing.getSession(), 410, 'session-gone');
  assert.equal((await ask('GET', '/stats')).body.rooms, 0);
  const { rooms } = (await (await fetch(`${url}/v1/rooms`)).json()) as RoomsAnswer;
  assert.deepEqual(rooms, []);
});
