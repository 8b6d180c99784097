/** What a client and an embedding application meet when the server is stopped and started on the same file. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Arrival, Hooks, SessionHandle } from '../../src/core/hooks.ts';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

/** Starts servers on one file, one after the other. */
function lasting(t: TestContext, options: Record<string, string> = {}) {
  const storeUrl = `sqlite:${join(temporaryFolder(t), 'parlor.db')}`;
  let server: TestServer | undefined;
  t.after(() => server?.close());
  return async (hooks: Hooks = {}): Promise<TestServer> => {
    await server?.close();
    server = await startServer({ STORE_URL: storeUrl, ...options }, { hooks });
    return server;
  };
}

/** The same client at another address. */
function moved(client: ApiClient, url: string): ApiClient {
  const again = new ApiClient(url, client.room);
  again.token = client.token;
  return again;
}

test('[SES-8] members are still members after a restart, with no leave or join', async (t) => {
  const restart = lasting(t);
  const before = await restart();
  const ada = await ApiClient.join(before.url, 'Ada');
  const bob = await ApiClient.join(before.url, 'Bob', { delivery: 'push' });
  const stream = await bob.subscribe();
  await stream.expect('init');
  await stream.expect('join');
  const said = await ada.send('hello', 'k1');
  const lastId = (await stream.expect('message')).id;

  const after = await restart();
  assert.equal((await stream.expect('bye')).data.includes('"shutdown"'), true);
  const adaAgain = moved(ada, after.url);
  const bobAgain = moved(bob, after.url);
  const resumed = await bobAgain.subscribe('', { 'last-event-id': String(lastId) });
  assert.deepEqual((await adaAgain.users()).body.users.sort(), ['Ada', 'Bob']);
  const repeated = await adaAgain.send('hello', 'k1');
  assert.deepEqual([repeated.status, repeated.body], [200, said.body]);
  await adaAgain.send('still here');
  const next = await resumed.expect('message');
  assert.equal(JSON.parse(next.data).message, 'still here', 'nothing came in between, and no gap was told');
  assert.equal(JSON.parse(next.data).id, said.body.id + 1);
  resumed.close();
  assert.deepEqual(after.faults, []);
});

test('[SES-8] a client that gives no cursor goes on where it read last', async (t) => {
  const restart = lasting(t);
  const ada = await ApiClient.join((await restart()).url, 'Ada');
  await ada.send('one');
  assert.equal((await ada.updates()).body.events.length, 2);
  await ada.send('two');
  const again = moved(ada, (await restart()).url);
  assert.deepEqual(
    (await again.updates()).body.events.map(({ message }) => message),
    ['two'],
  );
  assert.deepEqual((await again.updates()).body.events, []);
});

test('[SES-8] hooks are told that a session was resumed, and what was bound to it goes with the process', async (t) => {
  const restart = lasting(t);
  const told: string[] = [];
  const hooks = (name: string): Hooks => ({
    onSessionCreated(handle: SessionHandle, { resumed }: Arrival) {
      told.push(`${name}: ${handle.name} ${resumed ? 'resumed' : 'created'}`);
      handle.use(() => {
        told.push(`${name}: released`);
      });
    },
    onSessionDestroyed() {
      told.push(`${name}: destroyed`);
    },
  });
  const ada = await ApiClient.join((await restart(hooks('first'))).url, 'Ada');
  const again = moved(ada, (await restart(hooks('second'))).url);
  assert.equal((await again.ping()).status, 204);
  assert.equal((await again.ping()).status, 204);
  assert.equal((await again.destroy()).status, 204);
  assert.deepEqual(told, [
    'first: Ada created',
    'first: released',
    'second: Ada resumed',
    'second: released',
    'second: destroyed',
  ]);
});

test('[SES-7] who does not come back after a restart is reaped, and leaves once', async (t) => {
  const restart = lasting(t, { SESSION_TIMEOUT: '0.5', REAPER_INTERVAL: '0.1', HEARTBEAT: '0.1' });
  await ApiClient.join((await restart()).url, 'Ada');
  const { url } = await restart();
  const feed = await new ApiClient(url).feed('?after=0');
  assert.equal(JSON.parse((await feed.expect('join')).data).name, 'Ada');
  assert.equal(JSON.parse((await feed.expect('leave')).data).name, 'Ada');
  feed.close();
  assert.equal((await ApiClient.join(url, 'Ada')).token !== undefined, true, 'the name is free');
});

test('[P-3] MAX_SESSIONS counts who was there before a restart, whether he came back or not', async (t) => {
  const restart = lasting(t, { MAX_SESSIONS: '2' });
  const { url } = await restart();
  const ada = await ApiClient.join(url, 'Ada');
  await ApiClient.join(url, 'Bob');
  const after = await restart();
  const cleo = new ApiClient(after.url);
  const adaAgain = moved(ada, after.url);
  assert.match(assertProblem(await cleo.create({ name: 'Cleo' }), 503, 'unavailable').detail, /MAX_SESSIONS/);
  assert.equal((await adaAgain.ping()).status, 204);
  assertProblem(await cleo.create({ name: 'Cleo' }), 503, 'unavailable');
  assert.equal((await adaAgain.destroy()).status, 204);
  assert.equal((await cleo.create({ name: 'Cleo' })).status, 201, 'who came back was counted once');
  assertProblem(await new ApiClient(after.url).create({ name: 'Dan' }), 503, 'unavailable');
});
