import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import type { SseReader } from '../support/sse-reader.ts';
import { waitUntil } from '../support/wait-until.ts';
import { Crowd } from './support/crowd.ts';
import { FaultShim } from './support/fault-shim.ts';
import { wordsOfTimes } from './support/figures.ts';
import { headOf, readLog } from './support/final-log.ts';
import { judge, wordsOf } from './support/judge.ts';
import { LastingServer } from './support/lasting-server.ts';
import { isLong, report } from './support/report.ts';
import { SeededRandom } from './support/seeded-random.ts';

const slowMs = 200;
const load = { senders: 32, each: isLong ? 100 : 5 };
/** So many messages must share one wait for the disk, on average. */
const leastPerSync = 8;
/** A single commit: slow enough for all the reads on a busy machine, and not so slow that the store counts as away. */
const oneCommitMs = 4_000;
const leastReads = 100;
/** This share of the reads may take as long as the disk for other reasons. */
const mostLate = 0.2;
const heartbeats = 3;
/** After five seconds the store counts as away; it looks every half second, and a busy machine adds some more. */
const [overdueMs, overdueSlackMs] = [5_000, 5_000];
/** Leaves time for all that is to be done meanwhile; who asks again once it is overdue does not find it overdue himself. */
const hangMs = 9_000;
/** The disk that does not answer at all, as far as anybody waits. */
const hungMs = 60_000;
const timeout = isLong ? 300_000 : 90_000;

interface SlowDisk {
  readonly server: LastingServer;
  readonly shim: FaultShim;
  /** Makes the next commit slow, and it alone; resolves once it waits for the disk, which `commit` brings about. */
  hold(ms: number, commit: () => unknown): Promise<void>;
}

async function setUp(t: TestContext): Promise<SlowDisk | undefined> {
  const folder = temporaryFolder(t);
  const shim = await FaultShim.make(t, folder);
  if (!shim) return undefined;
  const options = { STORE_URL: `sqlite:${folder}/parlor.db`, HEARTBEAT: '0.05' };
  const server = await LastingServer.open(t, { ...options, ...shim.env });
  await server.start();
  return {
    server,
    shim,
    async hold(ms, commit) {
      shim.set({ syncDelayMs: ms });
      const before = shim.counts().syncsDelayed;
      commit();
      await waitUntil(() => shim.counts().syncsDelayed > before, 'the commit waited for the disk');
      shim.set({ syncDelayMs: 0 });
    },
  };
}

/** Every way to read, each of which needs no disk; they answer with a status. */
function waysToRead(url: string, ada: ApiClient, after: string): (() => Promise<number>)[] {
  const statusOf = async (address: string) => {
    const response = await fetch(address);
    await response.text();
    return response.status;
  };
  const begun = async (opening: Promise<SseReader>) => {
    const stream = await opening;
    await stream.expect('init');
    stream.close();
    return stream.status;
  };
  return [
    async () => (await ada.updates()).status,
    async () => (await ada.updates({ after })).status,
    async () => (await ada.users()).status,
    async () => (await ada.getSession()).status,
    async () => (await ada.ping()).status,
    async () => (await ada.history('?limit=10')).status,
    () => begun(ada.subscribe()),
    () => begun(ada.feed('?last=10')),
    () => statusOf(`${url}/readyz`),
    () => statusOf(`${url}/`),
    () => statusOf(`${url}/v1/rooms`),
    () => statusOf(ada.base),
  ];
}

async function timeOf(call: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await call();
  return performance.now() - startedAt;
}

