/** A small talk in two rooms, written by the store: joins, messages with keys, positions, a leave. */

import type { SessionClaim, SessionRef } from '../../../../src/core/store.ts';
import { openSqlite } from '../../../support/sqlite.ts';

/** Writes it into a new file: 8 events and 2 sessions in the lobby, a member in the attic; the store is closed again. */
export async function storedTalk(path: string): Promise<void> {
  const store = await openSqlite(path);
  try {
    const [ada, bob, cleo] = [claimOf('lobby', 'Ada'), claimOf('lobby', 'Bob'), claimOf('lobby', 'Cleo')];
    for (const claim of [ada, bob, cleo, claimOf('attic', 'Dora')]) {
      const { outcome } = await store.openSession(claim, true, 10);
      if (outcome !== 'opened') throw new Error(`The session was not opened: ${outcome}.`);
    }
    const say = (message: string, { sessionId }: SessionRef, key: string | null) =>
      store.append('lobby', [{ sessionId, message, key, isRepeatOnly: false }]);
    await say('hello', ada, 'k1');
    await say('hello, Ada', bob, null);
    await say('bye', cleo, 'k1');
    await say('how are you?', ada, 'k2').then(() => store.closeSession(cleo, 'destroyed'));
    await store.savePositions([{ ...ada, position: { epoch: '7f3a', id: 3 } }]);
  } finally {
    await store.close();
  }
}

function claimOf(room: string, name: string): SessionClaim {
  const id = name.toLowerCase();
  return {
    room,
    sessionId: `session-${id}`,
    tokenHash: `hash-${id}`,
    name,
    nameKey: id,
    user: null,
    delivery: 'pull',
    createdAt: 1_700_000_000_000,
    createKey: null,
  };
}
