import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import Fastify from 'fastify';
import { parlor } from '../src/index.ts';
import { MetricsListener } from '../src/listening.ts';
import { listening } from './support/listening.ts';
import { Figures } from './support/metrics.ts';
import { connect } from './support/raw-http.ts';
import { ServerProcess } from './support/server-process.ts';
import { waitUntil } from './support/wait-until.ts';

const page = { answer: async () => ({ type: 'text/plain', text: 'figures 1\n' }) };

test('at an address of their own the figures are given to anybody, and nothing else is', async (t) => {
  const listener = new MetricsListener(page, () => {});
  t.after(() => listener.close());
  const address = await listener.listen({ host: '127.0.0.1', port: 0 });
  const url = address.replace(/\/metrics$/, '');
  const given = await fetch(`${url}/metrics?x=1`);
  assert.deepEqual([given.status, await given.text()], [200, 'figures 1\n']);
  const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  assert.equal((await fetch(`${url}/`)).status, 404);
  assert.equal((await fetch(`${url}/v1/rooms`)).status, 404);
  const posted = await fetch(`${url}/metrics`, { method: 'POST', body: 'x' });
  assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD']);
  await listener.close();
  await assert.rejects(fetch(`${url}/metrics`));
});

test('figures that cannot be given are a 500 without a word of why, which is told to the server', async (t) => {
  const faults: unknown[] = [];
  const answer = () => Promise.reject(new Error('secret trouble'));
  const listener = new MetricsListener({ answer }, (error) => faults.push(error));
  t.after(() => listener.close());
  const refused = await fetch(await listener.listen({ host: '127.0.0.1', port: 0 }));
  assert.equal(refused.status, 500);
  assert.doesNotMatch(await refused.text(), /secret/);
  assert.equal(faults.length, 1);
});

test('[P-3] whoever asks for figures again before he has taken them is cut off', async (t) => {
  let asked = 0;
  const answer = async () => {
    asked += 1;
    return { type: 'text/plain', text: 'figures 1\n'.repeat(1_000) };
  };
  const listener = new MetricsListener({ answer }, () => {});
  t.after(() => listener.close());
  const { port } = new URL(await listener.listen({ host: '127.0.0.1', port: 0 }));
  const greedy = await connect(Number(port));
  greedy.resume();
  await ask(greedy, 500);
  await waitUntil(() => greedy.destroyed, 'the connection was cut off');
  assert(asked <= 1, `asked ${asked} times`);
});

test('[P-3] whoever takes no figures that he asked for keeps no place from others', async (t) => {
  // More than what the system takes for a connection.
  const answer = async () => ({ type: 'text/plain', text: 'x'.repeat(2 ** 24) });
  const listener = new MetricsListener({ answer }, () => {}, 300);
  t.after(() => listener.close());
  const { port } = new URL(await listener.listen({ host: '127.0.0.1', port: 0 }));
  for (let count = 0; count < 32; count++) {
    const idle = await connect(Number(port));
    t.after(() => idle.destroy());
    idle.pause();
    await ask(idle, 1);
  }
  const given = () =>
    fetch(`http://127.0.0.1:${port}/metrics`).then(
      async (response) => (await response.text()).length,
      () => undefined,
    );
  await waitUntil(async () => (await given()) === 2 ** 24, 'the figures were given');
});

function ask(socket: Socket, times: number): Promise<void> {
  return new Promise((resolve) => {
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(times), () => resolve());
  });
}

test('METRICS with an address that is taken ends the start with one line', async (t) => {
  const { port } = new URL(await listening(t, createServer()));
  const server = ServerProcess.spawn({ env: { METRICS: `127.0.0.1:${port}`, STORE_URL: 'memory:' } });
  assert.equal(await server.exited, 1);
  assert.equal(
    server.stderr,
    `parlor: METRICS: cannot listen on 127.0.0.1, port ${port}: something else listens there; stop that, or take another port.\n`,
  );
});

test('METRICS with an address gives the figures there without a token, and ends with the server', async (t) => {
  const server = await ServerProcess.start({ env: { METRICS: '127.0.0.1:0', STORE_URL: 'memory:' } });
  t.after(() => server.stop());
  const address = await server.printed(/The figures are at (http:\/\/127\.0\.0\.1:\d+\/metrics)/);
  const figures = new Figures(await (await fetch(address)).text());
  assert.equal(figures.of('parlor_state{state="ready"}'), 1);
  assert.equal((await fetch(`${server.url}/metrics`)).status, 404);
  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
});

test('an application that has Parlor as a plugin listens itself: METRICS takes no address there', async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  await assert.rejects(
    async () => app.register(parlor, { storeUrl: 'memory:', metrics: '127.0.0.1:9464' }),
    /^ConfigError: METRICS \(metrics\): expected admin or off/,
  );
});
