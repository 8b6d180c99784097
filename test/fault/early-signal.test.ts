import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { waitUntil } from '../support/wait-until.ts';
import { FaultShim } from './support/fault-shim.ts';
import { LastingServer } from './support/lasting-server.ts';
import { report } from './support/report.ts';

// Longer than it takes to look whether it starts, many times over; ended by the test.
const syncDelayMs = 3_000;

test('stopped while its store is being opened, the server opens it, closes it again and exits with 0', {
  timeout: 90_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parlor-disk-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const shim = await FaultShim.make(t, folder);
  if (!shim) return;
  const server = await LastingServer.open(t, {
    ...shim.env,
    STORE_URL: `sqlite:${folder}/parlor.db`,
    LOG_LEVEL: 'info',
    SHUTDOWN_SECONDS: '60',
  });
  shim.set({ syncDelayMs });
  server.launch();
  await waitUntil(async () => (await readiness(server)) === '503 starting', 'the server is starting');
  process.kill(server.pid, 'SIGTERM');
  await waitUntil(() => /"msg":"closing"/.test(server.output), 'the signal was heard');
  shim.clear();
  assert.equal(await server.ended(), 0, server.output);
  assert.match(server.output, /"msg":"closed"/);
  assert.doesNotMatch(server.output, /is open at|parlor:/);
  assert.ok(shim.counts().syncsDelayed > 0);
  await server.start();
  report(t, {
    fault: 'SIGTERM while the store is being opened',
    tried: `once, each fsync taking ${syncDelayMs / 1000} s`,
    found: 'the signal was heard, the store opened and closed, exit code 0; the next start went as always',
  });
});

async function readiness(server: LastingServer): Promise<string> {
  try {
    const response = await fetch(`${server.url}/readyz`);
    const { status } = (await response.json()) as { status: string };
    return `${response.status} ${status}`;
  } catch {
    return 'nobody listens yet';
  }
}
