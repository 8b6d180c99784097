import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Operation } from '../../src/core/hooks.ts';
import { systemTokens } from '../../src/system/system-tokens.ts';
import { ApiClient, type Updates } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const unlimited = { READ_LIMIT: 'off', SEND_LIMIT: 'off', UPDATES_LIMIT: 'off', CREATE_LIMIT: 'off' };
let server: TestServer;
before(async () => {
  server = await startServer({ ...unlimited, ROOMS: 'lobby,talk,other' });
  const ada = await ApiClient.join(server.url, 'Ada', { room: 'talk' });
  for (let i = 1; i <= 7; i++) await ada.send(`m${i}`);
});
after(async () => {
  await server.close();
  assert.deepEqual(server.faults, []);
});

const talk = () => new ApiClient(server.url, 'talk');
const messages = ({ events }: Updates) => events.map(({ message, name }) => message ?? name);

test('history without a cursor is the newest page, in ascending order', async () => {
  const { status, body } = await talk().history('?limit=3');
  assert.equal(status, 200);
  assert.deepEqual(messages(body), ['m5', 'm6', 'm7']);
  assert.equal(body.more, true);
});

test('paging back visits every event once, and so does paging forward', async () => {
  const back: string[] = [];
  let page = (await talk().history('?limit=3')).body;
  back.unshift(...messages(page));
  while (page.more) {
    page = (await talk().history(`?limit=3&before=${page.cursor}`)).body;
    back.unshift(...messages(page));
  }
  const forward: string[] = [];
  page = (await talk().history('?limit=3&after=0')).body;
  forward.push(...messages(page));
  while (page.more) {
    page = (await talk().history(`?limit=3&after=${page.cursor}`)).body;
    forward.push(...messages(page));
  }
  const all = ['Ada', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'];
  assert.deepEqual([back, forward], [all, all]);
});

test('history takes one cursor, and only a readable one', async () => {
  const { cursor } = (await talk().history()).body;
  const both = await talk().history(`?before=${cursor}&after=${cursor}`);
  assert.match(assertProblem(both, 400, 'invalid-request').detail, /either before or after; got both/);
  for (const query of ['?before=x', '?after=1', '?limit=0', '?limit=1001', '?page=2', '?after=']) {
    assertProblem(await talk().history(query), 400, 'invalid-request');
  }
  const { lost } = (await talk().history('?after=beef-3')).body;
  assert.equal(lost, null, 'a cursor of another epoch is a gap');
});

test('getRoom and listRooms count the members', async () => {
  const room = await talk().call('GET', '');
  assert.deepEqual([room.status, room.body], [200, { name: 'talk', members: 1 }]);
  const list = await talk().call('GET', '/../../rooms');
  assert.deepEqual(list.body, {
    rooms: [
      { name: 'lobby', members: 0 },
      { name: 'other', members: 0 },
      { name: 'talk', members: 1 },
    ],
  });
});

test('the feed begins with init at its position, needs no session and makes no member', async () => {
  const feed = await new ApiClient(server.url, 'other').feed();
  assert.equal(feed.status, 200);
  assert.equal(feed.response.headers['content-type'], 'text/event-stream');
  assert.equal(feed.response.headers['cache-control'], 'no-store, no-transform');
  assert.equal(feed.response.headers['x-accel-buffering'], 'no');
  assert.equal(feed.response.headers['set-cookie'], undefined);
  const init = JSON.parse((await feed.expect('init')).data);
  assert.deepEqual([init.users, init.lost], [[], 0]);
  const ada = await ApiClient.join(server.url, 'Ada', { room: 'other' });
  await ada.send('hello');
  assert.equal(JSON.parse((await feed.expect('join')).data).name, 'Ada');
  const said = await feed.expect('message');
  assert.equal(JSON.parse(said.data).message, 'hello');
  assert.match(said.id ?? '', /-2$/);
  assert.deepEqual((await ada.users()).body.users, ['Ada']);
  feed.close();
});

test('last=N shows the last N events first, after=… what comes after it, Last-Event-ID wins', async () => {
  const last = await talk().feed('?last=2');
  const init = JSON.parse((await last.expect('init')).data);
  assert.deepEqual(init.users, ['Ada']);
  for (const text of ['m6', 'm7']) {
    assert.equal(JSON.parse((await last.expect('message')).data).message, text);
  }
  last.close();

  const { cursor } = (await talk().history('?limit=1')).body;
  const after = await talk().feed(`?after=${cursor}`);
  assert.equal(JSON.parse((await after.expect('message')).data).message, 'm7');
  after.close();

  const resumed = await talk().feed('?after=0', { 'last-event-id': cursor });
  assert.equal(JSON.parse((await resumed.expect('message')).data).message, 'm7');
  resumed.close();

  const empty = await talk().feed(`?after=${cursor}`, { 'last-event-id': '' });
  assert.equal(JSON.parse((await empty.expect('message')).data).message, 'm7', 'an empty one is none');
  empty.close();

  const unreadable = await talk().feed('?after=nonsense');
  assert.equal(JSON.parse((await unreadable.expect('init')).data).lost, null);
  unreadable.close();
});

test('a feed of the wrong shape is refused for good', async () => {
  for (const query of ['?last=-1', '?last=x', '?last=10001', '?limit=3']) {
    assertProblem(await talk().call('GET', `/feed${query}`), 400, 'invalid-request');
  }
});

test('FEED=off: no feed, and the rest is for members', async (t) => {
  const own = await startServer({ ...unlimited, FEED: 'off' });
  t.after(() => own.close());
  const nobody = new ApiClient(own.url);
  assertProblem(await nobody.call('GET', '/feed'), 404, 'not-found');
  assertProblem(await nobody.history(), 401, 'credentials-required');
  const ada = await ApiClient.join(own.url, 'Ada');
  assertProblem(await ada.call('GET', '/feed'), 404, 'not-found');
  assert.equal((await ada.history()).status, 200);
});

test('FEED=members: read by sessions of the room only, with a bearer or a cookie', async (t) => {
  const denied = new Set<Operation>();
  const own = await startServer(
    { ...unlimited, FEED: 'members', ROOMS: 'lobby,other' },
    { hooks: { authorize: (_user, operation) => !denied.has(operation) } },
  );
  t.after(() => own.close());
  const list = async (client: ApiClient) => (await client.call('GET', '/../../rooms')).body;
  const nobody = new ApiClient(own.url);
  for (const path of ['/history', '', '/feed']) {
    assertProblem(await nobody.call('GET', path), 401, 'credentials-required');
  }
  assert.deepEqual(await list(nobody), { rooms: [] });

  const ada = await ApiClient.join(own.url, 'Ada');
  const bob = await ApiClient.joinWithCookie(own.url, 'Bob');
  const stranger = await ApiClient.join(own.url, 'Eve', { room: 'other' });
  for (const client of [ada, bob]) {
    assert.equal((await client.history()).body.events.length, 2);
    assert.equal((await client.call('GET', '')).status, 200);
    assert.deepEqual(await list(client), { rooms: [{ name: 'lobby', members: 2 }] });
    const feed = await client.feed('', client.credentials());
    assert.equal((await feed.expect('init')).type, 'init');
    feed.close();
  }
  assert.deepEqual(await list(stranger), { rooms: [{ name: 'other', members: 1 }] });
  const elsewhere = await nobody.call('GET', '/history', undefined, stranger.credentials());
  assertProblem(elsewhere, 410, 'session-gone');

  denied.add('history').add('getRoom');
  assertProblem(await ada.history(), 403, 'permission-denied');
  assert.deepEqual(await list(ada), { rooms: [] }, 'listed is what may be read');

  const feed = await bob.feed('', bob.credentials());
  await feed.expect('init');
  const { cookie } = bob;
  await bob.destroy();
  assert.equal((await feed.expect('bye')).data.includes('"destroyed"'), true, 'who leaves reads no more');
  bob.cookie = cookie;
  const gone = await bob.history();
  assert.equal(assertProblem(gone, 410, 'session-gone').reason, 'destroyed');
});

test('the list of rooms costs one of READ_LIMIT, however many rooms there are', async (t) => {
  const rooms = Array.from({ length: 20 }, (_, i) => `room-${i}`);
  const own = await startServer({ FEED: 'members', ROOMS: rooms.join(), READ_LIMIT: '3/60' });
  t.after(() => own.close());
  const client = new ApiClient(own.url, 'room-1');
  const cookie = rooms.map((room) => `parlor-${room}=x`).join('; ');
  const headers = [{ authorization: 'Bearer x' }, { cookie }];
  for (const each of headers) {
    const { status, body } = await client.call('GET', '/../../rooms', undefined, each);
    assert.deepEqual([status, body], [200, { rooms: [] }]);
  }
});

test('[P-3] the list of rooms reads a credential once, however many rooms there are', async (t) => {
  const rooms = Array.from({ length: 20 }, (_, i) => `room-${i}`);
  let hashed = 0;
  const hash = (token: string): string => {
    hashed += 1;
    return systemTokens.hash(token);
  };
  const own = await startServer(
    { FEED: 'members', ROOMS: rooms.join() },
    { tokens: { ...systemTokens, hash } },
  );
  t.after(() => own.close());
  const ada = await ApiClient.join(own.url, 'Ada', { room: 'room-7' });
  hashed = 0;
  const { body } = await ada.call('GET', '/../../rooms');
  assert.deepEqual([body, hashed], [{ rooms: [{ name: 'room-7', members: 1 }] }, 1]);
});

test('READ_LIMIT holds for history and rooms, and names itself', async (t) => {
  const own = await startServer({ READ_LIMIT: '2/60' });
  t.after(() => own.close());
  const client = new ApiClient(own.url);
  await client.history();
  await client.call('GET', '');
  for (const path of ['/history', '', '/../../rooms']) {
    const refusal = await client.call('GET', path);
    assert.match(assertProblem(refusal, 429, 'rate-limited').detail, /^READ_LIMIT allows 2 per 60 s\./);
  }
  assert.equal(
    (await ApiClient.join(own.url, 'Ada')).cursor.endsWith('-0'),
    true,
    'create has its own limit',
  );
});

test('ROOMS=*: any room opens on first use, up to MAX_ROOMS', async (t) => {
  const own = await startServer({ ...unlimited, ROOMS: '*', MAX_ROOMS: '2' });
  t.after(() => own.close());
  await ApiClient.join(own.url, 'Ada', { room: 'one' });
  await ApiClient.join(own.url, 'Ada', { room: 'two' });
  const refusal = await new ApiClient(own.url, 'three').create({ name: 'Ada' });
  assert.match(assertProblem(refusal, 503, 'unavailable').detail, /MAX_ROOMS/);
  assertProblem(await new ApiClient(own.url, 'v1').call('GET', ''), 404, 'room-not-found');
  assertProblem(await new ApiClient(own.url, 'x'.repeat(33)).call('GET', ''), 404, 'room-not-found');
  assertProblem(await new ApiClient(own.url, 'x'.repeat(200)).call('GET', ''), 404, 'not-found');
});
