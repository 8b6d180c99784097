/**
 * Loaded into a server's process before everything else, where it has to be looked into: told `collect` it collects what is
 * garbage, in all threads, and says what is left; `reset-loop` and `loop` measure the turns of its event loop.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const threads = new BroadcastChannel('collect');
// The types of Node 20 lack it.
(threads as unknown as { unref(): void }).unref();

if (isMainThread) {
  const turns = monitorEventLoopDelay({ resolution: 1 });
  process.on('message', (asked) => {
    if (asked === 'collect') return void collectAll().then((left) => process.send?.(left));
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
  threads.onmessage = () => collectTwice();
}

async function collectAll(): Promise<{ heapBytes: number; rssBytes: number }> {
  threads.postMessage('collect');
  collectTwice();
  // What was finalised goes with the next one; the other threads have time as well.
  await new Promise((resolve) => setTimeout(resolve, 500));
  collectTwice();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed + external, rssBytes: rss };
}

function collectTwice(): void {
  collect();
  collect();
}
