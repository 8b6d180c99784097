import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from '../support/api-client.ts';
import { ServerProcess } from '../support/server-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { LiveMember, waysOfLife } from './support/live-members.ts';
import { isLong, report } from './support/report.ts';

const timeoutMs = 1_500;
const reaperMs = 250;
// A busy machine is late by seconds.
const slackMs = 10_000;
// How long the server stands still, and how long it runs before it is stopped again.
const stop = { ms: 2 * timeoutMs, runMs: 0 };
const stutter = { ms: timeoutMs, runMs: 200 };
const rounds = isLong ? [[stop], [stutter, stutter, stutter, stutter], [stop], [stop, stutter]] : [[stop]];

const options = {
  SESSION_TIMEOUT: String(timeoutMs / 1000),
  REAPER_INTERVAL: String(reaperMs / 1000),
  HEARTBEAT: '0.3',
  UPDATES_LIMIT: 'off',
};

test('[SES-7] a server that was stopped reaps nobody before he had a chance, and who is gone after it', async (t) => {
  const server = await ServerProcess.start({ env: options });
  t.after(() => server.stop());
  const members = await Promise.all(
    waysOfLife.map((way) => LiveMember.join(server.url, way, way, { everyMs: 300 })),
  );
  t.after(() => Promise.all(members.map((member) => member.stop())));
  const watcher = members.find(({ way }) => way === 'streaming');
  assert.ok(watcher);
  const reapedMs: number[] = [];
  for (const [round, stops] of rounds.entries()) {
    reapedMs.push(...(await standStill(server, `${round}`, stops, watcher)));
  }
  assert.deepEqual(
    members.flatMap(({ complaints }) => complaints),
    [],
  );
  const leaves = watcher.events.filter(({ type }) => type === 'leave').map(({ name }) => name);
  assert.deepEqual(
    leaves.filter((name) => !name.startsWith('gone')),
    [],
    'who is there was reaped',
  );
  report(t, {
    fault: 'server process stopped for twice the session timeout',
    tried: `${rounds.flat().length} stops, ${members.length + 1} members who are there, ${reapedMs.length} who are gone`,
    found: `none reaped who is there; who is gone at most ${Math.round(Math.max(...reapedMs))} ms after the server went on (at most ${timeoutMs + reaperMs} due)`,
  });
});

interface RunningServer {
  readonly url: string;
  readonly child: ServerProcess['child'];
}

/** Returns after how many milliseconds of the server's going on those who are gone were reaped. */
async function standStill(
  { url, child }: RunningServer,
  round: string,
  stops: readonly { readonly ms: number; readonly runMs: number }[],
  watcher: LiveMember,
): Promise<readonly number[]> {
  const pid = child.pid;
  assert.ok(pid !== undefined);
  const everyMs = 300;
  const leaver = await LiveMember.join(url, `gone-during-${round}`, 'streaming', { everyMs });
  const returner = await ApiClient.join(url, `gone-and-back-${round}`, { delivery: 'push' });
  const left = await returner.subscribe();
  await left.expect('init');
  let ranFrom = performance.now();
  await ApiClient.join(url, `gone-before-${round}`);

  let ranMs = 0;
  let isAnswered = false;
  let returned: ReturnType<ApiClient['subscribe']> | undefined;
  for (const { ms, runMs } of stops) {
    ranMs += performance.now() - ranFrom;
    process.kill(pid, 'SIGSTOP');
    isAnswered = false;
    const answered = fetch(`${url}/livez`).then(() => {
      isAnswered = true;
    });
    if (!returned) {
      await leaver.stop();
      left.close();
      returned = returner.subscribe(`?after=${left.lastEventId}`);
    }
    await delay(ms);
    assert.ok(!isAnswered, 'the server was not stopped');
    ranFrom = performance.now();
    process.kill(pid, 'SIGCONT');
    if (runMs > 0) await delay(runMs);
    await answered;
  }

  const stream = await returned;
  assert.equal(stream?.status, 200);
  const reaped = await Promise.all(
    ['gone-before', 'gone-during'].map(async (kind) => {
      const name = `${kind}-${round}`;
      const hasLeft = () => watcher.events.some((event) => event.type === 'leave' && event.name === name);
      await waitUntil(hasLeft, `${name} was reaped`);
      return performance.now() - ranFrom;
    }),
  );
  // What is left of the tick during which the server is stopped counts against whoever is silent.
  const heardMs = ranMs + Math.min(...reaped) + stops.length * reaperMs;
  assert.ok(heardMs >= timeoutMs, `reaped after ${heardMs} ms in which the server could hear`);
  for (const ms of reaped) assert.ok(ms < timeoutMs + reaperMs + slackMs, `reaped after ${ms} ms`);
  assert.equal((await returner.getSession()).status, 200, 'who came back was reaped');
  stream?.close();
  await returner.destroy();
  return reaped;
}
