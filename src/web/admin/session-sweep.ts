/** Reads all sessions there are, page by page. */

import type { AdminApi } from './admin-api.ts';
import { pageLimit } from './admin-api.ts';
import type { AdminSession } from './answers.ts';

/**
 * By how much each page reaches back into the one before. Whoever ends between two pages moves all after him one place
 * ahead: only if more than so many of those already read end meanwhile, some are passed over, until the next sweep.
 */
const overlap = 50;
/** Beyond this nobody reads them in a table; more than ten times what MAX_SESSIONS is by default. */
const most = 250_000;

/**
 * @param tell what was read so far, and of how many
 * @throws ProblemError if a page cannot be had
 */
export async function sweepSessions(
  api: Pick<AdminApi, 'sessions'>,
  life: AbortSignal,
  tell?: (sessions: readonly AdminSession[], total: number) => void,
): Promise<readonly AdminSession[]> {
  const found = new Map<string, AdminSession>();
  for (let offset = 0; ; offset += pageLimit - overlap) {
    const { sessions, total } = await api.sessions(offset, life);
    for (const session of sessions) found.set(session.sessionId, session);
    const all = [...found.values()];
    if (
      life.aborted ||
      offset + sessions.length >= total ||
      sessions.length < pageLimit ||
      all.length >= most
    )
      return all;
    tell?.(all, total);
  }
}
