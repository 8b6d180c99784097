import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from '../support/api-client.ts';
import { ServerProcess } from '../support/server-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { Heap } from './support/heap.ts';
import { isLong, report } from './support/report.ts';
import { StalledReader } from './support/stalled-reader.ts';

const timeoutMs = 1_500;
const reaperMs = 250;
// A busy machine is late by seconds.
const slackMs = 10_000;
const readers = 100;
const quietMs = isLong ? 120_000 : 3_000;
// What is not of heartbeats, and less than a heartbeat that stays behind would cost.
const otherBytes = 256 * 1024;
const bytesPerBeat = 4;

const options = {
  STORE_URL: 'memory:',
  REAPER_INTERVAL: String(reaperMs / 1000),
  CREATE_LIMIT: 'off',
  READ_LIMIT: 'off',
  MAX_STREAMS_PER_IP: 'off',
};

test('[SES-6] with liveness=ping a stalled reader in a quiet room is gone when his session times out', async (t) => {
  const server = await startServer(t, {
    LOG_LEVEL: 'debug',
    SESSION_TIMEOUT: String(timeoutMs / 1000),
  });
  const askedAt: number[] = [];
  for (let count = 0; count < readers; count++) {
    await openStalled(t, server.url, `reader-${count}`, '?liveness=ping');
    askedAt.push(performance.now());
  }
  const ended = () => linesWith(server, '"reason":"expired"', '"msg":"session ended"');
  const lateMs: number[] = [];
  await waitUntil(() => {
    while (lateMs.length < ended()) lateMs.push(performance.now() - (askedAt[lateMs.length] ?? 0));
    return lateMs.length === readers;
  }, 'all sessions had ended');
  const dueMs = timeoutMs + reaperMs;
  const latest = Math.max(...lateMs);
  assert.ok(latest < dueMs + slackMs, `a session ended after ${latest} ms`);
  await waitUntil(() => linesWith(server, '"stream ended"') === readers, 'all streams had ended');
  report(t, {
    fault: 'stalled reader in a quiet room, liveness=ping',
    tried: `${readers} readers`,
    found: `all sessions gone at most ${Math.round(latest)} ms after their last request (${dueMs} due)`,
  });
});

test('[P-3, FAN-5] stalled readers in a quiet room cost the server no more memory the longer they stall', async (t) => {
  const server = await startServer(t, { ...Heap.env, HEARTBEAT: '0.05' });
  const heap = new Heap(server);
  const stalled: StalledReader[] = [];
  for (let count = 0; count < readers; count++) {
    stalled.push(await openStalled(t, server.url, `reader-${count}`));
  }
  // By then everything is compiled and every pool has its size.
  await delay(quietMs / 4);
  const before = await heap.bytes();
  await delay(quietMs);
  const grown = (await heap.bytes()) - before;
  // The heartbeats were sent, and nobody read them until now.
  const texts = await Promise.all(stalled.map((reader) => readAfterwards(reader)));
  assert.ok(!texts.some((text) => text.includes('event: bye')), 'a stream ended');
  const beats = texts.reduce((sum, text) => sum + (text.match(/^:$/gm)?.length ?? 0), 0);
  assert.ok(beats > readers * (quietMs / 200), `only ${beats} heartbeats were sent`);
  const most = otherBytes + beats * bytesPerBeat;
  assert.ok(grown < most, `the heap grew by ${grown} bytes with ${beats} heartbeats`);
  report(t, {
    fault: 'stalled reader in a quiet room',
    tried: `${readers} readers, ${beats} heartbeats in ${(quietMs * 1.25) / 1000} s`,
    found: `the heap changed by ${Math.round(grown / 1024)} KiB of ${Math.round(before / 1024)} KiB`,
  });
});

async function startServer(t: TestContext, env: Readonly<Record<string, string>>) {
  const server = await ServerProcess.start({ env: { ...options, ...env } });
  t.after(() => server.stop());
  return server;
}

function linesWith({ stdout }: ServerProcess, ...texts: readonly string[]): number {
  return stdout.split('\n').filter((line) => texts.every((text) => line.includes(text))).length;
}

/** Joins as a member whose stream is never read. */
async function openStalled(t: TestContext, url: string, name: string, query = ''): Promise<StalledReader> {
  const client = await ApiClient.join(url, name, { delivery: 'push' });
  const reader = await StalledReader.open(`${client.base}/session/events${query}`, client.credentials());
  t.after(() => reader.close());
  const isJoined = async () => (await client.getSession()).body.state === 'joined';
  await waitUntil(isJoined, `${name} had joined`);
  return reader;
}

/** Everything that the kernel has kept, and what comes until as much has come again. */
async function readAfterwards({ socket }: StalledReader): Promise<string> {
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes;
  });
  socket.resume();
  await new Promise((resolve) => socket.once('data', resolve));
  return text;
}
