/** What has happened since the process began, as numbers that only rise: whoever plots takes differences. */

import type { DeliveryCount } from '../core/delivery-count.ts';
import type { EncodedEvent } from '../core/events.ts';
import type { RoomObserver } from '../core/observer.ts';

export interface Counted {
  /** Committed, in rooms that this process has in use. */
  readonly messages: number;
  /** Committed, of any type, messages too. */
  readonly events: number;
  /** Events given to clients: each as often as there were clients to get it. */
  readonly deliveries: number;
  readonly created: number;
  readonly ended: number;
  /** Requests answered with a problem. */
  readonly refused: number;
  readonly gaps: number;
}

export class Counters implements DeliveryCount {
  /** Added to by whoever delivers: a call per stream and pass would cost more than the write of a number. */
  events = 0;
  #messages = 0;
  #committed = 0;
  #created = 0;
  #ended = 0;
  #refused = 0;
  #gaps = 0;

  get now(): Counted {
    return {
      messages: this.#messages,
      events: this.#committed,
      deliveries: this.events,
      created: this.#created,
      ended: this.#ended,
      refused: this.#refused,
      gaps: this.#gaps,
    };
  }

  /** A request was answered with a problem. */
  noteRefusal(): void {
    this.#refused += 1;
  }

  /** The observer that counts, and tells `observer` all that it was told before. */
  observe(observer: RoomObserver): RoomObserver {
    const counting: Required<
      Pick<RoomObserver, 'committed' | 'sessionCreated' | 'sessionEnded' | 'gapTold'>
    > = {
      committed: (room, batch) => {
        this.#count(batch);
        observer.committed?.(room, batch);
      },
      sessionCreated: (session) => {
        this.#created += 1;
        observer.sessionCreated?.(session);
      },
      sessionEnded: (session, reason) => {
        this.#ended += 1;
        observer.sessionEnded?.(session, reason);
      },
      gapTold: (room, lost) => {
        this.#gaps += 1;
        observer.gapTold?.(room, lost);
      },
    };
    // Not spread, which would lose the methods of a class.
    return Object.assign(Object.create(observer), counting);
  }

  #count(batch: readonly EncodedEvent[]): void {
    this.#committed += batch.length;
    for (const { event } of batch) if (event.type === 'message') this.#messages += 1;
  }
}
