import assert from 'node:assert/strict';
import { join as joinPath } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Crowd } from './support/crowd.ts';
import { wordsOfTimes } from './support/figures.ts';
import { headOf, readLog } from './support/final-log.ts';
import { judge, wordsOf } from './support/judge.ts';
import { LastingServer } from './support/lasting-server.ts';
import { join } from './support/member.ts';
import { Patience } from './support/patience.ts';
import { isLong, report } from './support/report.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { storeMessages } from './support/stored-messages.ts';

const kills = isLong ? 50 : 8;
const storedMessages = 100_000;
const database = 'parlor.db';
const timeout = isLong ? 1_200_000 : 180_000;
const mostHeadStartMs = 8;
/** Far beyond the five seconds that it should take: they are measured and told. */
const caughtUpBoundMs = 20_000;

test('[P-1] [P-2] [SES-8] killed at any moment, the server loses nothing, and its clients go on', {
  timeout,
}, async (t) => {
  const random = SeededRandom.for(t);
  const server = await LastingServer.open(t, { STORE_URL: `sqlite:./${database}`, ROOMS: 'lobby,hall' });
  await server.start();
  const crowd = await Crowd.open({
    base: server.base(),
    readersPerManner: 4,
    senders: 6,
    thinkMs: 8,
    random: random.fork(),
  });
  t.after(() => crowd.stop());
  crowd.start();
  const patience = new Patience(random.fork());
  t.after(() => patience.end());
  const readyTimes: number[] = [];
  const caughtUpTimes: number[] = [];
  let duringStart = 0;
  for (let kill = 0; kill < kills; kill++) {
    await crowd.hears(random.between(1, 100));
    await delay(random.between(0, 100));
    // Somebody comes at this very moment, and asks again with the same key until he is in.
    const newcomer = join(server.base('hall'), `newcomer ${kill}`, 'pull', patience);
    // What is wrong with it is told where it is waited for.
    newcomer.catch(() => {});
    await delay(random.next() * mostHeadStartMs);
    await server.kill();
    if (random.isLikely(0.25)) {
      // Once more, while it reads what the first one left.
      server.launch();
      await delay(random.between(0, 400));
      await server.kill();
      duringStart += 1;
    }
    readyTimes.push(await server.start());
    const readyAt = performance.now();
    await newcomer;
    await crowd.hears(1);
    await crowd.caughtUpTo(crowd.newestId, caughtUpBoundMs);
    caughtUpTimes.push(performance.now() - readyAt);
  }
  const verdict = judge(await crowd.settle());
  assert.equal(wordsOf(verdict), '');
  const joins = (await readLog(server.base('hall'))).filter(({ type }) => type === 'join');
  assert.equal(new Set(joins.map(({ name }) => name)).size, kills);
  assert.equal(joins.length, kills, 'a create that was repeated joined twice');
  assert.ok(crowd.repeats > 0, 'no kill came between a send and its answer');
  report(t, {
    fault: 'kill -9 at a random moment under send load, restart',
    tried: `${kills} times, ${duringStart} of them again while it started; ${crowd.readers.length} readers, ${crowd.senders.length} senders, ${kills} newcomers`,
    found: `${verdict.acknowledged} messages acknowledged, 0 lost, doubled or reordered, nobody left, each newcomer joined once, all hashes equal; ready again: ${wordsOfTimes(readyTimes)}; all caught up: ${wordsOfTimes(caughtUpTimes)}`,
  });
});

test('a server with 100,000 stored messages is ready soon after it was killed', { timeout }, async (t) => {
  const server = await LastingServer.open(t, { STORE_URL: `sqlite:./${database}` });
  await storeMessages(joinPath(server.folder, database), 'lobby', storedMessages);
  const times: number[] = [];
  for (let start = 0; start < (isLong ? 10 : 3); start++) {
    times.push(await server.start());
    // His join, and what he said.
    assert.equal(await headOf(server.base()), 1 + storedMessages);
    await server.kill();
  }
  report(t, {
    fault: `kill -9 with ${storedMessages} stored messages, restart`,
    tried: `${times.length} times`,
    found: `ready again: ${wordsOfTimes(times)}, with all messages`,
  });
});
