/** Three instances on one Redis, and clients that go from one to another all the time [P-1] [P-2]. */

import assert from 'node:assert/strict';
import { test as nodeTest, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { has } from '../support/needs.ts';
import { waitUntil } from '../support/wait-until.ts';
import { Cluster, type ClusterOptions } from './support/cluster.ts';
import { Crowd } from './support/crowd.ts';
import { wordsOfTimes } from './support/figures.ts';
import { judge, type Verdict, wordsOf } from './support/judge.ts';
import { RedisNetwork } from './support/redis-network.ts';
import { isLong, report } from './support/report.ts';
import { SeededRandom } from './support/seeded-random.ts';

const timeout = isLong ? 1_200_000 : 200_000;
const clients = isLong ? { readersPerManner: 90, senders: 30 } : { readersPerManner: 4, senders: 6 };
const calmMs = isLong ? 60_000 : 1_500;
const goneMs = isLong ? 30_000 : 2_500;
const frozenMs = isLong ? 10_000 : 3_500;
const cutOffMs = isLong ? 10_000 : 3_000;
const cuts = isLong ? 20 : 4;
const rounds = isLong ? 20 : 3;
const caughtUpBoundMs = 45_000;

function test(name: string, run: (t: TestContext) => Promise<void>): void {
  nodeTest(name, { timeout }, async (t) => {
    if (has(t, 'redis-server')) await run(t);
  });
}

interface Scene {
  readonly cluster: Cluster;
  readonly crowd: Crowd;
  readonly random: SeededRandom;
}

async function open(t: TestContext, options: ClusterOptions = {}): Promise<Scene> {
  const random = SeededRandom.for(t);
  const cluster = await Cluster.start(t, options);
  return { cluster, crowd: await enter(t, cluster, random), random };
}

/** Everybody comes in, and begins to talk. */
async function enter(t: TestContext, cluster: Cluster, random: SeededRandom): Promise<Crowd> {
  const thinkMs = isLong ? 3_000 : 60;
  const crowd = await Crowd.open({ base: cluster.bases(), ...clients, thinkMs, random: random.fork() });
  t.after(() => crowd.stop());
  crowd.start();
  await crowd.hears(clients.senders);
  return crowd;
}

/** Everybody goes on; then the judge has nothing to say. */
async function close({ cluster, crowd }: Scene): Promise<Verdict> {
  await cluster.ready();
  await crowd.hears(clients.senders);
  const verdict = judge(await crowd.settle());
  assert.equal(wordsOf(verdict), '');
  return verdict;
}

function tell(
  t: TestContext,
  fault: string,
  tried: string,
  { acknowledged, events }: Verdict,
  more = '',
): void {
  const crowd = `${clients.readersPerManner * 3} readers and ${clients.senders} senders on 3 instances`;
  const found = `${acknowledged} messages acknowledged, ${events} events in one order, 0 lost, doubled or silent`;
  report(t, { fault, tried: `${tried}; ${crowd}`, found: `${found}${more && `; ${more}`}` });
}

test('[P-1] [P-2] clients that move between instances see one order, and nothing lost, doubled or silent', async (t) => {
  const scene = await open(t);
  await delay(calmMs);
  tell(t, 'clients move between instances', `${calmMs / 1000} s`, await close(scene));
});

test('[P-1] [P-2] [SES-8] instances that are killed in turn lose nothing, and nobody leaves', async (t) => {
  const scene = await open(t);
  const times: number[] = [];
  for (let kill = 0; kill < (isLong ? 12 : 3); kill++) {
    await scene.cluster.killInstance(scene.random);
    await scene.crowd.hears(scene.random.between(1, clients.senders));
    const begun = performance.now();
    await scene.crowd.caughtUpTo(scene.crowd.newestId, caughtUpBoundMs);
    times.push(performance.now() - begun);
  }
  tell(
    t,
    'kill -9 of instances in turn',
    `${times.length} times`,
    await close(scene),
    `caught up: ${wordsOfTimes(times)}`,
  );
});

test('[P-1] [P-2] a Redis that is gone for a while, and one that hangs, lose nothing', async (t) => {
  const scene = await open(t);
  await scene.cluster.stopRedis(goneMs);
  await scene.crowd.hears(1);
  await scene.cluster.freezeRedis(frozenMs);
  const tried = `killed for ${goneMs / 1000} s, stopped for ${frozenMs / 1000} s`;
  tell(t, 'Redis away', tried, await close(scene));
});

test('[P-1] [P-2] connections that Redis cuts, or drops since too much waits for them, lose nothing', async (t) => {
  const scene = await open(t);
  await scene.cluster.cutConnections(cuts, isLong ? 1_000 : 300);
  const dropped = await scene.cluster.limitOutput(cuts, isLong ? 1_000 : 300, scene.random);
  assert.ok(dropped > 0, 'no connection was dropped for its output');
  const tried = `all connections cut ${cuts} times, ${dropped} dropped for their output`;
  tell(t, 'connections to Redis cut', tried, await close(scene));
});

test('[P-1] [P-2] an instance that is cut off from Redis loses nothing, tells nothing false, and comes back', async (t) => {
  // A line is cut in any case; a network takes root.
  const network = isLong ? await RedisNetwork.make(t, 3) : undefined;
  const scene = await open(t, { network });
  const times = scene.cluster.instances.length;
  for (let index = 0; index < times; index++) {
    const cutOff = scene.cluster.cutOff(index, cutOffMs);
    // At the others.
    await scene.crowd.hears(1);
    await cutOff;
    await scene.cluster.ready();
  }
  const how = network ? 'its cable pulled' : 'its line silent';
  const tried = `each in turn for ${cutOffMs / 1000} s, ${how}`;
  tell(t, 'an instance cut off from Redis', tried, await close(scene));
});

test(`[P-1] [P-2] ${rounds} rounds of faults at random lose nothing`, async (t) => {
  const scene = await open(t);
  const { cluster, crowd, random } = scene;
  const faults = {
    'instance killed': () => cluster.killInstance(random),
    'two instances killed': () => {
      const one = cluster.anyone(random);
      return Promise.all([one, one + 1].map((index) => cluster.killInstance(random, index)));
    },
    'Redis killed': () => cluster.stopRedis(random.between(0, 2_000)),
    'Redis stopped': () => cluster.freezeRedis(random.between(100, 4_000)),
    'instance cut off': () => cluster.cutOff(cluster.anyone(random), random.between(100, 5_000)),
    'connections cut': () => cluster.cutConnections(random.between(1, 5), 100),
    'output limited': () => cluster.limitOutput(random.between(1, 5), 100, random),
  };
  const made: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const [first = '', ...rest] = Object.keys(faults);
    const name = random.pick([first, ...rest]) as keyof typeof faults;
    made.push(name);
    await faults[name]();
    await cluster.ready();
    await crowd.hears(random.between(1, 20));
  }
  tell(t, 'faults of a cluster at random', made.join(', '), await close(scene));
});

test('[LOG-2] a Redis that is emptied gives no id twice; its members have expired, and come anew', async (t) => {
  const { cluster, crowd, random } = await open(t);
  await cluster.redis.command('FLUSHALL');
  const clientsBefore = [...crowd.readers, ...crowd.senders];
  await waitUntil(
    () => clientsBefore.every(({ notes }) => notes.ending !== undefined),
    'everybody is told that his session is gone',
    caughtUpBoundMs,
  );
  for (const { notes } of clientsBefore) {
    // Whoever comes to an instance that never knew him is told that there is no such session, and comes anew as well.
    assert.match(notes.ending ?? '', /expired|never was/);
    assert.deepEqual(notes.oddities, []);
  }
  const seen = crowd.newestId;
  await crowd.stop();
  const later = await enter(t, cluster, random);
  const verdict = await close({ cluster, crowd: later, random });
  const ids = later.readers.flatMap(({ notes }) => notes.ids);
  assert.ok(Math.min(...ids) > seen, 'an id was given twice');
  tell(t, 'FLUSHALL', 'once', verdict, `${clientsBefore.length} sessions were told to have expired`);
});