test('[P-1] a disk that takes 200 ms for each fsync delays acknowledgements, which share it, and nothing else', {
  timeout,
}, async (t) => {
  const made = await setUp(t);
  if (!made) return;
  const { server, shim } = made;
  const random = SeededRandom.for(t);
  const crowd = await Crowd.open({
    base: server.base(),
    readersPerManner: 2,
    senders: load.senders,
    thinkMs: 0,
    random,
  });
  t.after(() => crowd.stop());
  crowd.startReading();
  const ada = await ApiClient.join(server.url, 'Ada');
  const watch = await ada.feed();
  t.after(() => watch.close());
  await watch.expect('init');
  const reads = waysToRead(server.url, ada, ada.cursor).map((read) => async () => {
    const status = await read();
    assert.ok(status === 200 || status === 204, `a read was answered ${status}`);
  });

  shim.set({ syncDelayMs: slowMs });
  const before = shim.counts().syncs;
  const startedAt = performance.now();
  const sendTimes: number[] = [];
  const readTimes: number[] = [];
  const speak = async (sender: Crowd['senders'][number]) => {
    for (let left = load.each; left > 0; left--) sendTimes.push(await timeOf(() => sender.sayOne()));
  };
  const said = Promise.all(crowd.senders.map(speak));
  await waitUntil(() => crowd.asking > 0, 'messages were asked to be said');
  while (crowd.asking > 0) for (const read of reads) readTimes.push(await timeOf(read));
  await said;
  const seconds = (performance.now() - startedAt) / 1000;
  const syncs = shim.counts().syncs - before;
  const messages = load.senders * load.each;
  const soonest = Math.min(...sendTimes);
  assert.ok(soonest >= slowMs, `a message was acknowledged after ${soonest} ms`);
  assert.ok(messages / syncs >= leastPerSync, `${messages} messages took ${syncs} syncs`);
  const late = readTimes.filter((time) => time >= slowMs).length;
  assert.ok(
    late <= readTimes.length * mostLate,
    `${late} of ${readTimes.length} reads took as long as the disk`,
  );

  let answered = 0;
  let one: Promise<void> | undefined;
  await made.hold(oneCommitMs, () => {
    one = crowd.senders[0]?.sayOne();
  });
  const [beats, id] = [watch.comments, crowd.newestId];
  while (answered < leastReads) {
    await Promise.all(reads.map((read) => read()));
    answered += reads.length;
  }
  assert.equal(await headOf(server.base()), id, 'what is not committed was delivered');
  await waitUntil(() => watch.comments >= beats + heartbeats, 'heartbeats went on');
  assert.equal(crowd.asking, 1, 'the commit was over before what was to be done during it');
  await one;

  const verdict = judge(await crowd.settle());
  assert.equal(wordsOf(verdict), '');
  assert.ok(!watch.raw.includes('event: status'), 'the store counted as away');
  report(t, {
    fault: `each fsync takes ${slowMs} ms`,
    tried: `${messages} messages of ${load.senders} senders, ${readTimes.length} reads meanwhile; ${answered} reads during a single commit`,
    found: `acknowledged: ${wordsOfTimes(sendTimes)}, ${Math.round(messages / seconds)}/s, ${Math.round(messages / syncs)} for each fsync; reads: ${wordsOfTimes(readTimes)}; all reads and heartbeats of the single commit came before its end`,
  });
});

