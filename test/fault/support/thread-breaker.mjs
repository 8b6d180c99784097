/**
 * Loaded into a server's process before everything else, it breaks the thread of the store once the file that
 * PARLOR_BREAK_THREAD names is there: `throw` an error that nobody catches, or take all `memory` there is.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env.PARLOR_BREAK_THREAD;
const lookMs = 10;

if (!isMainThread && file !== undefined) {
  const watch = setInterval(() => {
    if (!existsSync(file)) return;
    clearInterval(watch);
    if (readFileSync(file, 'utf8') === 'throw') throw new Error('broken for a test');
    const hoard = [];
    for (;;) hoard.push(Array.from({ length: 1_000 }, () => ({})));
  }, lookMs);
  watch.unref();
}
