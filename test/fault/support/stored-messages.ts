/** A database with many messages in it, written by the store itself: as a server leaves it that ran for long. */

import { systemTokens } from '../../../src/system/system-tokens.ts';
import { openSqlite } from '../../support/sqlite.ts';

const perCommit = 1_000;

/** Writes a room with one member, who said so many messages. */
export async function storeMessages(path: string, room: string, count: number): Promise<void> {
  const store = await openSqlite(path);
  try {
    const sessionId = systemTokens.id();
    const claim = {
      room,
      sessionId,
      tokenHash: systemTokens.hash(systemTokens.issue()),
      name: 'Ada',
      nameKey: 'ada',
      user: null,
      delivery: 'pull',
      createdAt: Date.now(),
      createKey: null,
    } as const;
    const { outcome } = await store.openSession(claim, true, 1);
    if (outcome !== 'opened') throw new Error(`The session was not opened: ${outcome}.`);
    for (let said = 0; said < count; said += perCommit) {
      const drafts = Array.from({ length: Math.min(perCommit, count - said) }, (_, index) => ({
        sessionId,
        message: `message ${said + index}: ${'x'.repeat(100)}`,
        key: null,
        isRepeatOnly: false,
      }));
      await store.append(room, drafts);
    }
  } finally {
    await store.close();
  }
}
