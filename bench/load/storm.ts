/** Many streams that are cut off and all come back at once, while messages flow. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { until } from './measured-load.ts';
import { nowMicros } from './message.ts';
import { usageOf } from './process-usage.ts';
import type { SendCounters } from './publisher.ts';
import { pause, type RoomLoad } from './room-load.ts';
import { OpenLoop } from './schedule.ts';
import type { StreamReader } from './stream-reader.ts';
import { ProofError } from './transcript.ts';
import type { Wire } from './wire.ts';

export interface StormWanted {
  /** How many streams come back: the last that were opened. The others stay. */
  readonly returning: number;
  /** Messages per second. */
  readonly rate: number;
  readonly warmUpMs: number;
  /** How long those that come back were away. */
  readonly awayMs: number;
  readonly returnTimeoutMs: number;
  readonly drainMs: number;
}

export interface StormFigures {
  /** From when all began to connect until the last had what it missed. */
  readonly allBackSeconds: number;
  readonly halfBackSeconds: number;
  /** Of the streams that stayed, from the cut until all were back. */
  readonly p99: number;
  readonly p50: number;
  /** Connections that the server closed without an answer; who was refused came again a second later. */
  readonly refusals: number;
  readonly serverCpu: number;
}

const retryMs = 1_000;
const connectsPerTurn = 25;

/** @param signal told when all begin to come back, and when all are back */
export async function runStorm(
  wire: Wire,
  room: RoomLoad,
  sends: SendCounters,
  wanted: StormWanted,
  signal: (what: 'returning' | 'back') => void,
): Promise<StormFigures> {
  const { transcript } = room;
  const schedule = new OpenLoop(room.publishers, wanted.rate);
  schedule.start();
  await until(nowMicros() + wanted.warmUpMs * 1000);

  const leaving = room.streams.splice(room.streams.length - wanted.returning);
  const from = nowMicros();
  transcript.measure({ from, to: Number.POSITIVE_INFINITY });
  const places = leaving.map((stream) => {
    stream.close();
    return stream.message;
  });
  await until(from + wanted.awayMs * 1000);
  room.requireNoFailure();

  signal('returning');
  const before = usageOf(wire.pids);
  const startedAt = nowMicros();
  const missed = transcript.count;
  let refusals = 0;
  const coming: StreamReader[] = [];
  const comeBack = (message: number, index: number): void => {
    const id = message === 0 ? undefined : transcript.idOf(message - 1);
    if (id === undefined) throw new ProofError('A stream had got nothing yet from where it could resume.');
    const stream = room.connect({ 'Last-Event-ID': id });
    stream.resumeAt(message);
    stream.isTimed = false;
    stream.onRefused = () => {
      refusals++;
      room.drop(stream);
      setTimeout(() => comeBack(message, index), retryMs);
    };
    coming[index] = stream;
  };
  for (const [index, message] of places.entries()) {
    comeBack(message, index);
    // Those that stayed are read meanwhile: what is measured is not how long this loop takes.
    if (index % connectsPerTurn === connectsPerTurn - 1) await nextTurn();
  }
  let halfAt: number | undefined;
  let allAt: number | undefined;
  while (allAt === undefined) {
    await pause();
    room.requireNoFailure();
    const now = nowMicros();
    const back = coming.filter((stream) => stream.isLive && stream.message >= missed).length;
    if (back * 2 >= coming.length) halfAt ??= now;
    if (back === coming.length) allAt = now;
    if (now - startedAt > wanted.returnTimeoutMs * 1000) {
      throw new ProofError(
        `Only ${back} of ${coming.length} streams were back after ${wanted.returnTimeoutMs} ms.`,
      );
    }
  }
  signal('back');
  const after = usageOf(wire.pids);
  transcript.window = { from, to: allAt };
  await schedule.stop(wanted.drainMs);
  if (sends.failure) throw sends.failure;
  await room.prove(wanted.drainMs);
  return {
    allBackSeconds: (allAt - startedAt) / 1e6,
    halfBackSeconds: ((halfAt ?? allAt) - startedAt) / 1e6,
    p50: transcript.latencies.quantile(0.5),
    p99: transcript.latencies.quantile(0.99),
    refusals,
    serverCpu: ((after.cpuMs - before.cpuMs) * 1000) / (allAt - startedAt),
  };
}
