/**
 * Who listens to a room here. One that is being loaded hears nothing until its snapshot is there, and then what is behind it.
 * Nothing that a listener throws keeps others from being told.
 */

import type { LogSnapshot } from '../../core/event-log.ts';
import type { EncodedEvent } from '../../core/events.ts';
import type { StoreListener } from '../../core/store.ts';
import type { PublishedEnding } from './publications.ts';

/** A listener, and how far it is. */
export interface Listening {
  readonly listener: StoreListener;
  /** The last event it knows; undefined until its snapshot is there. */
  head: number | undefined;
  /** What came before that: bounded by how long a room may take to be read. */
  readonly early: (readonly EncodedEvent[])[];
}

export class FeedListeners {
  readonly #all = new Set<Listening>();
  readonly #onFault: (error: unknown, doing: string) => void;

  constructor(onFault: (error: unknown, doing: string) => void) {
    this.#onFault = onFault;
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** Lets it hear what is told from now on, once it has its snapshot. */
  add(listener: StoreListener): Listening {
    const listening: Listening = { listener, head: undefined, early: [] };
    this.#all.add(listening);
    return listening;
  }

  delete(listening: Listening): void {
    this.#all.delete(listening);
  }

  clear(): void {
    this.#all.clear();
  }

  /** It has a snapshot, and hears what came meanwhile. */
  begin(listening: Listening, log: LogSnapshot): void {
    listening.head = log.baseId + log.events.length;
    for (const batch of listening.early.splice(0)) this.#tell(listening, batch);
  }

  /** Tells of events, each listener of those that it does not know. */
  deliver(events: readonly EncodedEvent[]): void {
    if (events.length === 0) return;
    for (const listening of this.#all) this.#tell(listening, events);
  }

  ended({ sessionId, reason, detail }: PublishedEnding): void {
    for (const { listener } of this.#all) {
      this.#attempt(() => listener.ended(sessionId, reason, detail), 'telling a listener of an ending');
    }
  }

  /** Gives them the room as a whole: they tell their gap themselves [LOG-5]. */
  replace(log: LogSnapshot): void {
    for (const listening of this.#all) {
      // One that is being loaded gets a snapshot of its own, which may be older: then it is a hole that heals.
      if (listening.head === undefined) continue;
      listening.head = log.baseId + log.events.length;
      this.#attempt(() => listening.listener.replaced?.(log), 'giving a listener a room anew');
    }
  }

  #tell(listening: Listening, events: readonly EncodedEvent[]): void {
    const { head } = listening;
    if (head === undefined) {
      listening.early.push(events);
      return;
    }
    const fresh =
      events[0] && events[0].event.id > head ? events : events.filter(({ event }) => event.id > head);
    const last = fresh.at(-1);
    if (!last) return;
    listening.head = last.event.id;
    this.#attempt(() => listening.listener.deliver(fresh), 'delivering to a listener');
  }

  #attempt(tell: () => void, doing: string): void {
    try {
      tell();
    } catch (error) {
      this.#onFault(error, doing);
    }
  }
}
