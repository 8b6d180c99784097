import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildApp } from '../src/app.ts';
import { parseConfig } from '../src/config/config.ts';
import { ApiClient } from './support/api-client.ts';
import { assertProblem } from './support/problem.ts';
import { startServer } from './support/test-server.ts';

test('two apps in one process share nothing', async (t) => {
  const [one, two] = [await startServer(), await startServer({ MAX_MESSAGE_BYTES: '5' })];
  t.after(() => Promise.all([one.close(), two.close()]));
  const [ada, bob] = [await ApiClient.join(one.url, 'Ada'), await ApiClient.join(two.url, 'Ada')];
  assert.equal((await ada.send('long enough')).status, 201);
  assertProblem(await bob.send('long enough'), 422, 'invalid-message');
  assert.equal((await ada.updates()).body.events.length, 2);
  assert.equal((await bob.updates()).body.events.length, 1);
  await two.close();
  assert.equal((await ada.ping()).status, 204, 'closing one leaves the other');
});

test('an app that never listens answers injected requests, and closes', async () => {
  const app = await buildApp(parseConfig({ STORE_URL: 'memory:' }), {
    publicDirectory: new URL('../public', import.meta.url).pathname,
  });
  const created = await app.inject({
    method: 'POST',
    url: '/v1/rooms/lobby/session',
    payload: { name: 'Ada', credential: 'bearer' },
  });
  assert.equal(created.statusCode, 201);
  const { token } = created.json();
  const updates = await app.inject({
    url: '/v1/rooms/lobby/session/updates',
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(updates.json().events[0].name, 'Ada');
  await app.close();
});

test('every request has an id of its own, which its error tells', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const client = new ApiClient(server.url);
  const ids = new Set<string>();
  for (let i = 0; i < 3; i++) {
    const refusal = await client.call('GET', '/nothing', undefined, { 'request-id': 'mine' });
    ids.add(assertProblem(refusal, 404, 'not-found').requestId);
  }
  assert.equal(ids.size, 3);
  assert.equal(ids.has('mine'), false, 'no client chooses what stands in the log');
});

test('a page that was not built, or asks for what was not, stops the start with a clear line', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'parlor-app-'));
  t.after(() => rm(folder, { recursive: true }));
  await assert.rejects(
    buildApp(parseConfig({ STORE_URL: 'memory:' }), { publicDirectory: folder }),
    /manifest\.json is missing: run "npm run build"/,
  );
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'assets', 'manifest.json'), '{}');
  await writeFile(join(folder, 'index.html'), '<script src="{{asset:page.js}}"></script>');
  await assert.rejects(
    buildApp(parseConfig({ STORE_URL: 'memory:' }), { publicDirectory: folder }),
    /asks for the asset page\.js, which was not built/,
  );
});

test('an unknown address is a problem, also for a browser', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const response = await fetch(`${server.url}/a/b?secret=1`, { headers: { accept: 'text/html' } });
  const { status, headers } = response;
  const { detail } = assertProblem({ status, headers, body: await response.json() }, 404, 'not-found');
  assert.equal(detail, 'There is nothing at "/a/b".');
});

test('says once that a proxy is not trusted, and never of one that is', async (t) => {
  for (const [trusted, expected] of [
    ['off', 1],
    ['127.0.0.1', 0],
  ] as const) {
    const lines: string[] = [];
    const server = await startServer({ TRUST_PROXY: trusted }, { warn: (line) => lines.push(line) });
    t.after(() => server.close());
    // The last client is on the proxy's own machine.
    for (const client of ['192.0.2.7', '192.0.2.8', '127.0.0.1']) {
      await fetch(`${server.url}/livez`, { headers: { 'x-forwarded-for': client } });
    }
    assert.equal(lines.length, expected);
    if (expected > 0) assert.match(lines[0] ?? '', /^127\.0\.0\.1 .*TRUST_PROXY/);
  }
});
