/** Joins a room in one call, as programs do. */

import type { ClientOptions } from './client-options.ts';
import { outside } from './outcome.ts';
import { ProblemError } from './problem.ts';
import { RoomClient } from './room-client.ts';
import type { Joiner } from './wire.ts';

export interface JoinOptions extends ClientOptions, Joiner {
  /** Closes the client, also while it waits for the server. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Joins a room, or goes on with the session that the storage holds; waits for a server that cannot be reached.
 *
 * @throws ProblemError if one is not let in, or `signal` is aborted before that
 * @example
 * const room = await join({ url: 'https://chat.example.org', room: 'lobby', name: 'Bot' });
 * room.on('message', ({ name, message }) => console.log(`${name}: ${message}`));
 */
export async function join(options: JoinOptions): Promise<RoomClient> {
  const { signal, storage } = options;
  const client = new RoomClient(options);
  signal?.addEventListener('abort', () => client.close());
  const isInside = storage && !signal?.aborted && (await client.resume());
  // Closed before it joined, it would begin anew.
  if (signal?.aborted) throw new ProblemError(outside());
  if (!isInside) await client.join({ ...options, isPatient: true });
  return client;
}
