/** One room of the memory store: its ledger, its log, the answers to keys, and who listens. */

import type { Clock } from '../core/clock.ts';
import { EventLog, type HistoryLimits } from '../core/event-log.ts';
import type { EncodedEvent } from '../core/events.ts';
import { keysPerSession, type LoadedRoom, type LogPlace, type StoreListener } from '../core/store.ts';
import { type Keeper, type KeyAnswer, RoomLedger } from './room-ledger.ts';

export class MemoryRoom implements Keeper {
  readonly log: EventLog;
  readonly ledger: RoomLedger;
  readonly #clock: Clock;
  readonly #listeners = new Set<StoreListener>();
  /** Of each session the latest `keysPerSession` answers, oldest first. */
  readonly #keys = new Map<string, Map<string, KeyAnswer>>();

  constructor(epoch: string, history: HistoryLimits, clock: Clock) {
    this.#clock = clock;
    this.log = new EventLog({ epoch, baseId: 0, users: [], events: [] }, history);
    this.ledger = new RoomLedger({ epoch, headId: 0, lastTimestamp: 0, sessions: [] }, this, clock);
  }

  /** Whether anybody is in the room or listens to it. */
  get isInUse(): boolean {
    return this.ledger.size > 0 || this.#listeners.size > 0;
  }

  load(listener: StoreListener): LoadedRoom {
    // What this commit has appended so far goes to the others first: the snapshot holds it.
    this.publish();
    this.#listeners.add(listener);
    return { log: this.log.snapshot(), unsubscribe: () => this.#listeners.delete(listener) };
  }

  trim(): void {
    this.log.trim(this.#clock.wall());
  }

  /** Tells the listeners what was committed. */
  publish(): void {
    const { events, endings } = this.ledger.takeChanges();
    if (events.length > 0) for (const listener of this.#listeners) listener.deliver(events);
    for (const { sessionId, reason, detail } of endings) {
      for (const listener of this.#listeners) listener.ended(sessionId, reason, detail);
    }
  }

  appendEvent(event: EncodedEvent): void {
    this.log.append([event]);
  }

  findEvent(id: number): EncodedEvent | undefined {
    return this.log.at(id);
  }

  findRedaction(target: number): LogPlace | undefined {
    for (let id = target + 1; id <= this.log.headId; id++) {
      const event = this.log.at(id)?.event;
      if (event?.type === 'redaction' && event.target === target) return { id, timestamp: event.timestamp };
    }
    return undefined;
  }

  /** The log does it by itself as it takes the redaction. */
  replaceEvent(): void {}

  /** The ledger has it already. */
  putSession(): void {}

  dropSession(sessionId: string): void {
    this.#keys.delete(sessionId);
  }

  findKey(sessionId: string, key: string): KeyAnswer | undefined {
    return this.#keys.get(sessionId)?.get(key);
  }

  replaceKey(sessionId: string, key: string, answer: KeyAnswer): void {
    this.#keys.get(sessionId)?.set(key, answer);
  }

  putKey(sessionId: string, key: string, answer: KeyAnswer): void {
    let keys = this.#keys.get(sessionId);
    if (!keys) {
      keys = new Map();
      this.#keys.set(sessionId, keys);
    }
    keys.set(key, answer);
    if (keys.size <= keysPerSession) return;
    for (const oldest of keys.keys()) {
      keys.delete(oldest);
      return;
    }
  }
}
