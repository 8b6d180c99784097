import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import compress from '@fastify/compress';
import Fastify, { type FastifyInstance } from 'fastify';
import { parseConfig } from '../src/config/config.ts';
import { parlor } from '../src/plugin.ts';
import { ApiClient } from './support/api-client.ts';
import { assertProblem } from './support/problem.ts';

/** Somebody else's application, with habits of its own in everything that a plugin could inherit. */
async function strangersApp(): Promise<FastifyInstance> {
  const app = Fastify({ bodyLimit: 200 });
  app.setValidatorCompiler(() => () => ({ error: new Error('the stranger validates') }));
  app.setSerializerCompiler(() => () => '"the stranger serialises"');
  app.setErrorHandler((error, _request, reply) => {
    reply.code(418).send(`"the stranger handles ${error instanceof Error ? error.message : error}"`);
  });
  app.setNotFoundHandler((_request, reply) => {
    reply.code(404).send('the stranger finds nothing');
  });
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('x-stranger', 'was here');
  });
  await app.register(compress);
  app.get('/own/:id', { schema: { params: { type: 'object' } } }, () => 'never');
  app.get('/own', { schema: { response: { 200: { type: 'object' } } } }, () => ({ a: 1 }));
  app.post('/own', (request) => request.body);
  return app;
}

async function listen(t: TestContext, app: FastifyInstance): Promise<string> {
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => app.close());
  return url;
}

const config = parseConfig({ STORE_URL: 'memory:', UPDATES_LIMIT: 'off' });

test('below a prefix everything works as in the server', async (t) => {
  const app = await strangersApp();
  await app.register(parlor, { config, prefix: '/chat' });
  const url = `${await listen(t, app)}/chat`;

  const ada = await ApiClient.join(url, 'Ada');
  assert.equal((await ada.send('hello')).status, 201);
  const { body } = await ada.updates();
  assert.deepEqual(
    body.events.map(({ type, message }) => [type, message]),
    [
      ['join', undefined],
      ['message', 'hello'],
    ],
  );
  const stream = await ada.subscribe('?after=0');
  assert.equal(stream.response.headers['x-stranger'], 'was here', 'what hooks have set is kept');
  assert.equal(JSON.parse((await stream.expect('join')).data).name, 'Ada');
  stream.close();
  assert.deepEqual((await ada.call('GET', '')).body, { name: 'lobby', members: 1 });
  assert.equal((await fetch(`${url}/livez`)).status, 200);

  assertProblem(await ada.updates({ limit: 0 }), 400, 'invalid-request');
  assertProblem(await ada.send(''), 422, 'invalid-message');
  assert.equal((await ada.send('x'.repeat(1000))).status, 201, 'the body limit is Parlor’s own');
  assertProblem(await ada.send('x'.repeat(17_000)), 413, 'payload-too-large');
  const wrongMethod = await ada.call('PUT', '/session');
  assertProblem(wrongMethod, 405, 'method-not-allowed');
  assert.equal(wrongMethod.headers.get('allow'), 'GET, HEAD, POST, DELETE, OPTIONS');
  assert.equal((await ada.call('OPTIONS', '/session')).status, 204);
  assertProblem(await ada.call('GET', '/nothing'), 404, 'not-found');
});

test('the surrounding application keeps its habits', async (t) => {
  const app = await strangersApp();
  await app.register(parlor, { config, prefix: '/chat' });
  const url = await listen(t, app);
  const text = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init);
    return [response.status, await response.text()];
  };
  assert.deepEqual(await text('/own/1'), [418, '"the stranger handles the stranger validates"']);
  assert.deepEqual(await text('/own'), [200, '"the stranger serialises"']);
  assert.deepEqual(await text('/nowhere'), [404, 'the stranger finds nothing']);
  assert.deepEqual(await text('/own', { method: 'POST', body: 'plain' }), [200, 'plain']);
  assert.deepEqual(await text('/own', { method: 'PUT' }), [404, 'the stranger finds nothing']);
  const { headers } = await fetch(`${url}/own`);
  assert.equal(headers.get('x-content-type-options'), null);
  assert.equal(headers.get('cache-control'), null);
});

test('without a prefix unknown addresses belong to the surrounding application', async (t) => {
  const app = await strangersApp();
  await app.register(parlor, { config });
  const url = await listen(t, app);
  const ada = await ApiClient.join(url, 'Ada');
  assert.equal((await ada.ping()).status, 204);
  const nowhere = await fetch(`${url}/nowhere`);
  assert.deepEqual([nowhere.status, await nowhere.text()], [404, 'the stranger finds nothing']);
});

test('errors of hooks of the surrounding application are told as problems, without its words', async (t) => {
  const reported: { problem: unknown; thrown: unknown }[] = [];
  const app = Fastify();
  app.addHook('preHandler', async (request) => {
    if (request.url.includes('/users')) throw Object.assign(new Error('secret'), { statusCode: 403 });
    if (request.url.includes('/updates')) throw new Error('secret');
  });
  await app.register(parlor, {
    config,
    reportProblem: (problem, thrown) => reported.push({ problem, thrown }),
  });
  const ada = await ApiClient.join(await listen(t, app), 'Ada');
  const denied = assertProblem(await ada.users(), 403, 'permission-denied');
  const fault = assertProblem(await ada.updates(), 500, 'internal');
  assert.doesNotMatch(JSON.stringify([denied, fault]), /secret/);
  assert.deepEqual(
    reported.map(({ problem }) => problem),
    [denied, fault],
  );
  for (const { thrown } of reported) assert.ok(thrown instanceof Error && thrown.message === 'secret');
});

test('two of them live in one application, and know nothing of each other', async (t) => {
  const app = Fastify();
  await app.register(parlor, { config, prefix: '/one' });
  await app.register(parlor, { config, prefix: '/two' });
  const url = await listen(t, app);
  const [one, two] = [await ApiClient.join(`${url}/one`, 'Ada'), await ApiClient.join(`${url}/two`, 'Ada')];
  await one.send('only here');
  assert.equal((await one.updates()).body.events.length, 2);
  assert.equal((await two.updates()).body.events.length, 1);
  two.token = one.token;
  assertProblem(await two.getSession(), 410, 'session-gone');
});

test('closing the application ends streams and waiting polls at once', async () => {
  const app = Fastify();
  await app.register(parlor, { config });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const ada = await ApiClient.join(url, 'Ada');
  const stream = await ada.subscribe();
  await stream.expect('init');
  await app.close();
  const last = (await stream.rest()).at(-1);
  assert.deepEqual([last?.type, JSON.parse(last?.data ?? '{}').reason], ['bye', 'shutdown']);
});
