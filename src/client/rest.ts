/** What is told between two tries to reach the server. */

import type { Tell } from './news.ts';
import { backoffMs, type Schedule } from './schedule.ts';

/**
 * Waits before another try and tells until when; then, that nothing is waited for any more.
 *
 * @param floorMs the least the server asked for
 * @param pause ends the wait when aborted
 * @param life nothing is told once it is aborted
 */
export async function rest(
  schedule: Schedule,
  tell: Tell,
  failures: number,
  floorMs: number | undefined,
  pause: AbortSignal,
  life: AbortSignal,
): Promise<void> {
  const ms = backoffMs(schedule, failures, floorMs);
  tellTry(tell, failures, schedule.now() + ms);
  await schedule.sleep(ms, pause);
  if (!life.aborted) tellTry(tell, failures);
}

/** Tells a try, or that one is waited for. A first failure is no news: `offline` means that several have failed. */
export function tellTry(tell: Tell, failures: number, retryAt?: number): void {
  tell('state', failures > 1 ? 'offline' : 'connecting', { retryAt });
}
