/** The events before those that are followed. */

import type { RoomApi } from './api.ts';
import type { HistoryPage } from './wire.ts';

/** A page of the log before a cursor; one that cannot be had is empty, and can be asked for again. */
export async function earlier(api: RoomApi, cursor: string, limit: number): Promise<HistoryPage> {
  const answer = limit > 0 ? await api.history('before', cursor, limit) : undefined;
  return answer?.ok && answer.body.lost === undefined ? answer.body : { events: [], cursor, more: true };
}
