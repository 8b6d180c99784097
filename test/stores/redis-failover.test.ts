/** A name that moves from a master to its replica, as docs/cluster.md has it, while connections to the old one stay. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { claimOf } from '../contract/store-contract.ts';
import { refused } from '../support/domain.ts';
import { has } from '../support/needs.ts';
import { RedisServer } from '../support/redis-server.ts';
import { openRedisStore } from '../support/redis-store.ts';
import { waitUntil } from '../support/wait-until.ts';

test('a master that has become a replica is left for the one that the name leads to, and what was replicated is there', async (t) => {
  if (!has(t, 'redis-server')) return;
  const [old, next] = await Promise.all(
    [1, 2].map(() => RedisServer.start(['--repl-diskless-sync-delay', '0'])),
  );
  assert.ok(old && next);
  t.after(() => Promise.all([old.dispose(), next.dispose()]));
  await next.command('REPLICAOF', '127.0.0.1', `${old.port}`);
  let leadsTo = old.port;
  const sockets = new Set<Socket>();
  const name = createServer((socket) => {
    const upstream = connect(leadsTo, '127.0.0.1');
    for (const each of [socket, upstream]) {
      sockets.add(each);
      each.on('error', () => {});
    }
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
    socket.pipe(upstream).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(name, 'listening');
  t.after(() => {
    name.close();
    for (const socket of sockets) socket.destroy();
  });
  const store = await openRedisStore(t, (name.address() as AddressInfo).port, 'p');
  const heard: number[] = [];
  let replaced = 0;
  await store.load('lobby', {
    deliver: (batch) => heard.push(...batch.map(({ event }) => event.id)),
    ended: () => {},
    replaced: () => {
      replaced += 1;
    },
  });
  const answer = await store.openSession(claimOf('Ada'), true, 10);
  assert.ok(answer.outcome === 'opened');
  const { sessionId } = answer.record;
  const say = () => store.append('lobby', [{ sessionId, message: 'hello', key: null, isRepeatOnly: false }]);
  await say();
  const offset = async (redis: RedisServer, field: string) =>
    new RegExp(`^${field}:(\\d+)`, 'm').exec(String(await redis.command('INFO', 'replication')))?.[1];
  await waitUntil(async () => {
    const there = await offset(next, 'slave_repl_offset');
    return there !== undefined && there === (await offset(old, 'master_repl_offset')) && there !== '0';
  }, 'all is replicated');
  await next.command('REPLICAOF', 'NO', 'ONE');
  leadsTo = next.port;
  await old.command('REPLICAOF', '127.0.0.1', `${next.port}`);
  await assert.rejects(say(), refused('unavailable'));
  await waitUntil(() => store.status === 'ready', 'the other one is found');
  const [said] = await say();
  assert.ok(said?.outcome === 'appended');
  assert.equal(said.id, 3);
  await waitUntil(() => heard.length === 3, 'it is heard');
  assert.deepEqual([heard, replaced], [[1, 2, 3], 0]);
});
