import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { assertProblem } from '../support/problem.ts';
import { waitUntil } from '../support/wait-until.ts';
import { Crowd } from './support/crowd.ts';
import { wordsOfTimes } from './support/figures.ts';
import { headOf, readLog } from './support/final-log.ts';
import { judge, wordsOf } from './support/judge.ts';
import { LastingServer } from './support/lasting-server.ts';
import { makeSmallDisk } from './support/make-small-disk.ts';
import { isLong, report } from './support/report.ts';
import { SeededRandom } from './support/seeded-random.ts';

const rounds = isLong ? 20 : 2;
/** How long the disk stays full, under load. */
const fullMs = isLong ? 5_000 : 1_000;
/** More lines than that are a flood. */
const mostLines = 6;
/** It looks every second; the rest is for a busy machine. */
const recoveryBoundMs = 10_000;
/** What a database outgrows by itself, and what it has then. */
const outgrown = { mebibytes: 6, thenMebibytes: 64, messageBytes: 48 * 1024, mostMessages: 500 };
/** After so many bytes the log beside the file is written back into it. */
const logBytes = 4 * 1024 * 1024;
const timeout = isLong ? 900_000 : 90_000;

test('[P-1] [P-2] on a full disk nothing is said or joined, reading goes on, and with room it goes on by itself', {
  timeout,
}, async (t) => {
  const disk = await makeSmallDisk(t, isLong ? 32 : 4);
  if (!disk) return;
  const options = { ...disk.env, STORE_URL: `sqlite:${disk.folder}/parlor.db`, LOG_LEVEL: 'info' };
  const server = await LastingServer.open(t, options, disk.enter);
  await server.start();
  const crowd = await Crowd.open({
    base: server.base(),
    readersPerManner: 2,
    senders: 4,
    thinkMs: 5,
    random: SeededRandom.for(t),
  });
  t.after(() => crowd.stop());
  crowd.start();
  const refusals: number[] = [];
  const recoveries: number[] = [];
  const lines: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const witness = await ApiClient.join(server.url, `Witness ${round}`);
    await crowd.hears(50);
    const line = linesOf(server);
    disk.fill();
    const before = refusalsOf(crowd);
    await waitUntil(
      () => refusalsOf(crowd).every((count, index) => count > (before[index] ?? 0)),
      'all were refused',
    );
    const [acknowledged, head] = [crowd.acknowledged, await headOf(server.base())];
    const until = performance.now() + fullMs;
    const sieged = siege(witness, () => performance.now() < until);

    const newcomer = new ApiClient(server.url);
    for (const delivery of ['pull', 'push']) {
      const answer = await newcomer.create({ name: `Newcomer ${round}`, delivery });
      assertProblem(answer, 503, 'unavailable');
      assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    }
    await readsGoOn(witness, head);
    refusals.push(await sieged);
    assert.equal(await readiness(server), '503 store-away');
    assert.equal(crowd.acknowledged, acknowledged, 'a message was acknowledged on a full disk');
    assert.equal(await headOf(server.base()), head, 'something was delivered on a full disk');
    lines.push(linesOf(server) - line);
    assert.ok(
      lines.every((count) => count <= mostLines),
      `the log is flooded: ${server.output.slice(0, 2_000)}`,
    );

    if (round % 2 === 1 && disk.letsStart) {
      // A crash now: what is there can be read all the same, also by who has to be looked up first.
      await server.kill();
      server.launch();
      await waitUntil(async () => (await readiness(server)) === '503 store-away', 'it started');
      assert.equal((await witness.updates()).status, 200);
      assert.equal(await headOf(server.base()), head);
    }

    const freedAt = performance.now();
    disk.free();
    await waitUntil(async () => (await readiness(server)) === '200 ready', 'the server recovered');
    recoveries.push(performance.now() - freedAt);
    await crowd.hears(20);
    // The name was left free, and a round later it is said who joined when.
    assert.equal((await newcomer.create({ name: `Newcomer ${round}` })).status, 201);
  }
  assert.ok(Math.max(...recoveries) <= recoveryBoundMs, `recovery: ${wordsOfTimes(recoveries)}`);
  const verdict = judge(await crowd.settle());
  assert.equal(wordsOf(verdict), '');
  const log = await readLog(server.base());
  await server.kill();
  await server.start();
  assert.deepEqual(await readLog(server.base()), log);
  report(t, {
    fault: `the disk is full (${disk.kind})`,
    tried: `${rounds} times for ${fullMs / 1000} s; ${crowd.readers.length} readers, ${crowd.senders.length} senders ${total(refusals)} more sends refused, ${2 * rounds} creates; kill -9 ${disk.letsStart ? 'while it is full, and ' : ''}afterwards`,
    found: `0 acknowledged, 0 delivered, no name taken; at most ${Math.max(...lines)} lines logged; back: ${wordsOfTimes(recoveries)}; 0 of ${verdict.acknowledged} acknowledged messages lost, ids contiguous, all hashes equal`,
  });
});

