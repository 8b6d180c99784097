import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { ApiClient } from '../support/api-client.ts';
import { has } from '../support/needs.ts';
import { nginxArguments, ProxyProcess } from '../support/proxy-process.ts';
import { freePort } from '../support/redis-server.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { startServer } from '../support/test-server.ts';
import { bearer, hidden, inOrder, refused } from './support/smuggling.ts';

/** A server whose handlers say what they are asked, and a member of its room. */
async function setUp(t: TestContext) {
  const handled: { readonly line: string; readonly front: unknown }[] = [];
  const noteHandled = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('preHandler', (request, _reply, done) => {
      handled.push({ line: `${request.method} ${request.url}`, front: request.headers['x-front'] });
      done();
    });
  };
  diagnostics.subscribe('fastify.initialization', noteHandled);
  const options = { SEND_LIMIT: 'off', UPDATES_LIMIT: 'off', FLOOD_STRIKES: 'off' };
  const server = await startServer(options);
  diagnostics.unsubscribe('fastify.initialization', noteHandled);
  t.after(async () => {
    await server.close();
    assert.deepEqual(server.faults, []);
  });
  const ada = await ApiClient.join(server.url, 'Ada');
  const bytesOf = (bytes: string) => Buffer.from(bytes.replace(bearer, ada.token ?? ''), 'latin1');
  const said = async () => (await ada.history('?limit=1000')).body.events.length;
  handled.length = 0;
  return { ...server, handled, bytesOf, said };
}

/** Sends bytes, and that there are no more; the heads of what comes until the connection is closed. */
async function answersTo(port: number, bytes: Buffer): Promise<{ status: number; head: string }[]> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => {}).on('end', () => socket.end());
  socket.end(bytes);
  if (!socket.closed) await once(socket, 'close');
  return [...text.matchAll(/HTTP\/1\.1 (\d+) [\s\S]*?\r\n\r\n/g)].map(([head, status]) => ({
    head,
    status: Number(status),
  }));
}

test('what two readers may take for different requests is refused, and nothing of it is done', async (t) => {
  const { port, handled, bytesOf, said } = await setUp(t);
  const before = await said();
  handled.length = 0;
  for (const [name, bytes] of refused) {
    const answers = await answersTo(port, bytesOf(bytes));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [400],
      name,
    );
    // Nothing else comes behind what is refused for its Host alone.
    if (bytes.includes(hidden)) assert.match(answers[0]?.head ?? '', /^connection: close\r$/im, name);
    assert.deepEqual(handled, [], name);
  }
  assert.equal(await said(), before);
  t.diagnostic(
    `${refused.length} malformed requests: ${refused.length} refused, 0 of 2 requests in each done`,
  );
  assert.ok(refused.length >= 120, String(refused.length));
});

test('what is in order is answered as RFC 9112 has it: no body is a request, and no request a body', async (t) => {
  const { port, handled, bytesOf } = await setUp(t);
  for (const [name, bytes, expected] of inOrder) {
    handled.length = 0;
    const answers = await answersTo(port, bytesOf(bytes));
    assert.deepEqual(
      answers.map(({ status }) => status),
      expected,
      name,
    );
    const isSecond = expected.length === 2 && expected[0] !== 100;
    assert.equal(handled.filter(({ line }) => line.endsWith(hidden)).length, isSecond ? 1 : 0, name);
  }
  t.diagnostic(`${inOrder.length} requests in order`);
});

/** A real nginx in front, which keeps its connections to the server and marks each request that it passes on. */
async function nginxBefore(t: TestContext, port: number): Promise<number> {
  const folder = temporaryFolder(t);
  const own = await freePort();
  const site = `
    upstream parlor { server 127.0.0.1:${port}; keepalive 1; }
    server {
      listen 127.0.0.1:${own};
      location / {
        proxy_pass http://parlor;
        proxy_http_version 1.1;
        proxy_ignore_client_abort on;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Front "$request_method $request_uri";
        add_header X-Passed-On "$upstream_status" always;
      }
    }`;
  await new ProxyProcess(t, 'nginx', nginxArguments(folder, site), folder, own).start();
  return own;
}

test('behind nginx the server sees the requests that nginx has passed on, and no others', async (t) => {
  if (!has(t, 'nginx')) return;
  const { app, port, bytesOf } = await setUp(t);
  let seen: { readonly line: string; readonly front: unknown }[] = [];
  app.server.on('request', ({ method, url, headers }: IncomingMessage) => {
    seen.push({ line: `${method} ${url}`, front: headers['x-front'] });
  });
  const front = await nginxBefore(t, port);
  const counts = { sent: 0, passedOn: 0, seen: 0, byNginx: 0 };
  // Its answers have no heads.
  const others = refused.filter(([name]) => name !== 'HTTP/0.9');
  for (const [name, bytes] of [...others, ...inOrder]) {
    seen = [];
    const answers = await answersTo(front, bytesOf(bytes));
    const passedOn = answers.filter(({ head }) => /^x-passed-on: \d/im.test(head));
    for (const { line, front: mark } of seen) assert.equal(line, mark, name);
    // What nginx passes on in spite of such a character is refused by the server's own reading.
    const broken = passedOn.length - seen.length;
    assert.ok(broken >= 0, `${name}: ${JSON.stringify({ seen, answers })}`);
    assert.ok(broken <= passedOn.filter(({ status }) => status === 400).length, name);
    counts.sent++;
    counts.passedOn += passedOn.length;
    counts.seen += seen.length;
    counts.byNginx += answers.length - passedOn.length;
  }
  t.diagnostic(
    `${counts.sent} cases through nginx: ${counts.byNginx} requests refused by it, ${counts.passedOn} passed on, ${counts.seen} seen, each as it was passed on, the others refused by the server's parser`,
  );
  assert.ok(counts.seen > inOrder.length);
});
