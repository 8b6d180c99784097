import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ChaosProxy } from './support/chaos-proxy.ts';
import { Crowd } from './support/crowd.ts';
import { Follower } from './support/follower.ts';
import { judge, wordsOf } from './support/judge.ts';
import { LastingServer } from './support/lasting-server.ts';
import { isLong, report } from './support/report.ts';
import { SeededRandom } from './support/seeded-random.ts';

const seconds = isLong ? 60 : 4;
/** Shorter lives in the short form, so that as much breaks. */
const lifeMs: readonly [number, number] = isLong ? [1_000, 5_000] : [200, 2_000];
const lives = lifeMs.map((ms) => ms / 1000).join('–');
const timeout = isLong ? 300_000 : 120_000;

async function openProxy(t: TestContext, port: number, random: SeededRandom): Promise<ChaosProxy> {
  const proxy = await ChaosProxy.open({ lifeMs, delayMs: [0, 60], port, random: random.fork() });
  t.after(() => proxy.close());
  return proxy;
}

async function openCrowd(t: TestContext, options: Parameters<typeof Crowd.open>[0]): Promise<Crowd> {
  const crowd = await Crowd.open(options);
  t.after(() => crowd.stop());
  crowd.start();
  return crowd;
}

function wordsOfChaos({ counts }: ChaosProxy): string {
  const { connections, cut, reset, midway } = counts;
  return `${connections} connections, ${cut} cut and ${reset} reset, ${midway} of them in the middle of something`;
}

test('[P-2] behind a proxy that delays, cuts and resets, everybody sees everything once', {
  timeout,
}, async (t) => {
  const random = SeededRandom.for(t);
  const server = await LastingServer.open(t);
  await server.start();
  const proxy = await openProxy(t, server.port, random);
  const behind = `${proxy.url}/v1/rooms/lobby`;
  const crowd = await openCrowd(t, {
    base: server.base(),
    readersBase: behind,
    sendersBase: behind,
    readersPerManner: isLong ? 10 : 4,
    senders: 6,
    thinkMs: 10,
    random,
  });
  await delay(seconds * 1000);
  const verdict = judge(await crowd.settle());
  assert.equal(wordsOf(verdict), '');
  assert.ok(proxy.counts.midway > 0 && proxy.counts.reset > 0 && proxy.counts.cut > 0, wordsOfChaos(proxy));
  assert.ok(crowd.repeats > 0, 'no answer to a sender was lost');
  report(t, {
    fault: `a proxy that delays, cuts and resets every connection each ${lives} s`,
    tried: `${seconds} s, ${crowd.readers.length} readers and ${crowd.senders.length} senders: ${wordsOfChaos(proxy)}`,
    found: `${verdict.events} events, each seen once by all; ${crowd.repeats} sends repeated; no gap`,
  });
});

test('[LOG-5] where less is kept than is said meanwhile, every gap is told, with its size', {
  timeout,
}, async (t) => {
  const random = SeededRandom.for(t);
  const server = await LastingServer.open(t, { HISTORY_EVENTS: '20' });
  await server.start();
  const proxy = await openProxy(t, server.port, random);
  // Alone with a connection that nobody breaks, and so the witness of what the log has had.
  const witness = await Follower.open(server.base());
  t.after(() => witness.stop());
  const crowd = await openCrowd(t, {
    base: server.base(),
    readersBase: `${proxy.url}/v1/rooms/lobby`,
    readersPerManner: isLong ? 10 : 4,
    senders: 4,
    thinkMs: 6,
    random,
  });
  await delay(seconds * 1000);
  const run = await crowd.settle(async () => {
    await witness.reaches(crowd.newestId);
    return witness.events;
  });
  const verdict = judge(run, { allowsGaps: true });
  assert.equal(wordsOf(verdict), '');
  assert.ok(verdict.gaps > 0, 'there was no gap to tell');
  report(t, {
    fault: 'the same, with a log that keeps 20 events',
    tried: `${seconds} s, ${crowd.readers.length} readers: ${wordsOfChaos(proxy)}`,
    found: `${verdict.events} events, ${verdict.gaps} gaps, each told with its exact size; none silent`,
  });
});
