import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connectionsWithin } from '../../src/http/connection-limit.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

async function setUp(t: TestContext, descriptors: number) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const server = await startServer({}, { clock, descriptors, warn: (line) => lines.push(line) });
  t.after(() => server.close());
  const open = async () => {
    const connection = await RawConnection.open(server.port);
    t.after(() => connection.socket.destroy());
    return connection;
  };
  return { server, clock, lines, open };
}

test('connections leave 128 descriptors to others, and are a few where there are hardly as many', () => {
  for (const [descriptors, connections] of [
    [20_000, 19_872],
    [1_024, 896],
    [256, 128],
    [170, 42],
    [128, 32],
    [20, 5],
    [1, 1],
  ] as const) {
    assert.equal(connectionsWithin(descriptors), connections);
  }
});

test('without a limit of descriptors there is none of connections', async (t) => {
  const { server, lines } = await setUp(t, Number.POSITIVE_INFINITY);
  assert.equal(server.app.server.maxConnections, undefined);
  assert.deepEqual(lines, []);
});

test('a limit that is too low for the reserve is said in one line, and a few connections are taken', async (t) => {
  const { server, lines, open } = await setUp(t, 20);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^At most 20 files .* keep 128 back: only 5 connections .*ulimit -n/);
  for (let count = 0; count < 4; count++) await open();
  assert.equal((await fetch(`${server.url}/livez`)).status, 200);
});

test('over the limit connections are dropped, said at once and then together; one that closes makes room', async (t) => {
  const { clock, lines, open } = await setUp(t, 133);
  lines.splice(0);
  const taken = await Promise.all(Array.from({ length: 33 }, open));
  for (let count = 0; count < 10; count++) {
    const dropped = await open();
    await dropped.waitForClose();
  }
  assert.ok(taken.every(({ isClosed }) => !isClosed));
  assert.match(
    lines.join(),
    /^Connections dropped: 1\. At most 33 are taken at once, as 133 files may be open/,
  );
  clock.advance(4_999);
  assert.equal(lines.length, 1);
  clock.advance(1);
  assert.match(lines.slice(1).join(), /^Connections dropped: 9\./);
  clock.advance(20_000);
  assert.equal(lines.length, 2, 'nothing more is dropped');
  taken[0]?.socket.destroy();
  await waitUntil(async () => {
    const next = await open();
    next.request('GET /livez HTTP/1.1', { connection: 'close' });
    await next.waitForClose();
    return next.text.includes('"alive"');
  }, 'there is room again');
});

test('[P-3] where places are short the connection that is idle longest makes room, and what is under way goes on', async (t) => {
  const { clock, lines, open } = await setUp(t, 20);
  lines.splice(0);
  const ask = async (connection: RawConnection, times = 1) => {
    for (let count = 0; count < times; count++) connection.request('GET /livez HTTP/1.1');
    for (let count = 0; count < times; count++) assert.equal((await connection.answer()).status, 200);
  };
  const stream = await open();
  stream.request('GET /v1/rooms/lobby/feed HTTP/1.1');
  await stream.waitFor('event: init');
  const unused = await open();
  const [first, second, third] = [await open(), await open(), await open()];
  await ask(first);
  await ask(second, 3);
  clock.advance(1);
  await ask(third);
  clock.advance(1);
  // It has been idle least now, though it came first.
  await ask(first);

  clock.advance(4_997);
  await (await open()).waitForClose();
  assert.equal(lines.length, 1, 'all were asked over a moment ago: the newcomer is dropped');
  clock.advance(1);
  await (await open()).waitForClose();
  await second.waitForClose();
  clock.advance(1);
  const newcomer = await open();
  await ask(newcomer);
  await third.waitForClose();
  clock.advance(1);
  const other = await open();
  await ask(other);
  await first.waitForClose();
  assert.deepEqual([stream, unused, newcomer, other].map(isThere), [true, true, true, true]);
  await ask(newcomer);
  await ask(unused);
});

function isThere({ isClosed, socket }: RawConnection): boolean {
  return !isClosed && !socket.readableEnded;
}

test('a server that cannot accept for want of descriptors goes on, and says so', async (t) => {
  const { server, lines } = await setUp(t, 1_000);
  for (const code of ['EMFILE', 'ENFILE'])
    server.app.server.emit('error', Object.assign(new Error(), { code }));
  assert.equal(lines.length, 1);
  assert.throws(() => server.app.server.emit('error', new Error('something else')), /something else/);
  assert.equal((await fetch(`${server.url}/livez`)).status, 200);
});