test('[SES-1] who leaves or expires while the disk is full is refused at once, and heard to leave once there is room', {
  timeout,
}, async (t) => {
  const disk = await makeSmallDisk(t, 4);
  if (!disk) return;
  const options = { SESSION_TIMEOUT: '2', REAPER_INTERVAL: '0.2', HEARTBEAT: '0.3', LOG_LEVEL: 'info' };
  const store = { ...disk.env, STORE_URL: `sqlite:${disk.folder}/parlor.db` };
  const server = await LastingServer.open(t, { ...options, ...store }, disk.enter);
  await server.start();
  const join = (name: string) => ApiClient.join(server.url, name);
  const [ada, bob, cleo, dan] = [await join('Ada'), await join('Bob'), await join('Cleo'), await join('Dan')];
  // Instead of failing the log is written back, which gives room for a little more, until the file has to grow.
  disk.fill();
  let squeezed = 0;
  for (; (await ada.send('squeezed')).status === 201; squeezed++) {
    assert.ok(squeezed < outgrown.mostMessages, 'the disk is not full');
  }
  // What was too little for a message would be enough to look whether something can be written again.
  disk.fill();
  const { cursor } = (await bob.users()).body;
  const stream = await ada.subscribe(`?after=${cursor}`);
  t.after(() => stream.close());
  let isHeard = false;
  const heard = bob.updates({ after: cursor, wait: 25 }).finally(() => {
    isHeard = true;
  });

  // All the while somebody tries to say something, and each commit fails.
  const isExpired = () => /"reason":"expired"/.test(server.output);
  const sieged = Promise.all(Array.from({ length: 8 }, () => siege(ada, () => !isExpired())));
  assert.equal((await stream.expect('status')).data, '{"store":"away"}');
  const destroyed = await timeOf(async () => {
    assertProblem(await cleo.destroy(), 503, 'unavailable');
  });
  assert.equal(assertProblem(await cleo.updates(), 410, 'session-gone').reason, 'destroyed');
  const refusals = total(await sieged);
  assert.equal(assertProblem(await dan.updates(), 410, 'session-gone').reason, 'expired');
  // Her leave is not committed: her name is still hers.
  assert.notEqual((await new ApiClient(server.url).create({ name: 'Cleo' })).status, 201);
  assert.deepEqual((await ada.users()).body.users, ['Ada', 'Bob', 'Cleo', 'Dan']);
  assert.ok(!isHeard, 'somebody was heard to leave before that was committed');

  disk.free();
  assert.equal((await stream.expect('status')).data, '{"store":"back"}');
  const leaves = [await stream.expect('leave'), await stream.expect('leave')];
  assert.deepEqual(leaves.map(({ data }) => JSON.parse(data).name).sort(), ['Cleo', 'Dan']);
  const [first] = (await heard).body.events;
  assert.deepEqual([first?.type, first?.id], ['leave', Number(leaves[0]?.id?.split('-')[1])]);
  assert.deepEqual((await ada.users()).body.users, ['Ada', 'Bob']);
  assertProblem(await cleo.destroy(), 410, 'session-gone');
  for (const name of ['Cleo', 'Dan']) await join(name);
  const log = await readLog(server.base());
  const messages = Array<string>(squeezed).fill('message');
  const types = ['join', 'join', 'join', 'join', ...messages, 'leave', 'leave', 'join', 'join'];
  assert.deepEqual(
    log.map(({ id, type }) => `${id} ${type}`),
    types.map((type, at) => `${at + 1} ${type}`),
  );
  await server.kill();
  await server.start();
  assert.deepEqual(await readLog(server.base()), log);
  report(t, {
    fault: `members leave while the disk is full (${disk.kind})`,
    tried: `one by destroy, one by silence, among ${refusals} sends that are refused`,
    found: `destroy answered 503 after ${Math.round(destroyed)} ms, everything else 410 for both; their leaves committed and heard by poll and stream once there was room; names free`,
  });
});

