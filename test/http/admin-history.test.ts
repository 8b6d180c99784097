import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { AdminDeed } from '../../src/core/observer.ts';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { startServer } from '../support/test-server.ts';

const token = 'a-secret-of-enough-characters';

async function setUp(t: TestContext, options: Record<string, string>) {
  const deeds: AdminDeed[] = [];
  const server = await startServer(
    { ADMIN_TOKEN: token, SEND_LIMIT: 'off', ...options },
    { observer: { administered: (deed) => deeds.push(deed) } },
  );
  t.after(() => server.close());
  const read = async (path: string, secret = token) => {
    const response = await fetch(`${server.url}/v1${path}`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
  };
  return { ...server, deeds, read };
}

test('an operator reads what a room’s members do, page by page, without being in it', async (t) => {
  const { url, read, deeds } = await setUp(t, { FEED: 'members' });
  const ada = await ApiClient.join(url, 'Ada');
  for (let i = 1; i <= 5; i++) await ada.send(`message ${i}`);
  const newest = await read('/admin/rooms/lobby/history?limit=2');
  assert.equal(newest.status, 200);
  const textsOf = ({ body }: typeof newest) => body.events.map(({ message }: { message: string }) => message);
  assert.deepEqual(textsOf(newest), ['message 4', 'message 5']);
  assert.equal(newest.body.more, true);
  const before = await read(`/admin/rooms/lobby/history?limit=2&before=${newest.body.cursor}`);
  assert.deepEqual(textsOf(before), ['message 2', 'message 3']);
  const asMember = await read('/rooms/lobby/history?limit=2', ada.token);
  assert.deepEqual(newest.body, asMember.body, 'it is what members get');
  assert.deepEqual((await ada.users()).body.users, ['Ada']);
  assert.deepEqual(deeds, [
    { act: 'room read', address: '127.0.0.1', room: 'lobby' },
    { act: 'room read', address: '127.0.0.1', room: 'lobby' },
  ]);
});

test('it is refused to everybody else, for rooms that are none, and with a query that makes no sense', async (t) => {
  const { url, read, deeds } = await setUp(t, { FEED: 'members', ROOMS: 'lobby' });
  const ada = await ApiClient.join(url, 'Ada');
  assertProblem(await read('/admin/rooms/lobby/history', ada.token), 401, 'credentials-required');
  assertProblem(await read('/admin/rooms/elsewhere/history'), 404, 'room-not-found');
  for (const query of ['before=a-1&after=a-1', 'before=nonsense', 'limit=0', 'limit=1001', 'wait=1']) {
    assertProblem(await read(`/admin/rooms/lobby/history?${query}`), 400, 'invalid-request');
  }
  assert.deepEqual(
    deeds.map(({ act }) => act),
    ['refused'],
  );
});
