/**
 * Which sessions this process knows, and by what.
 *
 * - `#byId` has all that have not ended: being opened, in doubt, or open. `#byTokenHash` has the open ones.
 * - `#doubtful` are those of which the store has failed to answer whether it has opened them. Whoever repeats their
 *   key may still get them; the next sweep ends them.
 */

import type { Clock } from './clock.ts';
import type { Ending } from './endings.ts';
import type { Arrival } from './hooks.ts';
import { RememberedEndings } from './remembered-endings.ts';
import type { Session } from './session.ts';
import type { SessionRecord } from './store.ts';

export class SessionTable {
  // Bounded by `maxSessions`, as all of these are.
  readonly #byId = new Map<string, Session>();
  readonly #byTokenHash = new Map<string, Session>();
  readonly #doubtful = new Set<Session>();
  readonly #endings: RememberedEndings;

  /** @param endingsKeptMs how long it is known why a session ended */
  constructor(clock: Clock, endingsKeptMs: number) {
    this.#endings = new RememberedEndings(clock, endingsKeptMs);
  }

  /** How many are open. */
  get size(): number {
    return this.#byTokenHash.size;
  }

  /** How many have not ended, whether they are open yet or not. */
  get total(): number {
    return this.#byId.size;
  }

  /** All that are open. */
  sessions(): Iterable<Session> {
    return this.#byTokenHash.values();
  }

  /** All that have not ended, whether they are open yet or not. */
  all(): readonly Session[] {
    return [...this.#byId.values()];
  }

  get(sessionId: string): Session | undefined {
    return this.#byId.get(sessionId);
  }

  /** An open one. */
  find(tokenHash: string): Session | undefined {
    return this.#byTokenHash.get(tokenHash);
  }

  /** Why the session of a token ended, while that is remembered. */
  ending(tokenHash: string): Ending | undefined {
    return this.#endings.get(tokenHash);
  }

  /** Keeps in mind how a session ended that was another process'. */
  remember(tokenHash: string, ending: Ending): void {
    this.#endings.add(tokenHash, ending);
  }

  /** Makes a session known, to its room too, before anybody may use it. */
  admit(session: Session): Session {
    this.#byId.set(session.sessionId, session);
    session.chatRoom.admit(session);
    return session;
  }

  /** Takes back what `admit` did, of a session that never came into being. */
  drop(session: Session): void {
    this.#byId.delete(session.sessionId);
    session.chatRoom.dismiss(session);
  }

  /** Lets a session be found. A repeated `create` may have done so before the first one goes on. */
  register(session: Session, record: SessionRecord, arrival?: Arrival): void {
    if (session.isOpened) return;
    this.#byTokenHash.set(session.tokenHash, session);
    session.opened(record, arrival);
  }

  /** Lets a session be found by the fresh token of its record, and no longer by the one before. */
  reregister(session: Session, record: SessionRecord): void {
    this.#byTokenHash.delete(session.tokenHash);
    session.tokenHash = record.tokenHash;
    if (record.user) session.renew(record.user);
    if (session.isOpened) this.#byTokenHash.set(record.tokenHash, session);
    else this.register(session, record);
  }

  /** A session has ended. */
  forget(session: Session, ending: Ending): void {
    this.#byId.delete(session.sessionId);
    this.#doubtful.delete(session);
    if (this.#byTokenHash.delete(session.tokenHash)) this.#endings.add(session.tokenHash, ending);
  }

  /** Keeps in mind a session which the store may have opened, if that is so. */
  doubt(session: Session): void {
    if (!session.isOpened && this.#byId.has(session.sessionId)) this.#doubtful.add(session);
  }

  /** Those in doubt that a repeated key may still get; from here on nobody else ends them. */
  takeDoubtful(createKey: string | null): readonly Session[] {
    if (createKey === null) return [];
    const taken = [...this.#doubtful].filter((session) => session.createKey === createKey);
    for (const session of taken) this.#doubtful.delete(session);
    return taken;
  }

  /** All that are in doubt. */
  doubtful(): readonly Session[] {
    return [...this.#doubtful];
  }

  /** Forgets why sessions ended long ago. */
  sweep(): void {
    this.#endings.sweep();
  }
}
