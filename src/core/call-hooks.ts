/** How hooks, adapters and the store are called by those who do not wait: what fails there harms nobody else [SES-12]. */

import { ChatError, type ErrorCode, isUnavailable } from './errors.ts';
import type { RoomObserver } from './observer.ts';

// Other errors come from what a hook has done beside, and would tell a client nothing about itself.
const answers: ReadonlySet<ErrorCode> = new Set(['permission-denied', 'unavailable']);

/**
 * Asks a hook that decides; if it fails, the request is refused.
 * @param question what it decides about, to be told to the client
 * @throws ChatError `internal`, or what the hook says in words of its own: `permission-denied`, `unavailable`
 */
export async function ask<R>(
  hook: () => R | Promise<R>,
  question: string,
  observer: RoomObserver,
): Promise<R> {
  try {
    return await hook();
  } catch (error) {
    if (error instanceof ChatError && answers.has(error.code)) throw error;
    observer.fault?.(error, `asking a hook about ${question}`);
    throw new ChatError('internal', `The server could not decide about ${question}.`, { cause: error });
  }
}

/** Calls something that is only told, in this same step; if it fails, that is logged. Never rejects. */
export async function tell(
  call: () => void | Promise<void>,
  doing: string,
  observer: RoomObserver,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    observer.fault?.(error, doing);
  }
}

/**
 * Asks something of the store that nobody waits for, or that is tried again; never rejects. That the store is away
 * is told by its status, once for all, and not by everything that it refuses.
 */
export function askStore(
  call: () => void | Promise<void>,
  doing: string,
  observer: RoomObserver,
): Promise<void> {
  return tell(
    async () => {
      try {
        await call();
      } catch (error) {
        if (!isUnavailable(error)) throw error;
      }
    },
    doing,
    observer,
  );
}
