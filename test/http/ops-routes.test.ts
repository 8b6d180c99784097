import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import { parseConfig } from '../../src/config/config.ts';
import { parlor } from '../../src/plugin.ts';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { startServer } from '../support/test-server.ts';

test('a server that takes work is alive and ready', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  for (const [path, status] of [
    ['/livez', 'alive'],
    ['/readyz', 'ready'],
  ]) {
    const response = await fetch(`${server.url}${path}`);
    assert.deepEqual([response.status, await response.json()], [200, { status }]);
  }
});

test('a server that stops is alive, not ready, and takes no new work', async (t) => {
  let letGo: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let draining: () => void = () => {};
  const isDraining = new Promise<void>((resolve) => {
    draining = resolve;
  });
  const app = Fastify({ return503OnClosing: false });
  await app.register(parlor, { config: parseConfig({ UPDATES_LIMIT: 'off' }) });
  // A part of the surrounding application that takes its time, while the server still listens.
  app.register(async (scope) => {
    scope.addHook('preClose', async () => {
      draining();
      await gate;
    });
  });
  const url = await app.listen({ port: 0 });
  const ada = await ApiClient.join(url, 'Ada');
  const closed = app.close();
  t.after(() => closed);
  await isDraining;
  try {
    assert.equal((await fetch(`${url}/livez`)).status, 200);
    const ready = await fetch(`${url}/readyz`);
    assert.deepEqual([ready.status, await ready.json()], [503, { status: 'draining' }]);
    for (const refusal of [await new ApiClient(url).create({ name: 'Bob' }), await ada.send('hello')]) {
      assertProblem(refusal, 503, 'unavailable');
      assert.equal(refusal.headers.get('retry-after'), '2');
    }
    for (const stream of [await ada.subscribe(), await ada.feed()]) {
      assert.equal(stream.status, 200);
      assert.match((await stream.rest()).at(-1)?.data ?? '', /"reason":"unavailable"/);
    }
    const { status, body } = await ada.updates({ wait: 25, after: (await ada.users()).body.cursor });
    assert.deepEqual([status, body.events], [200, []], 'nobody waits any more');
    assert.equal((await ada.destroy()).status, 204, 'leaving is always possible');
  } finally {
    letGo();
  }
});
