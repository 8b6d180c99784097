import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoomsAnswer } from '../../src/schemas/room.ts';
import { startAdminServer } from '../support/admin.ts';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { waitUntil } from '../support/wait-until.ts';

const behindProxy = { TRUST_PROXY: '127.0.0.1' };

/** A request of a client at an address. */
function at(address: string): Record<string, string> {
  return { 'x-forwarded-for': address };
}

test('a ban ends at once whom it hits, on a stream and on a poll, and refuses him with until when and why', async (t) => {
  const { url, ask, deeds } = await startAdminServer(t);
  const ada = await ApiClient.join(url, 'Ada');
  const eve = await ApiClient.join(url, 'Eve', { delivery: 'push' });
  const stream = await eve.subscribe();
  await stream.expect('init');
  const body = { kind: 'name', value: 'EVE', seconds: 3600, reason: 'No adverts.' };
  const { status, body: ban } = await ask('POST', '/bans', body);
  assert.equal(status, 201);
  assert.match(ban.id, /^[\w-]{22}$/);
  assert.equal(ban.until, ban.createdAt + 3_600_000);
  assert.deepEqual(
    { ...ban, id: '', createdAt: 0, until: 0 },
    { id: '', kind: 'name', value: 'EVE', room: null, reason: 'No adverts.', createdAt: 0, until: 0 },
  );
  const bye = { reason: 'removed', action: 'stop', reconnect: false, detail: 'No adverts.' };
  assert.deepEqual(JSON.parse((await stream.rest()).at(-1)?.data ?? ''), bye);
  assert.equal(assertProblem(await eve.updates(), 410, 'session-gone').endingDetail, 'No adverts.');
  const refused = await new ApiClient(url).create({ name: 'eve' });
  const { detail } = assertProblem(refused, 403, 'permission-denied');
  const end = `${new Date(ban.until).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  assert.equal(detail, `The name EVE is banned until ${end} (No adverts.).`);
  assert.deepEqual((await ada.users()).body.users, ['Ada']);

  assert.deepEqual((await ask('GET', '/bans')).body, { bans: [ban], total: 1 });
  assert.equal((await ask('DELETE', `/bans/${ban.id}`)).status, 204);
  assertProblem(await ask('DELETE', `/bans/${ban.id}`), 404, 'not-found');
  assertProblem(await ask('DELETE', '/bans/room:lobby'), 404, 'not-found');
  assert.equal((await new ApiClient(url).create({ name: 'eve' })).status, 201);
  const { until, id: banId } = ban;
  const said = { address: '127.0.0.1', banId, kind: 'name', value: '"EVE"', until, reason: '"No adverts."' };
  assert.deepEqual(deeds, [
    { act: 'banned', ...said },
    { act: 'ban lifted', ...said },
  ]);
});

test('from a banned address nobody comes in, reads or goes on, whatever it asks for; who is there may leave', async (t) => {
  const { url, ask } = await startAdminServer(t, { ...behindProxy, ROOMS: 'lobby,attic' });
  const near = new ApiClient(url);
  await near.create({ name: 'Near' }, at('192.0.2.7'));
  const moved = new ApiClient(url);
  await moved.create({ name: 'Moved' }, at('198.51.100.1'));
  const far = new ApiClient(url);
  await far.create({ name: 'Far' }, at('198.51.100.2'));
  const [feed, farFeed] = [await far.feed('', at('192.0.2.8')), await far.feed('', at('198.51.100.3'))];
  for (const each of [feed, farFeed]) await each.expect('init');
  const { body: ban } = await ask('POST', '/bans', { kind: 'address', value: '192.0.2.9/24', room: 'lobby' });
  assert.equal(ban.value, '192.0.2.0/24');

  assertProblem(await near.getSession(), 410, 'session-gone');
  assert.equal(JSON.parse((await feed.rest()).at(-1)?.data ?? '').reason, 'removed');
  const from = at('192.0.2.200');
  const refusals = [
    await new ApiClient(url).create({ name: 'New', password: 'x' }, from),
    await moved.call('GET', '/history', undefined, from),
    await moved.call('GET', '', undefined, from),
    await moved.call('GET', '/feed', undefined, from),
    await moved.call('GET', '/session', undefined, from),
    await moved.call('GET', '/session/users', undefined, from),
    await moved.call('GET', '/session/updates', undefined, from),
    await moved.call('GET', '/session/events', undefined, from),
    await moved.call('POST', '/session/ping', undefined, from),
    await moved.call('POST', '/session/messages', { message: 'hello' }, from),
  ];
  for (const refusal of refusals) {
    const { detail } = assertProblem(refusal, 403, 'permission-denied');
    assert.equal(detail, 'Your address is banned from the room lobby.');
  }
  const rooms = async (headers: Record<string, string>) => {
    const answer = await fetch(`${url}/v1/rooms`, { headers });
    const { rooms } = (await answer.json()) as RoomsAnswer;
    return rooms.map(({ name }) => name);
  };
  assert.deepEqual(await rooms(from), ['attic']);
  assert.deepEqual(await rooms(at('198.51.100.1')), ['attic', 'lobby']);
  for (const headers of [from, { ...from, cookie: `parlor-lobby=${moved.token}` }]) {
    const page = await (await fetch(`${url}/plain/lobby`, { headers })).text();
    assert.match(page, /Your address is banned from the room lobby\./);
    assert.doesNotMatch(page, /Moved|Far/, 'who is there is nothing for it to see');
    assert.equal((await fetch(`${url}/plain/lobby/log`, { headers })).status, 403);
  }
  assert.equal((await new ApiClient(url, 'attic').create({ name: 'New' }, from)).status, 201);

  assert.equal((await moved.call('DELETE', '/session', undefined, from)).status, 204);
  assert.equal((await far.send('still here')).status, 201);
  for (const type of ['leave', 'leave', 'message']) await farFeed.expect(type);
  farFeed.close();
});

test('a stream of a member that reads from a banned address ends his stay', async (t) => {
  const { url, ask } = await startAdminServer(t, behindProxy);
  const eve = new ApiClient(url);
  await eve.create({ name: 'Eve', delivery: 'push' }, at('198.51.100.1'));
  const stream = await eve.subscribe('', at('192.0.2.7'));
  await stream.expect('init');
  assert.equal((await ask('POST', '/bans', { kind: 'address', value: '192.0.2.7' })).status, 201);
  assert.equal(JSON.parse((await stream.rest()).at(-1)?.data ?? '').reason, 'removed');
  assertProblem(await eve.getSession(), 410, 'session-gone');
});

test('a poll of a member that waits at a banned address ends his stay, and tells him nothing more', async (t) => {
  const { url, ask } = await startAdminServer(t, behindProxy);
  const ada = await ApiClient.join(url, 'Ada');
  const eve = new ApiClient(url);
  const { body } = await eve.create({ name: 'Eve' }, at('198.51.100.1'));
  const updates = `/session/updates?wait=20&after=`;
  await eve.call('GET', updates + body.cursor, undefined, at('192.0.2.7'));
  const { cursor } = (await ada.users()).body;
  const waiting = eve.call('GET', updates + cursor, undefined, at('192.0.2.7'));
  await waitUntil(async () => (await ask('GET', '/stats')).body.polls === 1, 'it waits');
  const ban = { kind: 'address', value: '192.0.2.0/24', reason: 'Enough.' };
  assert.equal((await ask('POST', '/bans', ban)).status, 201);
  await ada.send('not for him');
  const { reason, endingDetail } = assertProblem(await waiting, 410, 'session-gone');
  assert.deepEqual([reason, endingDetail], ['removed', 'Enough.']);
});

for (const [what, path, init] of [
  ['a stream', '/session/events', {}],
  ['a poll that would wait', '/session/updates?wait=20&after=', {}],
  ['the feed', '/feed', { FEED: 'members' }],
] as const) {
  test(`a ban that comes while a hook thinks about ${what} counts for it`, async (t) => {
    let decide = () => {};
    const isDecided = new Promise<boolean>((resolve) => {
      decide = () => resolve(true);
    });
    let isAsked = () => {};
    const whenAsked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const authorize = () => {
      isAsked();
      return isDecided;
    };
    const { url, ask } = await startAdminServer(t, { ...behindProxy, ...init }, { hooks: { authorize } });
    const eve = new ApiClient(url);
    const { body } = await eve.create({ name: 'Eve' }, at('198.51.100.1'));
    // Behind his own join.
    const whole = path.endsWith('=') ? path + body.cursor.replace(/0$/, '1') : path;
    const answer = eve.call('GET', whole, undefined, at('192.0.2.7'));
    await whenAsked;
    assert.equal((await ask('POST', '/bans', { kind: 'address', value: '192.0.2.7' })).status, 201);
    decide();
    assertProblem(await answer, 403, 'permission-denied');
  });
}

test('an operator’s own address may be banned from the rooms, and he administers all the same', async (t) => {
  const { url, ask } = await startAdminServer(t);
  assert.equal((await ask('POST', '/bans', { kind: 'address', value: '127.0.0.1' })).status, 201);
  assertProblem(await new ApiClient(url).create({ name: 'Ada' }), 403, 'permission-denied');
  assertProblem(await new ApiClient(url).history(), 403, 'permission-denied');
  const { bans } = (await ask('GET', '/bans')).body;
  assert.equal((await ask('DELETE', `/bans/${bans[0].id}`)).status, 204);
  assert.equal((await new ApiClient(url).create({ name: 'Ada' })).status, 201);
});

test('what is no ban is refused, and leaves no trace', async (t) => {
  const { ask, deeds } = await startAdminServer(t);
  for (const [body, status, code] of [
    [{ kind: 'room', value: 'lobby' }, 400, 'invalid-request'],
    [{ kind: 'name' }, 400, 'invalid-request'],
    [{ kind: 'name', value: 'Eve', forever: true }, 400, 'invalid-request'],
    [{ kind: 'name', value: 'Eve', seconds: '60' }, 400, 'invalid-request'],
    [{ kind: 'name', value: 'Eve', seconds: 315_360_001 }, 400, 'invalid-request'],
    [{ kind: 'name', value: '<script>' }, 422, 'invalid-name'],
    [{ kind: 'address', value: '192.0.2.256' }, 400, 'invalid-request'],
    [{ kind: 'name', value: 'Eve', reason: 'a\u001b[2J' }, 422, 'invalid-message'],
    [{ kind: 'name', value: 'Eve', room: 'nowhere' }, 404, 'room-not-found'],
  ] as const) {
    assertProblem(await ask('POST', '/bans', body), status, code);
  }
  assert.deepEqual((await ask('GET', '/bans')).body, { bans: [], total: 0 });
  assert.deepEqual(deeds, []);
});

test('bans are listed page by page, in the order in which they were made', async (t) => {
  const { ask } = await startAdminServer(t);
  for (let i = 0; i < 5; i++) await ask('POST', '/bans', { kind: 'user', value: `u${i}` });
  const { bans, total } = (await ask('GET', '/bans?offset=1&limit=3')).body;
  assert.equal(total, 5);
  assert.deepEqual(
    bans.map(({ value }: { value: string }) => value),
    ['u1', 'u2', 'u3'],
  );
});

test('bans and closed rooms outlive the server; a session of one who was banned does not', async (t) => {
  const STORE_URL = `sqlite:${temporaryFolder(t)}/parlor.db`;
  const first = await startAdminServer(t, { STORE_URL, ROOMS: 'lobby,attic' });
  const eve = await ApiClient.join(first.url, 'Eve', { room: 'attic' });
  await first.ask('POST', '/bans', { kind: 'address', value: '2001:db8::1', seconds: 3600 });
  await first.ask('PUT', '/rooms/lobby/closure', { reason: 'Cleaning.' });
  const { bans } = (await first.ask('GET', '/bans')).body;
  await first.close();
  const second = await startAdminServer(t, { STORE_URL, ROOMS: 'lobby,attic' });
  assert.deepEqual((await second.ask('GET', '/bans')).body.bans, bans);
  assertProblem(await new ApiClient(second.url).create({ name: 'Ada' }), 403, 'permission-denied');
  // Eve's session lives on, and nobody has come back for it yet.
  await second.ask('POST', '/bans', { kind: 'name', value: 'Eve', reason: 'Enough.' });
  const back = new ApiClient(second.url, 'attic');
  back.token = eve.token;
  assert.equal(assertProblem(await back.getSession(), 410, 'session-gone').endingDetail, 'Enough.');
  assertProblem(await back.create({ name: 'Eve' }), 403, 'permission-denied');
});
