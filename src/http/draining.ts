/** What a server that is stopping answers: no new work, and when to come back. */

import { ChatError } from '../core/errors.ts';
import type { Services } from './services.ts';

const retryAfterMs = 2_000;

/** @throws ChatError `unavailable` while the server is stopping */
export function requireOpenServer(services: Services): void {
  if (!services.isDraining()) return;
  throw new ChatError('unavailable', 'The server is stopping. Try again in a moment.', { retryAfterMs });
}
