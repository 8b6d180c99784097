import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusStore } from '../support/status-store.ts';
import { startServer } from '../support/test-server.ts';

test('/readyz says how the server stands, and when to ask again; /livez is 200 whatever it says', async (t) => {
  const store = new StatusStore('starting');
  const server = await startServer({}, { store });
  t.after(() => server.close());
  const expectReady = async (status: number, state: string, retryAfter: string | null) => {
    const ready = await fetch(`${server.url}/readyz`);
    assert.deepEqual([ready.status, await ready.json()], [status, { status: state, store: store.status }]);
    assert.equal(ready.headers.get('retry-after'), retryAfter);
    const alive = await fetch(`${server.url}/livez`);
    assert.deepEqual([alive.status, await alive.json()], [200, { status: 'alive' }]);
  };
  await expectReady(503, 'starting', '1');
  store.become('ready');
  await expectReady(200, 'ready', null);
  store.become('away');
  await expectReady(503, 'store-away', '1');
  store.become('ready');
  await expectReady(200, 'ready', null);
});
