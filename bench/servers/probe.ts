/**
 * Loaded into a server's process before everything else, where it has to be looked into.
 *
 * - `memory`: grows the young generation to its full size, which a busy server's has anyway, collects what is garbage, both
 *   in all threads, and says what is left. The difference of two such answers is what was opened between them.
 *   `memory-roughly` does the same in little time, and measures nothing.
 * - `reset-loop` and `loop`: measure the turns of its event loop.
 * - `profile` and `profiled`: run V8's sampling profiler in the main thread.
 */

import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

const samplingMicros = 500;
const inspector = new Session();
// Some 20 MB of them.
const survivors = 200_000;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const threads = new BroadcastChannel('bench-probe');
// The types of Node 20 lack it.
(threads as unknown as { unref(): void }).unref();

if (isMainThread) {
  const turns = monitorEventLoopDelay({ resolution: 1 });
  process.on('message', (asked) => {
    if (asked === 'memory' || asked === 'memory-roughly') {
      return void collectAll(asked === 'memory').then((left) => process.send?.(left));
    }
    if (asked === 'profile') return void startProfile().then(() => process.send?.('started'));
    if (asked === 'profiled') return void stopProfile().then((profile) => process.send?.(profile));
    if (asked === 'reset-loop') {
      turns.enable();
      turns.reset();
    }
    const [p50, p99, max] = [turns.percentile(50), turns.percentile(99), turns.max].map((ns) => ns / 1e6);
    process.send?.({ p50, p99, max });
    if (asked === 'loop') turns.disable();
  });
  process.channel?.unref();
} else {
  threads.onmessage = (message) => settle((message as { readonly data: boolean }).data);
}

async function startProfile(): Promise<void> {
  inspector.connect();
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.setSamplingInterval', { interval: samplingMicros });
  await inspector.post('Profiler.start');
}

async function stopProfile(): Promise<unknown> {
  const { profile } = await inspector.post('Profiler.stop');
  inspector.disconnect();
  return profile;
}

async function collectAll(isThorough: boolean): Promise<{ heapBytes: number; rssBytes: number }> {
  threads.postMessage(isThorough);
  settle(isThorough);
  // What was finalised goes with the next one; the other threads have time as well.
  await new Promise((resolve) => setTimeout(resolve, isThorough ? 500 : 10));
  settle(isThorough);
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed + external, rssBytes: rss };
}

function settle(isThorough: boolean): void {
  // What survives a while is what makes the young generation grow.
  const ring = new Array<unknown>(survivors);
  const rounds = isThorough ? 10 : 0;
  for (let index = 0; index < survivors * rounds; index++) {
    ring[index % survivors] = { index, list: [index] };
  }
  ring.length = 0;
  collect();
  collect();
}
