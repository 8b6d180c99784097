/** Instances whose clocks are hours apart: what happened when is for Redis to say [LOG-1] [SES-7]. */

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { has } from '../support/needs.ts';
import { waitUntil } from '../support/wait-until.ts';
import { adminToken, Cluster } from './support/cluster.ts';
import { FaultShim } from './support/fault-shim.ts';
import { report } from './support/report.ts';

const hourSeconds = 3_600;
const timeoutMs = 3_000;
// A busy machine is late by seconds; an instance that goes by its own clock by an hour.
const slackMs = 20_000;

test('[LOG-1] [SES-7] instances with clocks two hours apart agree on order, times, and who has expired', {
  timeout: 180_000,
}, async (t) => {
  if (!has(t, 'redis-server')) return;
  const shims = [await FaultShim.make(t, tmpdir()), await FaultShim.make(t, tmpdir())];
  const [ahead, behind] = shims;
  if (!ahead || !behind) return;
  ahead.set({ wallStepSeconds: hourSeconds });
  behind.set({ wallStepSeconds: -hourSeconds });
  const begun = Date.now();
  const cluster = await Cluster.start(t, {
    instances: 2,
    env: { SESSION_TIMEOUT: `${timeoutMs / 1000}`, REAPER_INTERVAL: '0.5', HISTORY_HOURS: '0.5' },
    envOf: (index) => ({ ...shims[index]?.env }),
  });
  const urls = cluster.instances.map(({ url }) => url);
  const members = await Promise.all(urls.map((url, index) => ApiClient.join(url, `member ${index}`)));
  const idleAt = performance.now();
  const idle = await Promise.all(urls.map((url, index) => ApiClient.join(url, `idle ${index}`)));
  const cursors = members.map(({ cursor }) => cursor);
  const hasLeft = async (): Promise<boolean> => {
    // Each at the other's instance, so that both must know of him.
    for (const [index, member] of members.entries()) {
      const other = new ApiClient(urls[1 - index] ?? '');
      other.token = member.token;
      assert.equal((await other.send(`of ${index}`)).status, 201);
      assert.equal((await member.updates({ after: cursors[index] ?? '', limit: 1 })).status, 200);
    }
    const { events } = (await new ApiClient(urls[0] ?? '').history('?limit=1000')).body;
    return events.filter(({ type }) => type === 'leave').length === idle.length;
  };
  await waitUntil(hasLeft, 'who is idle was reaped', slackMs + timeoutMs, 200);
  const reapedMs = performance.now() - idleAt;
  assert.ok(reapedMs >= timeoutMs, `reaped after ${reapedMs} ms`);
  const ban = await fetch(`${urls[0]}/v1/admin/bans`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'name', value: 'Mallory', seconds: hourSeconds / 2 }),
  });
  assert.equal(ban.status, 201, await ban.text());
  for (const url of urls) {
    const refuses = async () => (await new ApiClient(url).create({ name: 'Mallory' })).status === 403;
    await waitUntil(refuses, 'the ban is in force');
  }
  const logs = await Promise.all(
    urls.map(async (url) => (await new ApiClient(url).history('?limit=1000')).body.events),
  );
  const [one = [], other = []] = logs;
  const shared = Math.min(one.length, other.length);
  assert.deepEqual(one.slice(0, shared), other.slice(0, shared));
  let before = begun;
  for (const { id, type, name, timestamp } of one) {
    assert.ok(timestamp >= before && timestamp <= Date.now(), `event ${id} is of ${timestamp}`);
    before = timestamp;
    // Mallory was let in where the ban was not known yet, and is shown out by it.
    if (type === 'leave') assert.match(name ?? '', /^(?:idle \d|Mallory)$/);
  }
  for (const client of idle) {
    const { status, body } = await client.getSession();
    assert.deepEqual([status, body.reason], [410, 'expired']);
  }
  for (const shim of shims) assert.ok((shim?.counts().timesShifted ?? 0) > 0, 'its clock was right');
  report(t, {
    fault: 'two instances with clocks two hours apart',
    tried: `${one.length} events of ${members.length + idle.length} members`,
    found: `one order, dated by Redis; who was idle for ${timeoutMs} ms was reaped after ${Math.round(reapedMs)} ms, nobody else; a ban of half an hour holds on both`,
  });
});
