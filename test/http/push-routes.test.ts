import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { connect, readUntil } from '../support/raw-http.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ ROOMS: 'lobby,second,third,head', UPDATES_LIMIT: 'off' });
});
after(async () => {
  await server.close();
  assert.deepEqual(server.faults, []);
});

for (const kind of ['bearer', 'cookie'] as const) {
  test(`subscribe with a ${kind}: init first, then the own join, then what is said [SES-2]`, async (t) => {
    const room = kind === 'bearer' ? 'lobby' : 'second';
    const ada = new ApiClient(server.url, room);
    await ada.create({ name: 'Ada', delivery: 'push', credential: kind });
    const stream = await ada.subscribe();
    t.after(() => stream.close());
    assert.equal(stream.status, 200);
    const { headers } = stream.response;
    assert.equal(headers['content-type'], 'text/event-stream');
    assert.equal(headers['cache-control'], 'no-store, no-transform');
    assert.equal(headers['x-accel-buffering'], 'no');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    const init = await stream.expect('init');
    const { users, cursor, timeout, heartbeat, lost } = JSON.parse(init.data);
    assert.deepEqual({ users, timeout, heartbeat, lost }, { users: [], timeout: 60, heartbeat: 15, lost: 0 });
    assert.equal(init.id, cursor);
    assert.equal(JSON.parse((await stream.expect('join')).data).name, 'Ada');
    assert.equal((await ada.send('hello')).status, 201);
    const said = await stream.expect('message');
    const event = JSON.parse(said.data);
    assert.deepEqual([event.name, event.message], ['Ada', 'hello']);
    assert.equal(said.id, `${cursor.split('-')[0]}-${event.id}`);
    assert.ok((stream.retry ?? 0) >= 2_000);
  });
}

test('a stream resumes after its cursor, without init; Last-Event-ID wins over after', async () => {
  const ada = await ApiClient.join(server.url, 'Ada', { room: 'third' });
  for (const text of ['one', 'two', 'three']) await ada.send(text);
  const epoch = ada.cursor.split('-')[0];
  const stream = await ada.subscribe(`?after=${epoch}-3`);
  assert.equal(JSON.parse((await stream.expect('message')).data).message, 'three');
  stream.close();
  const again = await ada.subscribe(`?after=${epoch}-1`, { 'last-event-id': `${epoch}-2` });
  assert.equal(JSON.parse((await again.expect('message')).data).message, 'two');
  again.close();
  const gap = await ada.subscribe('?after=unreadable');
  assert.equal(JSON.parse((await gap.expect('init')).data).lost, null);
  gap.close();
});

test('HEAD tells what GET would begin with, and joins nothing [SES-3]', async () => {
  const ada = await ApiClient.join(server.url, 'Ada', { room: 'head', delivery: 'push' });
  const head = await ada.call('HEAD', '/session/events');
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-type'), 'text/event-stream');
  assert.equal((await ada.getSession()).body.state, 'reserved');
  const feed = await ada.call('HEAD', '/feed');
  assert.deepEqual([feed.status, feed.headers.get('content-type')], [200, 'text/event-stream']);
});

test('lasting refusals are problems, passing ones are streams that say bye', async (t) => {
  const own = await startServer({ MAX_STREAMS_PER_IP: '1', UPDATES_LIMIT: '3/60' });
  t.after(() => own.close());
  const ada = await ApiClient.join(own.url, 'Ada');
  assertProblem(await ada.call('GET', '/session/events?liveness=x'), 400, 'invalid-request');
  assertProblem(await ada.call('GET', '/session/events?x=1'), 400, 'invalid-request');
  const dead = { authorization: 'Bearer x' };
  assertProblem(await ada.call('GET', '/session/events', undefined, dead), 410, 'session-gone');

  const first = await ada.subscribe();
  await first.expect('init');
  for (const refused of [await ada.subscribe(), await ada.feed()]) {
    assert.equal(refused.status, 200);
    const [bye, ...rest] = await refused.rest();
    assert.equal(bye?.type, 'bye');
    assert.deepEqual(JSON.parse(bye?.data ?? ''), {
      reason: 'unavailable',
      action: 'reconnect',
      reconnect: true,
    });
    assert.deepEqual(rest, []);
    assert.ok((refused.retry ?? 0) >= 2_000);
  }
  first.close();
  // UPDATES_LIMIT is used up by now, and that passes too.
  const limited = [await ada.subscribe(), await ada.subscribe()].at(-1) ?? assert.fail();
  assert.equal((await limited.rest()).at(-1)?.type, 'bye');
  assert.equal(
    (await ada.call('HEAD', '/session/events')).status,
    200,
    'HEAD opens nothing and is not limited',
  );
});

test('a stream behind another request on the same connection is refused', async () => {
  const ada = await ApiClient.join(server.url, 'Pipelined');
  const head = `Host: x\r\nAuthorization: Bearer ${ada.token}\r\n`;
  const socket = await connect(server.port);
  socket.write(
    `GET /v1/rooms/lobby/session/updates?wait=25&after=${ada.cursor.split('-')[0]}-9999 HTTP/1.1\r\n${head}\r\n` +
      `GET /v1/rooms/lobby/session/events HTTP/1.1\r\n${head}Connection: close\r\n\r\n`,
  );
  assert.match(await readUntil(socket, /pipelining/), /HTTP\/1\.1 400 Bad Request/);
  socket.destroy();
});
