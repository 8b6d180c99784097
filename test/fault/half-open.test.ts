import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from '../support/server-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { pollWait } from './support/live-members.ts';
import { openDescriptors } from './support/process-usage.ts';
import { isLong, report } from './support/report.ts';
import { TwoNetworks } from './support/two-networks.ts';

const timeoutMs = 1_500;
const reaperMs = 250;
// An ended stream has so long to flush before its connection is cut off.
const lingerMs = 1_000;
// A busy machine is late by seconds; TCP alone gives up after a quarter of an hour.
const slackMs = 10_000;

interface Variant {
  /** Whether the clients keep connections for the next request. */
  readonly connections: 'one-shot' | 'kept';
  readonly members: readonly string[];
  readonly count: number;
  /** When the last descriptor is due to be closed. */
  readonly closedMs: number;
}

const oneShot: Variant = {
  connections: 'one-shot',
  members: [`pinging:${isLong ? 500 : 50}`],
  count: isLong ? 500 : 50,
  closedMs: timeoutMs + reaperMs + lingerMs,
};
// Those are closed after as long as HTTP keeps a connection without a request.
const kept: Variant = {
  connections: 'kept',
  members: ['pinging:100', 'waiting:20', 'polling:20'],
  count: 140,
  closedMs: 72_000 + pollWait * 1000,
};

const options = {
  SESSION_TIMEOUT: String(timeoutMs / 1000),
  REAPER_INTERVAL: String(reaperMs / 1000),
  HEARTBEAT: '0.3',
  UPDATES_LIMIT: 'off',
  CREATE_LIMIT: 'off',
  MAX_STREAMS_PER_IP: 'off',
};

for (const variant of isLong ? [oneShot, kept] : [oneShot]) {
  test(`[SES-6, P-3] with liveness=ping connections that die without a word cost no session and no descriptor (${variant.connections})`, async (t) => {
    const networks = await TwoNetworks.make(t);
    if (!networks) return;
    const server = await ServerProcess.start({
      command: networks.forServer(fromSource('../../src/server.ts')),
      env: { ...options, HOST: networks.serverAddress },
    });
    t.after(() => server.stop());
    await pullCable(t, networks, server, variant);
  });
}

async function pullCable(
  t: TestContext,
  networks: TwoNetworks,
  server: ServerProcess & { readonly url: string },
  { connections, members, count, closedMs }: Variant,
): Promise<void> {
  const pid = server.child.pid;
  assert.ok(pid !== undefined);
  const baseline = openDescriptors(pid);
  const clients = await startClients(t, networks, [server.url, connections, ...members]);
  const most = openDescriptors(pid);
  const endings = () => server.stdout.match(/"reason":"\w+","msg":"session ended"/g) ?? [];
  // All live longer than their sessions would without a sign of life.
  await delay(timeoutMs + reaperMs);
  assert.deepEqual(
    [clients.complaints, endings()],
    [[], []],
    'somebody was lost before the cable was pulled',
  );

  await networks.cut();
  const cutAt = performance.now();
  await waitUntil(() => endings().length === count, 'all sessions had ended');
  const goneAfterMs = performance.now() - cutAt;
  const isClosed = () => openDescriptors(pid) <= baseline;
  await waitUntil(isClosed, 'all descriptors were closed', closedMs + slackMs);
  const closedAfterMs = performance.now() - cutAt;

  const dueMs = timeoutMs + reaperMs + (connections === 'kept' ? pollWait * 1000 : 0);
  assert.ok(goneAfterMs < dueMs + slackMs, `the sessions were gone after ${goneAfterMs} ms`);
  assert.deepEqual(new Set(endings()), new Set(['"reason":"expired","msg":"session ended"']));
  report(t, {
    fault: `half-open connections with liveness=ping (${connections})`,
    tried: `the cable is pulled on ${count} members`,
    found: `all sessions gone after ${Math.round(goneAfterMs)} ms (${dueMs} due); descriptors from ${most} back to ${baseline} after ${Math.round(closedAfterMs)} ms (${closedMs} due)`,
  });
}

function fromSource(file: string): readonly string[] {
  const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  return [process.execPath, '--import', pathOf('../../scripts/from-source.mjs'), pathOf(file)];
}

async function startClients(t: TestContext, networks: TwoNetworks, args: readonly string[]) {
  const command = networks.forClients(fromSource('./support/remote-members.ts'));
  const [program = '', ...rest] = [...command, ...args];
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const complaints: string[] = [];
  const lines = createInterface({ input: child.stdout });
  const [first] = await Promise.race([once(lines, 'line'), once(lines, 'close')]);
  assert.equal(first, 'there');
  lines.on('line', (line) => complaints.push(line));
  return { complaints };
}
