/** What members do in some rooms, at random: they join, come back under other names, say things, move on and leave. */

import type { SessionClaim, SessionRef, Store } from '../../../src/core/store.ts';
import type { SeededRandom } from './seeded-random.ts';

const rooms = ['lobby', 'garden', 'attic', 'kitchen'] as const;
const maxSessions = 24;
const maxDraftsPerDeed = 6;
const maxMessage = 400;
const trimShare = 0.2;

export class RandomDeeds {
  readonly #store: Store;
  readonly #random: SeededRandom;
  readonly #sessions: SessionRef[] = [];
  #count = 0;

  constructor(store: Store, random: SeededRandom) {
    this.#store = store;
    this.#random = random;
  }

  /** One commit: some things at once, whose answers are waited for. */
  async next(): Promise<void> {
    const deeds = Array.from({ length: this.#random.between(1, 3) }, () => this.#deed());
    // It goes with the rest into one transaction, and has nothing left to do for another.
    if (this.#random.isLikely(trimShare)) this.#store.trim();
    await Promise.all(deeds);
  }

  #deed(): Promise<unknown> {
    this.#count += 1;
    const session = this.#sessions[this.#random.between(0, this.#sessions.length - 1)];
    const chance = this.#random.next();
    if (!session || (chance < 0.06 && this.#sessions.length < maxSessions)) return this.#open();
    if (chance < 0.1) {
      this.#sessions.splice(this.#sessions.indexOf(session), 1);
      return this.#store.closeSession(session, 'destroyed');
    }
    if (chance < 0.15) return this.#store.joinSession(session);
    if (chance < 0.2) return this.#store.touch([session]);
    if (chance < 0.25) {
      return this.#store.savePositions([{ ...session, position: { epoch: 'abc', id: this.#count } }]);
    }
    return this.#say(session);
  }

  #open(): Promise<unknown> {
    const room = this.#random.pick(rooms);
    const claim = claimOf(room, this.#count);
    this.#sessions.push({ room, sessionId: claim.sessionId });
    return this.#store.openSession(claim, this.#random.isLikely(0.8), maxSessions);
  }

  #say({ room, sessionId }: SessionRef): Promise<unknown> {
    const drafts = Array.from({ length: this.#random.between(1, maxDraftsPerDeed) }, (_, index) => ({
      sessionId,
      message: `${this.#count} ${'x'.repeat(this.#random.between(0, maxMessage))}`,
      key: this.#random.isLikely(0.3) ? `${this.#count} ${index}` : null,
      isRepeatOnly: false,
    }));
    return this.#store.append(room, drafts);
  }
}

function claimOf(room: string, number: number): SessionClaim {
  return {
    room,
    sessionId: `session-${number}`,
    tokenHash: `hash-${number}`,
    name: `Member ${number}`,
    nameKey: `member ${number}`,
    user: null,
    delivery: 'pull',
    createdAt: 1_700_000_000_000,
    createKey: `create ${number}`,
  };
}
