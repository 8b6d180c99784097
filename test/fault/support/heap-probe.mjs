/**
 * Loaded into a server's process before everything else (see heap.ts): at each SIGWINCH, which nobody else heeds, it collects
 * what is garbage and prints `heap NUMBER: BYTES`, with what lies outside the heap and belongs to it.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  let number = 0;
  process.on('SIGWINCH', () => {
    collect();
    // What was finalised by the first one goes with the second.
    setImmediate(() => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      number += 1;
      process.stdout.write(`heap ${number}: ${heapUsed + external}\n`);
    });
  });
}
