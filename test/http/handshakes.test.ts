import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { Handshakes } from '../../src/http/handshakes.ts';
import { Authority } from '../support/certificates.ts';
import { listening } from '../support/listening.ts';
import { has } from '../support/needs.ts';
import { connect } from '../support/raw-http.ts';
import { waitUntil } from '../support/wait-until.ts';

async function setUp(t: TestContext) {
  const { texts } = await (await Authority.create(t)).server();
  // Node would cut them off by itself, but long after the test has given up.
  const server = createServer({ ...texts, handshakeTimeout: 600_000 });
  const handshakes = new Handshakes();
  handshakes.watch(server);
  const port = Number(new URL(await listening(t, server)).port);
  const silent = async () => {
    const socket = await connect(port);
    t.after(() => socket.destroy());
    return socket.resume();
  };
  const secure = async () => {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    return socket.resume();
  };
  return { handshakes, silent, secure };
}

test('a connection is known until it is secure or closed, and no longer', async (t) => {
  if (!has(t, 'openssl')) return;
  const { handshakes, silent, secure } = await setUp(t);
  const [first, second] = [await silent(), await silent()];
  await secure();
  await waitUntil(() => handshakes.size === 2, 'two are known');
  first.destroy();
  second.resetAndDestroy();
  await waitUntil(() => handshakes.size === 0, 'none is known');
});

test('at the end those that are not secure are cut off, also when they come later, and no others', async (t) => {
  if (!has(t, 'openssl')) return;
  const { handshakes, silent, secure } = await setUp(t);
  const [first, talking] = [await silent(), await secure()];
  await waitUntil(() => handshakes.size === 1, 'one is known');
  handshakes.end();
  const late = await silent();
  await waitUntil(() => first.closed && late.closed, 'they are cut off');
  assert.equal(talking.closed, false);
});
