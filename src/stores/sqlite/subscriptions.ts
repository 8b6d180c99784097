/** Who listens to which room. A subscription keeps batches back until its room's log has been read. */

import type { StoreListener } from '../../core/store.ts';
import type { RoomChanges } from '../room-ledger.ts';
import type { PublishedChanges } from './protocol.ts';

export class Subscription {
  readonly #listener: StoreListener;
  readonly #remove: (subscription: Subscription) => boolean;
  // Bounded by what is committed while a log is read, a few milliseconds.
  #early: RoomChanges[] | undefined = [];

  constructor(listener: StoreListener, remove: (subscription: Subscription) => boolean) {
    this.#listener = listener;
    this.#remove = remove;
  }

  take(changes: RoomChanges): void {
    if (this.#early) this.#early.push(changes);
    else this.#tell(changes);
  }

  /** Hands over what was kept back; from here on it is handed over at once. */
  release(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const changes of early) this.#tell(changes);
  }

  /** Ends the subscription; false if it has ended already. */
  cancel(): boolean {
    return this.#remove(this);
  }

  #tell({ events, endings }: RoomChanges): void {
    if (events.length > 0) this.#listener.deliver(events);
    for (const { sessionId, reason, detail } of endings) this.#listener.ended(sessionId, reason, detail);
  }
}

export class Subscriptions {
  readonly #onFault: (error: unknown, doing: string) => void;
  readonly #byRoom = new Map<string, Set<Subscription>>();

  constructor(onFault: (error: unknown, doing: string) => void) {
    this.#onFault = onFault;
  }

  add(room: string, listener: StoreListener): Subscription {
    const subscriptions = this.#byRoom.get(room) ?? new Set();
    this.#byRoom.set(room, subscriptions);
    const subscription = new Subscription(listener, (one) => {
      const isRemoved = subscriptions.delete(one);
      if (subscriptions.size === 0 && this.#byRoom.get(room) === subscriptions) this.#byRoom.delete(room);
      return isRemoved;
    });
    subscriptions.add(subscription);
    return subscription;
  }

  /** Tells whoever listens what was committed, in each of some rooms. */
  publish(committed: readonly PublishedChanges[]): void {
    for (const { room, events, endings } of committed) this.#tell(room, { events, endings });
  }

  #tell(room: string, changes: RoomChanges): void {
    for (const subscription of this.#byRoom.get(room) ?? []) {
      try {
        subscription.take(changes);
      } catch (error) {
        this.#onFault(error, `delivering to a listener of room ${room}`);
      }
    }
  }
}
