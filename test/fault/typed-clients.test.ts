import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '../support/wait-until.ts';
import { ChaosProxy } from './support/chaos-proxy.ts';
import { readLog } from './support/final-log.ts';
import { judge, wordsOf } from './support/judge.ts';
import { LastingServer } from './support/lasting-server.ts';
import { isLong, report } from './support/report.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { TypedMember } from './support/typed-member.ts';

const seconds = isLong ? 60 : 5;
const count = 20;
/** Shorter lives in the short form, so that as much breaks. */
const lifeMs: readonly [number, number] = isLong ? [1_000, 5_000] : [200, 3_000];
const boundMs = 90_000;

test('[P-2] typed clients behind a proxy that delays, cuts and resets see everything once, and all they say arrives once', {
  timeout: isLong ? 400_000 : 200_000,
}, async (t) => {
  const random = SeededRandom.for(t);
  const server = await LastingServer.open(t, { STORE_URL: 'memory:' });
  await server.start();
  const proxy = await ChaosProxy.open({ lifeMs, delayMs: [0, 60], port: server.port, random: random.fork() });
  t.after(() => proxy.close());
  const members = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      TypedMember.join({ url: proxy.url, name: `member ${i}`, thinkMs: 300, random: random.fork() }),
    ),
  );
  t.after(() => Promise.all(members.map((member) => member.stop())));
  for (const member of members) member.start();
  await delay(seconds * 1000);
  await Promise.all(members.map((member) => member.finish()));
  await waitUntil(() => members.every(({ pending }) => pending === 0), 'all was said', boundMs).catch(
    () => {},
  );
  const log = await readLog(server.base());
  const last = log.at(-1)?.id ?? 0;
  await waitUntil(() => members.every(({ seen }) => seen.lastId >= last), 'all was seen', boundMs).catch(
    () => {},
  );
  const verdict = judge({
    readers: members.map(({ seen }) => seen),
    senders: members.map(({ said }) => said),
    log,
  });
  assert.equal(wordsOf(verdict), '');
  const { connections, cut, reset, midway } = proxy.counts;
  assert.ok(midway > 0 && reset > 0 && cut > 0, JSON.stringify(proxy.counts));
  assert.ok(verdict.acknowledged > count, `${verdict.acknowledged} messages are no talk`);
  const states = [...new Set(members.flatMap((member) => [...member.states]))].join(', ');
  report(t, {
    fault: `the same proxy, between typed clients and their server`,
    tried: `${seconds} s, ${count} clients: ${connections} connections, ${cut} cut and ${reset} reset, ${midway} midway`,
    found: `${verdict.events} events, each seen once by all; ${verdict.acknowledged} messages said once (${states})`,
  });
});
