import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import Fastify from 'fastify';
import { parlor } from '../src/index.ts';
import { MetricsListener } from '../src/listening.ts';
import { listening } from './support/listening.ts';
import { Figures } from './support/metrics.ts';
import { ServerProcess } from './support/server-process.ts';

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
