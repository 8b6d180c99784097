/** Lets publishers speak for a while, and tells what that came to: only if the proof holds. */

import type { Latencies } from './latencies.ts';
import { nowMicros } from './message.ts';
import { usageOf } from './process-usage.ts';
import type { SendCounters } from './publisher.ts';
import type { RoomLoad } from './room-load.ts';
import { ClosedLoop, OpenLoop, type Schedule } from './schedule.ts';
import type { Wire } from './wire.ts';

export interface LoadWanted {
  /** Messages per second; undefined: closed loop. */
  readonly rate?: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** How long what is under way at the end may take to arrive. */
  readonly drainMs: number;
}

/** What a run came to. Times in milliseconds, shares of one core. */
export interface LoadFigures {
  readonly deliveriesPerSecond: number;
  readonly messagesPerSecond: number;
  /** From when a message was to be said until a stream had it, over all deliveries. */
  readonly p50: number;
  readonly p99: number;
  readonly sendP50: number;
  readonly sendP99: number;
  readonly serverCpu: number;
  readonly generatorCpu: number;
  /** Each is about one write of the server to a socket. */
  readonly readsPerSecond: number;
  /** Microseconds of the server's CPU. */
  readonly cpuPerRead: number;
  readonly cpuPerDelivery: number;
  readonly cpuPerMessage: number;
  /** Of the process that keeps everything, if there is one. */
  readonly storeCpu?: number;
  readonly storeCpuPerMessage?: number;
  readonly rssMb: number;
  /** The server gathers so many in a write. */
  readonly messagesPerRead: number;
  /** All that were said in this room or these rooms, ever. */
  readonly messages: number;
  /** Messages that nobody could be found to say in time. */
  readonly unsaid: number;
}

export interface RestFigures {
  readonly serverCpu: number;
  readonly storeCpu: number;
}

export async function runLoad(
  wire: Wire,
  rooms: readonly RoomLoad[],
  sends: SendCounters,
  wanted: LoadWanted,
): Promise<LoadFigures> {
  const publishers = rooms.flatMap((room) => room.publishers);
  const { rate, warmUpMs, measureMs, drainMs } = wanted;
  const schedule: Schedule = rate === undefined ? new ClosedLoop(publishers) : new OpenLoop(publishers, rate);
  const from = nowMicros() + warmUpMs * 1000;
  const window = { from, to: from + measureMs * 1000 };
  sends.acknowledged = 0;
  sends.latencies.clear();
  for (const { transcript } of rooms) transcript.measure(window);
  schedule.start();
  await until(window.from);
  const before = sample(wire, rooms);
  await until(window.to);
  const after = sample(wire, rooms);
  await schedule.stop(drainMs);
  if (sends.failure) throw sends.failure;
  for (const room of rooms) await room.prove(drainMs);

  const latencies = rooms.map(({ transcript }) => transcript.latencies);
  const deliveries = rooms.reduce((sum, { transcript }) => sum + transcript.deliveries, 0);
  const seconds = (after.at - before.at) / 1e6;
  const cpuMicros = (after.cpuMs - before.cpuMs) * 1000;
  const reads = after.reads - before.reads;
  const storeMicros = (after.storeMs - before.storeMs) * 1000;
  return {
    deliveriesPerSecond: (deliveries * 1000) / measureMs,
    messagesPerSecond: (sends.acknowledged * 1000) / measureMs,
    p50: worst(latencies, 0.5),
    p99: worst(latencies, 0.99),
    sendP50: sends.latencies.quantile(0.5),
    sendP99: sends.latencies.quantile(0.99),
    serverCpu: cpuMicros / 1e6 / seconds,
    generatorCpu: (after.ownCpuMicros - before.ownCpuMicros) / 1e6 / seconds,
    readsPerSecond: reads / seconds,
    cpuPerRead: ratio(cpuMicros, reads),
    cpuPerDelivery: ratio(cpuMicros, deliveries),
    cpuPerMessage: ratio(cpuMicros, sends.acknowledged),
    ...(wire.storePids
      ? {
          storeCpu: storeMicros / 1e6 / seconds,
          storeCpuPerMessage: ratio(storeMicros, sends.acknowledged),
        }
      : {}),
    rssMb: after.rssBytes / 1e6,
    messagesPerRead: ratio(deliveries, reads),
    messages: publishers.reduce((sum, { sequence }) => sum + sequence, 0),
    unsaid: schedule.waiting,
  };
}

/** What it costs that everybody is there and nobody speaks, as shares of one core. */
export async function runRest(
  wire: Wire,
  { warmUpMs, measureMs }: Pick<LoadWanted, 'warmUpMs' | 'measureMs'>,
): Promise<RestFigures> {
  await until(nowMicros() + warmUpMs * 1000);
  const before = sample(wire, []);
  await until(before.at + measureMs * 1000);
  const after = sample(wire, []);
  const ms = (after.at - before.at) / 1000;
  return {
    serverCpu: (after.cpuMs - before.cpuMs) / ms,
    storeCpu: (after.storeMs - before.storeMs) / ms,
  };
}

function sample(wire: Wire, rooms: readonly RoomLoad[]) {
  const own = process.cpuUsage();
  return {
    ...usageOf(wire.pids),
    storeMs: usageOf(wire.storePids ?? []).cpuMs,
    at: nowMicros(),
    ownCpuMicros: own.user + own.system,
    reads: rooms.reduce((sum, { counters }) => sum + counters.reads, 0),
  };
}

/** Of the room that is served worst. */
function worst(latencies: readonly Latencies[], share: number): number {
  return Math.max(0, ...latencies.map((each) => each.quantile(share)));
}

function ratio(amount: number, count: number): number {
  return count === 0 ? 0 : amount / count;
}

export function until(micros: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, (micros - nowMicros()) / 1000)));
}