test('[P-1] a database that outgrows its disk goes on by itself once there is more room', {
  timeout,
}, async (t) => {
  const disk = await makeSmallDisk(t, outgrown.thenMebibytes);
  if (!disk) return;
  const url = { STORE_URL: `sqlite:${disk.folder}/parlor.db` };
  const options = { ...disk.env, ...url, MAX_MESSAGE_BYTES: '64KiB' };
  const server = await LastingServer.open(t, options, disk.enter);
  await server.start();
  const ada = await ApiClient.join(server.url, 'Ada');
  disk.fill(outgrown.mebibytes * 2 ** 20);
  const textOf = (key: number) => `${key} `.padEnd(outgrown.messageBytes, 'x');
  const said: string[] = [];
  const say = async () => {
    const { status, body } = await ada.send(textOf(said.length), `k${said.length}`);
    if (status === 201) said.push(`k${said.length} ${body.id}`);
    return status;
  };
  while ((await say()) === 201) assert.ok(said.length < outgrown.mostMessages, 'the disk is not full');
  const acknowledged = said.length;
  assert.ok(disk.bytesOf('parlor.db-wal') > logBytes, 'the log could still be written back');
  await waitUntil(async () => (await readiness(server)) === '503 store-away', 'the store was away');
  assert.equal(await say(), 503);
  assert.equal((await readLog(server.base())).length, 1 + acknowledged);

  disk.free();
  const recoveryMs = await timeOf(() =>
    waitUntil(async () => (await readiness(server)) === '200 ready', 'the server recovered'),
  );
  assert.ok(recoveryMs <= recoveryBoundMs, `recovery: ${recoveryMs} ms`);
  assert.ok(linesOf(server) <= mostLines, `the log is flooded: ${server.output.slice(0, 2_000)}`);
  // Also the log is written back again.
  while (disk.bytesOf('parlor.db-wal') > logBytes) {
    assert.equal(await say(), 201);
    assert.ok(said.length < outgrown.mostMessages, 'the log only grows');
  }
  await server.kill();
  await server.start();
  const [join, ...messages] = await readLog(server.base());
  assert.equal(join?.type, 'join');
  assert.deepEqual(
    messages.map(({ key, id }) => `${key} ${id}`),
    said,
  );
  assert.ok(messages.every(({ message }, at) => message === textOf(at)));
  report(t, {
    fault: `the database outgrows its disk (${disk.kind})`,
    tried: `${outgrown.mebibytes} MiB, later ${outgrown.thenMebibytes}; ${said.length} messages of ${outgrown.messageBytes / 1024} KiB, kill -9 at the end`,
    found: `full after ${acknowledged} messages; back by itself after ${Math.round(recoveryMs)} ms; all acknowledged messages there, and no others`,
  });
});

test('[P-1] a write-ahead log that has taken all the room is written back, and nobody is refused', {
  timeout,
}, async (t) => {
  // No file of the server may become larger than this: one or two mebibytes, as shells count differently.
  const enter = ['sh', '-c', 'ulimit -f 2048 && exec "$@"', 'sh'];
  const server = await LastingServer.open(t, { STORE_URL: 'sqlite:parlor.db' }, enter);
  await server.start();
  const ada = await ApiClient.join(server.url, 'Ada');
  const log = join(server.folder, 'parlor.db-wal');
  let writtenBack = 0;
  for (let said = 0, size = 0; writtenBack < 2; said++) {
    assert.ok(said < outgrown.mostMessages * 4, 'it could grow without end');
    const { status } = await ada.send(`message ${said}`);
    assert.equal(status, 201, `after ${said} messages`);
    const before = size;
    size = statSync(log).size;
    assert.ok(size < logBytes);
    if (size < before) writtenBack += 1;
  }
});

function refusalsOf({ senders }: Crowd): number[] {
  return senders.map(({ notes }) => notes.refusals);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Sends for as long as it is told to; all is refused, and having no key it is said by nobody. */
async function siege(member: ApiClient, goesOn: () => boolean): Promise<number> {
  let refused = 0;
  for (; goesOn(); refused++) assertProblem(await member.send(`refused ${refused}`), 503, 'unavailable');
  return refused;
}

async function timeOf(call: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await call();
  return performance.now() - startedAt;
}

/** Warnings and worse: sessions come back after a restart with a line each. */
function linesOf(server: LastingServer): number {
  return server.output.split('\n').filter((line) => /^\{"level":[456]0/.test(line)).length;
}

async function readiness(server: LastingServer): Promise<string> {
  try {
    const response = await fetch(`${server.url}/readyz`);
    const { status } = (await response.json()) as { status: string };
    return `${response.status} ${status}`;
  } catch {
    return 'not there';
  }
}

/** What was there before the disk was full can be read in every way, from anew too. */
async function readsGoOn(member: ApiClient, head: number): Promise<void> {
  const { status, body } = await member.updates({ after: '0' });
  assert.equal(status, 200);
  assert.ok(body.events.length > 0);
  const empty = await member.updates({ after: body.cursor, wait: 0.1 });
  for (const opening of [member.subscribe(), member.feed()]) {
    const stream = await opening;
    const { id } = await stream.expect('init');
    assert.equal(id?.split('-')[1], String(head));
    assert.equal((await stream.expect('status')).data, '{"store":"away"}');
    stream.close();
  }
  const { body: users } = await member.users();
  assert.equal(users.cursor.split('-')[1], String(head));
  assert.deepEqual([empty.status, (await member.history()).body.events.at(-1)?.id], [200, head]);
}
