/** Bounds how long somebody waits for an answer. */

import type { Patience } from '../core/authenticator.ts';
import type { Clock } from '../core/clock.ts';
import type { ChatError } from '../core/errors.ts';

/**
 * @param work is told by its patience that its answer is void
 * @throws what `late` gives if there is no answer after `ms`
 */
export async function inTime<T>(
  clock: Clock,
  ms: number,
  work: (patience: Patience) => Promise<T>,
  late: () => ChatError,
): Promise<T> {
  const impatience = new AbortController();
  const tooLate = new Promise<never>((_resolve, reject) => {
    impatience.signal.addEventListener('abort', () => reject(late()), { once: true });
  });
  const timer = clock.after(ms, () => impatience.abort());
  try {
    return await Promise.race([work(impatience.signal), tooLate]);
  } finally {
    timer.cancel();
  }
}
