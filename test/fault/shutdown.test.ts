import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '../support/wait-until.ts';
import { Crowd } from './support/crowd.ts';
import { wordsOfTimes } from './support/figures.ts';
import { judge, wordsOf } from './support/judge.ts';
import { LastingServer } from './support/lasting-server.ts';
import { LeanStream } from './support/lean-stream.ts';
import { join, type Member } from './support/member.ts';
import { Patience } from './support/patience.ts';
import { isLong, report } from './support/report.ts';
import { SeededRandom } from './support/seeded-random.ts';

const members = 200;
const streamsPerMember = 5;
const feeds = 1_000;
const openedAtOnce = 50;
const volley = { senders: 64, each: 3 };
const stops = isLong ? 10 : 1;
const shutdownSeconds = 5;
/** What a busy machine may add. */
const slackMs = 1_000;
/** Over which they come back, at the least. */
const leastSpreadMs = 800;
const timeout = isLong ? 900_000 : 150_000;

test('[FAN-6] [P-1] stopped with 2,000 streams and sends in flight, the server ends all cleanly and loses nothing', {
  timeout,
}, async (t) => {
  const random = SeededRandom.for(t);
  const server = await LastingServer.open(t, {
    STORE_URL: 'sqlite:./parlor.db',
    SHUTDOWN_SECONDS: String(shutdownSeconds),
  });
  await server.start();
  const crowd = await Crowd.open({
    base: server.base(),
    readersPerManner: 2,
    senders: volley.senders,
    thinkMs: 0,
    random: random.fork(),
  });
  t.after(() => crowd.stop());
  crowd.startReading();
  const audience = await gather(server.base(), random);
  const exitTimes: number[] = [];
  const retries: number[] = [];
  const counts = { streams: 0, inFlight: 0, acknowledged: 0 };
  for (let stop = 0; stop < stops; stop++) {
    const streams = await openStreams(t, server.base(), audience);
    counts.streams = streams.length;
    // On connections that are open already, so that the server has what it is asked when the signal comes.
    await crowd.volley(1);
    const said = crowd.volley(volley.each);
    await waitUntil(() => crowd.asking > 0, 'sends were in flight');
    await delay(random.between(0, 40));
    const inFlight = sendsInFlight(crowd);
    const { exitCode, ms } = await server.terminate();
    counts.inFlight += inFlight.length;
    counts.acknowledged += inFlight.filter((outcome) => outcome() === 'acknowledged').length;
    const unanswered = inFlight.filter((outcome) => outcome() === 'cut off').length;
    assert.equal(unanswered, 0, `of ${inFlight.length} sends in flight ${unanswered} got no answer`);
    exitTimes.push(ms);
    assert.equal(exitCode, 0, server.output);
    assert.ok(ms <= shutdownSeconds * 1000 + slackMs, `the exit took ${ms} ms`);
    await Promise.all(streams.map(({ closed }) => closed));
    const cutOff = streams.filter(({ farewell }) => farewell?.reason !== 'shutdown');
    assert.equal(cutOff.length, 0, `without bye and a last chunk: ${JSON.stringify(cutOff[0]?.tail)}`);
    retries.push(...streams.flatMap(({ farewell }) => farewell?.retryMs ?? []));
    await server.start();
    await said;
  }
  const verdict = judge(await crowd.settle());
  assert.equal(wordsOf(verdict), '');
  const spreadMs = Math.max(...retries) - Math.min(...retries);
  assert.ok(spreadMs >= leastSpreadMs, `all would come back within ${spreadMs} ms`);
  report(t, {
    fault: `SIGTERM with ${counts.streams} streams and sends in flight, restart`,
    tried: `${stops} times; ${counts.inFlight} sends in flight`,
    found: `exit code 0: ${wordsOfTimes(exitTimes)}; each stream ended with bye and a last chunk, to come back over ${spreadMs} ms; each send in flight answered, ${counts.acknowledged} with 201; 0 of ${verdict.acknowledged} acknowledged messages lost, nobody left`,
  });
});

type Outcome = 'acknowledged' | 'refused' | 'cut off';

/** Of each send that is under way: what has become of it. */
function sendsInFlight({ senders }: Crowd): (() => Outcome)[] {
  return senders
    .filter(({ isAsking }) => isAsking)
    .map(({ notes }) => {
      const before = { acknowledged: notes.acknowledged.length, refusals: notes.refusals };
      return () => {
        if (notes.acknowledged.length > before.acknowledged) return 'acknowledged';
        return notes.refusals > before.refusals ? 'refused' : 'cut off';
      };
    });
}

/** Those who only listen. */
async function gather(base: string, random: SeededRandom): Promise<Member[]> {
  const patience = new Patience(random.fork());
  const audience: Member[] = [];
  for (let count = 0; count < members; count++) {
    audience.push(await join(base, `listener ${count}`, 'pull', patience));
  }
  return audience;
}

/** Streams of members, and as many of the feed; gone after the test. */
async function openStreams(
  t: TestContext,
  base: string,
  audience: readonly Member[],
): Promise<readonly LeanStream[]> {
  const open: LeanStream[] = [];
  t.after(() => Promise.all(open.map((stream) => stream.close())));
  const calls = [
    ...audience.flatMap(({ token }) =>
      Array.from({ length: streamsPerMember }, () => () => {
        return LeanStream.open(`${base}/session/events`, { authorization: `Bearer ${token}` });
      }),
    ),
    ...Array.from({ length: feeds }, () => () => LeanStream.open(`${base}/feed`)),
  ];
  for (let at = 0; at < calls.length; at += openedAtOnce) {
    const wave = calls.slice(at, at + openedAtOnce);
    open.push(...(await Promise.all(wave.map((call) => call()))));
  }
  return open;
}
