import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { programCommand } from '../support/program.ts';
import { ServerProcess } from '../support/server-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type Cable, makeCable } from './support/cable.ts';
import { pollWait } from './support/live-members.ts';
import { openDescriptors } from './support/process-usage.ts';
import { isLong, report } from './support/report.ts';

// Hundreds of members, each with a connection for each ping, are too many for a busy machine at the pace of the short form.
const timeoutMs = isLong ? 6_000 : 1_500;
const reaperMs = 250;
// An ended stream has so long to flush before its connection is cut off.
const lingerMs = 1_000;
// So long a request may take to arrive: some are on their way when the cable is pulled.
const requestMs = 10_000;
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
  closedMs: Math.max(timeoutMs + reaperMs + lingerMs, requestMs),
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
  HEARTBEAT: String(timeoutMs / 5_000),
  UPDATES_LIMIT: 'off',
  CREATE_LIMIT: 'off',
  MAX_STREAMS_PER_IP: 'off',
};

for (const variant of isLong ? [oneShot, kept] : [oneShot]) {
  test(`[SES-6, P-3] with liveness=ping connections that die without a word cost no session and no descriptor (${variant.connections})`, async (t) => {
    const cable = await makeCable(t);
    if (!cable) return;
    const server = await ServerProcess.start({
      command: cable.forServer(programCommand('src/server.ts')),
      env: { ...options, HOST: cable.serverAddress },
    });
    t.after(() => server.stop());
    await pullCable(t, cable, server, variant);
  });
}

async function pullCable(
  t: TestContext,
  cable: Cable,
  server: ServerProcess & { readonly url: string },
  { connections, members, count, closedMs }: Variant,
): Promise<void> {
  const pid = server.child.pid;
  assert.ok(pid !== undefined);
  const baseline = openDescriptors(pid);
  const clients = await startClients(t, cable, [cable.reaches(server.url), connections, ...members]);
  const most = openDescriptors(pid);
  const endings = () =>
    server.stdout
      .split('\n')
      .filter((line) => line.includes('"msg":"session ended"'))
      .map((line) => JSON.parse(line).reason);
  // All live longer than their sessions would without a sign of life.
  await delay(timeoutMs + reaperMs);
  assert.deepEqual(
    [clients.complaints, endings()],
    [[], []],
    'somebody was lost before the cable was pulled',
  );

  await cable.cut();
  const cutAt = performance.now();
  await waitUntil(() => endings().length === count, 'all sessions had ended');
  const goneAfterMs = performance.now() - cutAt;
  const isClosed = () => openDescriptors(pid) <= baseline;
  await waitUntil(isClosed, 'all descriptors were closed', closedMs + slackMs);
  const closedAfterMs = performance.now() - cutAt;

  const dueMs = timeoutMs + reaperMs + (connections === 'kept' ? pollWait * 1000 : 0);
  assert.ok(goneAfterMs < dueMs + slackMs, `the sessions were gone after ${goneAfterMs} ms`);
  assert.deepEqual(new Set(endings()), new Set(['expired']));
  report(t, {
    fault: `half-open connections with liveness=ping (${connections})`,
    tried: `${cable.kind} on ${count} members`,
    found: `all sessions gone after ${Math.round(goneAfterMs)} ms (${dueMs} due); descriptors from ${most} back to ${baseline} after ${Math.round(closedAfterMs)} ms (${closedMs} due)`,
  });
}

async function startClients(t: TestContext, cable: Cable, args: readonly string[]) {
  const command = cable.forClients(programCommand('test/fault/support/remote-members.ts'));
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
