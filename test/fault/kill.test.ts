import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Crowd } from './support/crowd.ts';
import { wordsOfTimes } from './support/figures.ts';
import { headOf } from './support/final-log.ts';
import { judge, wordsOf } from './support/judge.ts';
import { LastingServer } from './support/lasting-server.ts';
import { isLong, report } from './support/report.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { storeMessages } from './support/stored-messages.ts';

const kills = isLong ? 50 : 8;
const storedMessages = 100_000;
const database = 'parlor.db';
const timeout = isLong ? 1_200_000 : 180_000;
/** Far beyond the five seconds that it should take: they are measured and told. */
const caughtUpBoundMs = 20_000;

test('[P-1] [P-2] [SES-8] killed at any moment, the server loses nothing, and its clients go on', {
  timeout,
}, async (t) => {
  const random = SeededRandom.for(t);
  const server = await LastingServer.open(t, { STORE_URL: `sqlite:./${database}` });
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
  const readyTimes: number[] = [];
  const caughtUpTimes: number[] = [];
  let duringStart = 0;
  for (let kill = 0; kill < kills; kill++) {
    await crowd.hears(random.between(1, 100));
    await delay(random.between(0, 100));
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
    await crowd.hears(1);
    await crowd.caughtUpTo(crowd.newestId, caughtUpBoundMs);
    caughtUpTimes.push(performance.now() - readyAt);
  }
  const verdict = judge(await crowd.settle());
  assert.equal(wordsOf(verdict), '');
  assert.ok(crowd.repeats > 0, 'no kill came between a send and its answer');
  report(t, {
    fault: 'kill -9 at a random moment under send load, restart',
    tried: `${kills} times, ${duringStart} of them again while it started; ${crowd.readers.length} readers, ${crowd.senders.length} senders`,
    found: `${verdict.acknowledged} messages acknowledged, 0 lost, doubled or reordered, nobody left, all hashes equal; ready again: ${wordsOfTimes(readyTimes)}; all caught up: ${wordsOfTimes(caughtUpTimes)}`,
  });
});

test('a server with 100,000 stored messages is ready soon after it was killed', { timeout }, async (t) => {
  const server = await LastingServer.open(t, { STORE_URL: `sqlite:./${database}` });
  await storeMessages(join(server.folder, database), 'lobby', storedMessages);
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
