/** Joins a room in one call, as programs do. */

import type { ClientOptions } from './client-options.ts';
import { RoomClient } from './room-client.ts';
import type { Joiner } from './wire.ts';

export interface JoinOptions extends ClientOptions, Joiner {
  /** Closes the client, also while it waits for the server. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Joins a room, or goes on with the session that the storage holds; waits for a server that cannot be reached.
 *
 * @throws ProblemError if one is not let in, or `signal` was aborted before
 * @example
 * const room = await join({ url: 'https://chat.example.org', room: 'lobby', name: 'Bot' });
 * room.on('message', ({ name, message }) => console.log(`${name}: ${message}`));
 */
export async function join(options: JoinOptions): Promise<RoomClient> {
  const client = new RoomClient(options);
  options.signal?.addEventListener('abort', () => client.close());
  const isInside = options.storage !== undefined && (await client.resume());
  if (!isInside) await client.join({ ...options, isPatient: true });
  return client;
}
