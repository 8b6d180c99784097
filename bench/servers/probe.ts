/**
 * Loaded into a server's process before everything else, where it has to be looked into.
 *
 * - `memory`: grows the young generation to its full size, which a busy server's has anyway, collects what is garbage, both
 *   in all threads, and says what is left. The difference of two such answers is what was opened between them.
 * - `reset-loop` and `loop`: measure the turns of its event loop.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

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
    if (asked === 'memory') return void collectAll().then((left) => process.send?.(left));
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
  threads.onmessage = () => settle();
}

async function collectAll(): Promise<{ heapBytes: number; rssBytes: number }> {
  threads.postMessage('memory');
  settle();
  // What was finalised goes with the next one; the other threads have time as well.
  await new Promise((resolve) => setTimeout(resolve, 500));
  settle();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed + external, rssBytes: rss };
}

function settle(): void {
  // What survives a while is what makes the young generation grow.
  const ring = new Array<unknown>(survivors);
  for (let index = 0; index < survivors * 10; index++) ring[index % survivors] = { index, list: [index] };
  ring.length = 0;
  collect();
  collect();
}
