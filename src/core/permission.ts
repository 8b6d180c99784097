/** Whether a client may do something now: asked on every request, for what he may can change while he is connected. */

import type { User } from './authenticator.ts';
import { ask } from './call-hooks.ts';
import { ChatError } from './errors.ts';
import type { Hooks, Operation } from './hooks.ts';
import type { RoomObserver } from './observer.ts';

/** Who wants to do something. */
interface Asking {
  readonly sessionId: string;
  readonly room: string;
  readonly name: string;
  readonly user: User | null;
  /** @throws ChatError `session-gone` */
  requireOpen(): void;
}

/**
 * @param message what is to be said, if that is the operation
 * @throws ChatError `permission-denied`, `session-gone`, or `internal` if the hook fails
 */
export async function requirePermission(
  hooks: Hooks,
  asking: Asking,
  operation: Operation,
  message: string | undefined,
  observer: RoomObserver,
): Promise<void> {
  const { sessionId, room, name, user } = asking;
  const input = { sessionId, room, name, ...(message === undefined ? {} : { message }) };
  const isAllowed = await ask(() => hooks.authorize?.(user, operation, input), 'this request', observer);
  if (!isAllowed) throw new ChatError('permission-denied', `You are not allowed to ${operation} here.`);
  // It may have ended while the hook thought about it.
  asking.requireOpen();
}
