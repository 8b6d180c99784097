import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from '../support/api-client.ts';
import { hasLinux } from '../support/needs.ts';
import { ServerProcess } from '../support/server-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { CheckingReader, numbered } from './support/checking-reader.ts';
import { residentBytes, unsentBytes } from './support/process-usage.ts';
import { isLong, report } from './support/report.ts';
import { StalledReader } from './support/stalled-reader.ts';

const slowMs = 3_000;
// The timer that looks for slow streams goes so often.
const lookMs = slowMs / 4;
// A busy machine is late by seconds.
const slackMs = 10_000;
const healthyCount = 450;
const stalledCount = 50;
const rounds = isLong ? 8 : 2;
const perSecond = 100;
const quietMs = 1_500;
// The kernel takes no more when it took nothing for so long.
const settleMs = 150;
// More than the kernel takes for one connection by far: some 4 MB.
const large = 'x'.repeat(60_000);
const largeCount = 500;
const small = 'x'.repeat(1_000);
// What the process may queue for a stalled reader, and what a busy heap may grow beside it.
const memoryBound = stalledCount * 256 * 1024 + 256 * 1024 * 1024;
// A reader of this pace is behind all the time, and takes more in `slowMs` than the kernel waits for: a third of 4 MB.
const steadyBytesPerSecond = 3_000_000;

const options = {
  STORE_URL: 'memory:',
  LOG_LEVEL: 'debug',
  SEND_LIMIT: 'off',
  READ_LIMIT: 'off',
  MAX_STREAMS_PER_IP: 'off',
  MAX_MESSAGE_BYTES: '64KiB',
  HISTORY_BYTES: '128MiB',
  SLOW_CLIENT_SECONDS: String(slowMs / 1000),
};

test('[P-3, FAN-3] 50 stalled readers among 500 are ended as slow, and cost the others neither events nor memory', async (t) => {
  if (!hasLinux(t)) return;
  const server = await ServerProcess.start({ env: options });
  t.after(() => server.stop());
  const talk = new Talk(await ApiClient.join(server.url, 'Ada'));
  await talk.fill(largeCount);
  const feed = `${server.url}/v1/rooms/lobby/feed`;
  const healthy: CheckingReader[] = [];
  for (let count = 0; count < healthyCount; count++) {
    healthy.push(await CheckingReader.open(feed, { from: talk.next, onDelay: talk.noteDelay }));
  }
  const steady = await CheckingReader.open(`${feed}?after=0`, {
    from: 0,
    bytesPerSecond: steadyBytesPerSecond,
  });
  const steadySince = performance.now();
  t.after(() => [...healthy, steady].map((reader) => reader.close()));

  const without: Phase[] = [];
  const filling: Phase[] = [];
  const during: Phase[] = [];
  const slowAfterMs: number[] = [];
  await talk.during(server, () => delay(quietMs / 2));
  for (let round = 0; round < rounds; round++) {
    // They come far behind, or stall in the midst of large messages, which takes longer.
    const isLive = isLong && round % 2 === 1;
    const stalled = new StalledReaders(t, server, isLive ? feed : `${feed}?after=0`, round * stalledCount);
    without.push(await talk.during(server, () => delay(quietMs)));
    filling.push(await talk.during(server, () => stalled.come(), isLive ? large : small));
    during.push(await talk.during(server, async () => void slowAfterMs.push(await stalled.areEnded())));
  }
  await waitUntil(() => steady.next === talk.next || steady.isClosed, 'the slow reader had everything');
  const behindMs = performance.now() - steadySince;
  await waitUntil(() => healthy.every(({ next }) => next === talk.next), 'all had everything');

  const most = (phases: readonly Phase[]) => Math.max(...phases.map(({ residentBytes: bytes }) => bytes));
  const grown = most(during) - (without[0]?.residentBytes ?? 0);
  assert.ok(grown < memoryBound, `the process grew by ${grown} bytes`);
  for (const reader of [...healthy, steady]) {
    assert.equal(reader.fault, undefined);
    assert.equal(reader.next, talk.next);
    assert.ok(!reader.isClosed, 'a reader who reads was cut off');
  }
  assert.ok(behindMs > 2 * slowMs, `the slow reader was behind for ${behindMs} ms only`);
  const latest = Math.max(...slowAfterMs);
  assert.ok(latest < slowMs + lookMs + slackMs, `stalled streams ended after ${latest} ms`);
  const ratios = without
    .map((phase, round) => p99([during[round] ?? phase]) / p99([phase]))
    .toSorted((a, b) => a - b);
  report(t, {
    fault: `${stalledCount} stalled readers among ${stalledCount + healthyCount}`,
    tried: `${rounds} times, ${talk.next - largeCount} messages, ${perSecond} per second`,
    found: `p99 of the others ${p99(without)} ms without, ${p99(during)} ms with them: ratios of the rounds ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')} (target 1.2), ${p99(filling)} ms while those came; stalled ones ended as slow at most ${Math.round(latest)} ms after they came (${slowMs + lookMs} due); ${Math.round(grown / 2 ** 20)} MiB more memory; who reads slowly was behind for ${Math.round(behindMs)} ms and got all`,
  });
});