test('[P-1] a commit that takes longer than five seconds is answered with 503, and told once it is done', {
  timeout,
}, async (t) => {
  const made = await setUp(t);
  if (!made) return;
  const { server } = made;
  const ada = await ApiClient.join(server.url, 'Ada');
  const bob = await ApiClient.join(server.url, 'Bob');
  const stream = await bob.subscribe(`?after=${bob.cursor}`);
  t.after(() => stream.close());
  await stream.expect('join');
  const ready = async () => {
    const response = await fetch(`${server.url}/readyz`);
    return [response.status, await response.json()];
  };
  assert.deepEqual(await ready(), [200, { status: 'ready', store: 'ready' }]);

  const times: number[] = [];
  const refused = async <T extends Parameters<typeof assertProblem>[0]>(asking: Promise<T>) => {
    const askedAt = performance.now();
    const answer = await asking;
    times.push(performance.now() - askedAt);
    assertProblem(answer, 503, 'unavailable');
    assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  };
  let held: Promise<unknown> = Promise.resolve();
  await made.hold(hangMs, () => {
    held = refused(ada.send('held up', 'first'));
  });
  // These wait for the next commit.
  const eve = new ApiClient(server.url);
  const waiting = [refused(bob.send('behind it', 'second')), refused(eve.create({ name: 'Eve' }))];
  const status = await stream.expect('status');
  assert.deepEqual([status.data, status.id], ['{"store":"away"}', undefined]);
  await Promise.all([held, ...waiting]);
  const [soonest, latest] = [Math.min(...times), Math.max(...times)];
  assert.ok(soonest >= overdueMs, `it was refused after ${soonest} ms`);
  assert.ok(latest <= overdueMs + overdueSlackMs, `it was refused after ${latest} ms`);
  assert.deepEqual(await ready(), [503, { status: 'store-away', store: 'away' }]);
  assert.deepEqual((await ada.updates({ after: bob.cursor })).body.events.at(-1)?.name, 'Bob');
  const newcomer = await ada.feed();
  await newcomer.expect('init');
  assert.equal((await newcomer.expect('status')).data, '{"store":"away"}');
  newcomer.close();
  // Asked again while the commit is still under way: nobody knows yet what becomes of it.
  const again = ada.send('held up', 'first');
  assert.equal(
    stream.raw.match(/event: status/g)?.length,
    1,
    'the commit was over before what was to be done during it',
  );

  assert.equal((await stream.expect('status')).data, '{"store":"back"}');
  const first = JSON.parse((await stream.expect('message')).data);
  const { status: code, body } = await again;
  assert.deepEqual([code, body.id, first.key], [200, first.id, 'first']);
  assert.deepEqual(await ready(), [200, { status: 'ready', store: 'ready' }]);
  assert.deepEqual((await ada.send('held up', 'first')).body, body);
  assert.equal((await bob.send('behind it', 'second')).status, 201);
  assert.equal((await eve.create({ name: 'Eve' })).status, 201);
  const log = (await readLog(server.base())).map(({ type, name, key }) => `${type} ${key ?? name}`);
  assert.deepEqual(log, ['join Ada', 'join Bob', 'message first', 'message second', 'join Eve']);
  report(t, {
    fault: `an fsync takes ${hangMs / 1000} s`,
    tried: 'the send whose commit it is, a send and a create behind it; each asked for again',
    found: `503 after ${wordsOfTimes(times)}; streams and /readyz told; reading went on; then the first answer for the first send, one event for each`,
  });
});

for (const [how, seconds] of [
  ['SHUTDOWN_SECONDS', '2'],
  ['a second signal', '60'],
] as const) {
  test(`a server whose disk does not answer ends all the same: by ${how}`, { timeout }, async (t) => {
    const folder = temporaryFolder(t);
    const shim = await FaultShim.make(t, folder);
    if (!shim) return;
    const options = { STORE_URL: `sqlite:${folder}/parlor.db`, SHUTDOWN_SECONDS: seconds };
    const server = await LastingServer.open(t, { ...options, ...shim.env });
    await server.start();
    const ada = await ApiClient.join(server.url, 'Ada');
    assert.equal((await ada.send('before')).status, 201);
    const { pid } = server;
    const before = shim.counts().syncsDelayed;
    shim.set({ syncDelayMs: hungMs });
    ada.send('held up').catch(() => {});
    await waitUntil(() => shim.counts().syncsDelayed > before, 'the commit waits for the disk');
    const startedAt = performance.now();
    const stopped = server.terminate();
    const again = setInterval(() => seconds === '60' && process.kill(pid, 'SIGTERM'), 1_000);
    t.after(() => clearInterval(again));
    await stopped.finally(() => clearInterval(again));
    const ms = performance.now() - startedAt;
    assert.ok(ms < hungMs / 2, `it ended after ${ms} ms`);
    shim.clear();
    await server.start();
    const said = (await readLog(server.base())).map(({ type, message }) => message ?? type);
    assert.deepEqual(said.slice(0, 2), ['join', 'before']);
  });
}
