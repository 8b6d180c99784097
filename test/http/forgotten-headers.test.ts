import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import { parseConfig } from '../../src/config/config.ts';
import { parlor } from '../../src/plugin.ts';
import { ApiClient } from '../support/api-client.ts';
import { startServer } from '../support/test-server.ts';

/** The requests that a server gets from now on. */
function requestsOf(app: FastifyInstance): IncomingMessage[] {
  const requests: IncomingMessage[] = [];
  app.server.on('request', (request: IncomingMessage) => requests.push(request));
  return requests;
}

test('an open stream keeps nothing of what its request said', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const ada = await ApiClient.join(server.url, 'Ada');
  const requests = requestsOf(server.app);
  const stream = await ada.subscribe();
  t.after(() => stream.close());
  await stream.expect('init');
  await ada.send('hello');
  await stream.expect('message');
  const [subscribe, send] = requests;
  assert.deepEqual([subscribe?.headers, subscribe?.rawHeaders], [{}, []]);
  assert.equal(send?.headers.authorization, `Bearer ${ada.token}`, 'other requests end soon enough');
});

test('in somebody else’s application they stay for whoever looks at them', async (t) => {
  const app = Fastify();
  await app.register(parlor, { config: parseConfig({ STORE_URL: 'memory:' }) });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => app.close());
  const ada = await ApiClient.join(url, 'Ada');
  const requests = requestsOf(app);
  const stream = await ada.subscribe();
  t.after(() => stream.close());
  await stream.expect('init');
  assert.equal(requests[0]?.headers.authorization, `Bearer ${ada.token}`);
});