interface Phase {
  readonly delaysMs: readonly number[];
  /** The most there were. */
  readonly residentBytes: number;
}

/** What is said in the room, at a pace. */
class Talk {
  next = 0;
  #delaysMs: number[] = [];
  readonly #ada: ApiClient;

  constructor(ada: ApiClient) {
    this.#ada = ada;
  }

  readonly noteDelay = (delayMs: number): void => {
    this.#delaysMs.push(delayMs);
  };

  /** Says so much that nobody takes it all without reading. */
  async fill(count: number): Promise<void> {
    for (let said = 0; said < count; said++) await this.#send(performance.now(), large);
  }

  /** Speaks as long as `what` lasts. A message that is sent late counts as on its way since it was due. */
  async during(server: ServerProcess, what: () => Promise<void>, filler = small): Promise<Phase> {
    let isOver = false;
    let residentMost = 0;
    this.#delaysMs = [];
    const ending = what().finally(() => {
      isOver = true;
    });
    // It is awaited below; until then nobody else hears of its failure.
    ending.catch(() => {});
    const start = performance.now();
    for (let count = 0; !isOver; count++) {
      const dueAt = start + (count * 1000) / perSecond;
      const leftMs = dueAt - performance.now();
      if (leftMs > 1) await delay(leftMs);
      await this.#send(dueAt, filler);
      if (count % 10 === 0) residentMost = Math.max(residentMost, residentBytes(server.child.pid ?? 0));
    }
    await ending;
    return { delaysMs: this.#delaysMs, residentBytes: residentMost };
  }

  async #send(dueAt: number, filler: string): Promise<void> {
    const { status } = await this.#ada.send(numbered(this.next, dueAt, filler));
    assert.equal(status, 201);
    this.next += 1;
  }
}

/** Readers who ask for everything and read nothing. */
class StalledReaders {
  readonly #t: TestContext;
  readonly #server: ServerProcess;
  readonly #url: string;
  readonly #endedBefore: number;
  #since = 0;

  constructor(t: TestContext, server: ServerProcess, url: string, endedBefore: number) {
    this.#t = t;
    this.#server = server;
    this.#url = url;
    this.#endedBefore = endedBefore;
  }

  /** Resolves when the kernel is full of what was written to them. */
  async come(): Promise<void> {
    const opened = this.#count('stream opened') + stalledCount;
    this.#since = performance.now();
    const readers = await Promise.all(
      Array.from({ length: stalledCount }, () => StalledReader.open(this.#url)),
    );
    this.#t.after(() => readers.map((reader) => reader.close()));
    await waitUntil(() => this.#count('stream opened') >= opened, 'the stalled readers had streams');
    const ports = new Set(readers.map(({ socket }) => socket.localPort ?? 0));
    let before = -1;
    await waitUntil(async () => {
      const now = unsentBytes(ports);
      const isSame = now > 0 && now === before;
      before = now;
      if (!isSame) await delay(settleMs);
      return isSame;
    }, 'the kernel took no more');
  }

  /** Resolves when all were ended as slow, with the milliseconds that this took since they came. */
  async areEnded(): Promise<number> {
    const ended = () => this.#count('stream ended as slow') - this.#endedBefore;
    await waitUntil(() => ended() >= stalledCount, 'all stalled streams had ended');
    const tookMs = performance.now() - this.#since;
    assert.equal(ended(), stalledCount, 'somebody else was ended as slow');
    assert.ok(tookMs >= slowMs, `stalled streams were ended after ${tookMs} ms`);
    return tookMs;
  }

  #count(what: string): number {
    return this.#server.stdout.split(what).length - 1;
  }
}

function p99(phases: readonly Phase[]): number {
  const delays = phases.flatMap(({ delaysMs }) => delaysMs).toSorted((a, b) => a - b);
  return Math.round((delays[Math.floor(delays.length * 0.99)] ?? Number.NaN) * 10) / 10;
}
