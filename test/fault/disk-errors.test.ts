import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { waitUntil } from '../support/wait-until.ts';
import { Crowd } from './support/crowd.ts';
import { FaultShim, type Faults } from './support/fault-shim.ts';
import { readLog } from './support/final-log.ts';
import { judge, wordsOf } from './support/judge.ts';
import { LastingServer } from './support/lasting-server.ts';
import type { SeenEvent } from './support/records.ts';
import { isLong, report } from './support/report.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { readStoredLog } from './support/stored-log.ts';
import { Visitors } from './support/visitors.ts';

const rounds = isLong ? 200 : 10;
/** How long the disk fails, and how much is said before it fails again, at the most. */
const most = { failMs: 300, said: 30 };
const least = { failMs: 50 };
/** Where a write is cut short, at the most: some pages further on. */
const mostRoom = 40_000;
const timeout = isLong ? 900_000 : 120_000;

test('[P-1] [P-2] [SES-1] while writes and syncs fail at random, nothing is acknowledged that the disk does not have', {
  timeout,
}, async (t) => {
  const folder = temporaryFolder(t);
  const shim = await FaultShim.make(t, folder);
  if (!shim) return;
  const path = join(folder, 'parlor.db');
  const options = { STORE_URL: `sqlite:${path}`, REAPER_INTERVAL: '0.3', ...shim.env };
  const server = await LastingServer.open(t, options);
  await server.start();
  const random = SeededRandom.for(t);
  const crowd = await Crowd.open({
    base: server.base(),
    readersPerManner: 3,
    senders: 6,
    thinkMs: 8,
    random: random.fork(),
  });
  t.after(() => crowd.stop());
  const watch = await new ApiClient(server.url).feed();
  t.after(() => watch.close());
  crowd.start();
  const visitors = new Visitors(server.base(), 'visitor', random.fork());
  t.after(() => visitors.stop());

  const faults: readonly (() => Faults)[] = [
    () => ({ writeError: 'EIO', writeRoom: random.between(0, mostRoom) }),
    () => ({ syncError: 'EIO' }),
    () => ({ writeError: 'EIO', writeRoom: random.between(0, mostRoom), syncError: 'EIO' }),
  ];
  for (let round = 0; round < rounds; round++) {
    await crowd.hears(random.between(1, most.said));
    shim.set(faults[round % faults.length]?.() ?? {});
    await delay(random.between(least.failMs, most.failMs));
    shim.clear();
  }
  await crowd.hears(1);
  await visitors.finish();
  const log = await allVisitorsLeft(server, visitors);
  const told = [...watch.raw.matchAll(/"store":"(away|back)"/g)].map(([, status]) => status);
  assert.ok(told.length > 0, 'nobody was told');
  assert.deepEqual(
    told,
    told.map((_, at) => (at % 2 === 0 ? 'away' : 'back')),
  );
  const faultsLogged = server.output.split('"doing":"committing to the store"').length - 1;
  assert.ok(faultsLogged <= told.length, `each failed commit is logged: ${server.output.slice(0, 2_000)}`);

  // What was written and not synced may be there after a crash: whoever asks again is told so.
  shim.set({ syncError: 'EIO' });
  const before = shim.counts().syncsFailed;
  await waitUntil(() => shim.counts().syncsFailed > before, 'a sync failed');
  await server.kill();
  shim.clear();
  await server.start();
  await crowd.hears(10);

  const verdict = judge(
    await crowd.settle(async () => {
      await server.kill();
      const stored = readStoredLog(path);
      await server.start();
      assert.deepEqual(await readLog(server.base()), stored);
      assert.deepEqual(stored.slice(0, log.length), log);
      return stored;
    }),
    { allowsLeaves: true },
  );
  assert.equal(wordsOf(verdict), '');
  const counts = shim.counts();
  for (const name of ['writesFailed', 'syncsFailed'] as const) {
    assert.ok(counts[name] > 0, `${name}: none`);
  }
  assert.ok(crowd.repeats > 0, 'no fault came between a send and its answer');
  report(t, {
    fault: 'writes and syncs fail with EIO',
    tried: `${rounds} times for up to ${most.failMs} ms: ${counts.writesFailed} writes and ${counts.syncsFailed} syncs failed, ${counts.writesShort} were cut short; ${crowd.readers.length} readers, ${crowd.senders.length} senders, ${visitors.names.length} visitors; kill -9 at the end`,
    found: `${crowd.repeats} sends repeated; ${verdict.acknowledged} acknowledged, 0 lost, doubled or reordered, all hashes equal to the file's; each visitor joined and left once; away told ${told.length / 2} times, ${faultsLogged} faults logged`,
  });
});

/** Waits until each visitor's leave is committed; he has come and gone once, and nobody else has gone. */
async function allVisitorsLeft(server: LastingServer, { names }: Visitors): Promise<readonly SeenEvent[]> {
  let log: readonly SeenEvent[] = [];
  const namesOf = (type: string) => log.flatMap((event) => (event.type === type ? event.name : []));
  await waitUntil(async () => {
    log = await readLog(server.base());
    return namesOf('leave').length >= names.length;
  }, 'all visitors had left');
  assert.deepEqual(namesOf('leave').sort(), names.toSorted());
  const joins = namesOf('join');
  assert.equal(joins.length, new Set(joins).size, 'somebody joined twice');
  return log;
}

/** A server on a disk that can be made to fail, where Ada has said something. Undefined if the test is skipped. */
async function talkBefore(t: TestContext) {
  const folder = temporaryFolder(t);
  const shim = await FaultShim.make(t, folder);
  if (!shim) return undefined;
  const server = await LastingServer.open(t, { STORE_URL: `sqlite:${folder}/parlor.db`, ...shim.env });
  await server.start();
  const ada = await ApiClient.join(server.url, 'Ada');
  assert.equal((await ada.send('before')).status, 201);
  return { shim, server, ada };
}

test('[P-1] what was refused because its sync failed does not appear after a kill', {
  timeout,
}, async (t) => {
  const talk = await talkBefore(t);
  if (!talk) return;
  const { shim, server, ada } = talk;
  shim.set({ syncError: 'EIO' });
  assertProblem(await ada.send('refused'), 503, 'unavailable');
  await server.kill();
  shim.clear();
  await server.start();
  const log = await readLog(server.base());
  assert.deepEqual(
    log.map(({ type, message }) => message ?? type),
    ['join', 'before'],
  );
});

test('[P-1] a server that starts while nothing can be written says that it is away until it can', {
  timeout,
}, async (t) => {
  const talk = await talkBefore(t);
  if (!talk) return;
  const { shim, server, ada } = talk;
  await server.kill();
  shim.set({ syncError: 'EIO' });
  const statuses = new Set<string>();
  const ready = async () => {
    const { status } = await fetch(`${server.url}/readyz`).then(
      async (response) => (await response.json()) as { status: string },
      () => ({ status: 'none' }),
    );
    statuses.add(status);
    return status;
  };
  server.launch();
  await waitUntil(async () => (await ready()) === 'store-away', 'it is away');
  assert.equal((await ada.updates({ after: '0' })).status, 200);
  shim.clear();
  await waitUntil(async () => (await ready()) === 'ready', 'it is back');
  assert.deepEqual(
    [...statuses].filter((status) => status === 'ready' || status === 'store-away'),
    ['store-away', 'ready'],
  );
  assert.equal((await ada.send('after')).status, 201);
});
