/**
 * What has happened since the process began, as numbers that only rise: whoever plots takes differences. They are plain numbers,
 * read when somebody asks, so that counting costs next to nothing where much happens.
 */

import type { DeliveryCount } from '../core/delivery-count.ts';
import { type EndReason, endings, type SessionEndReason } from '../core/endings.ts';
import { type ErrorCode, errorCodes } from '../core/errors.ts';
import type { ChatRoomEvent, EncodedEvent } from '../core/events.ts';
import type { RoomObserver } from '../core/observer.ts';

/** What `GET /v1/admin/stats` says. */
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

/** How long and how large things were: told once per batch, pass or commit, never per stream. */
export interface Measurements {
  batch(events: number): void;
  fanOut(ms: number): void;
  commit(ms: number): void;
}

type EventType = ChatRoomEvent['type'];

/** What an error answer is counted by. */
interface Refusal {
  readonly code: ErrorCode;
  /** The option whose limit was exceeded. */
  readonly limit?: string | undefined;
}

export class Counters implements DeliveryCount {
  /** Added to by whoever delivers to streams: a call per stream and pass would cost more than the write of a number. */
  events = 0;
  /** Events given to polls. */
  polled = 0;
  readonly byType: Record<EventType, number> = {
    message: 0,
    join: 0,
    leave: 0,
    announcement: 0,
    redaction: 0,
  };
  sessionsCreated = 0;
  sessionsResumed = 0;
  readonly sessionsEnded: Record<SessionEndReason, number> = {
    destroyed: 0,
    'taken-over': 0,
    removed: 0,
    revoked: 0,
    flooding: 0,
    expired: 0,
    failed: 0,
  };
  readonly streamsOpened = { new: 0, resumed: 0 };
  readonly streamsEnded = zeros<EndReason | 'closed'>([...keysOf(endings), 'closed']);
  gaps = 0;
  /** Where it is known how many. */
  lostEvents = 0;
  readonly problems = zeros<ErrorCode>(keysOf(errorCodes));
  /** By option; bounded, as options are. */
  readonly refusals = new Map<string, number>();
  /** Of those who gave a wrong ADMIN_TOKEN. */
  wrongAdminTokens = 0;
  notificationsDropped = 0;
  faults = 0;
  /** Told if anybody measures. */
  measurements: Measurements | undefined;

  get now(): Counted {
    return {
      messages: this.byType.message,
      events: sum(this.byType),
      deliveries: this.events + this.polled,
      created: this.sessionsCreated,
      ended: sum(this.sessionsEnded),
      refused: sum(this.problems),
      gaps: this.gaps,
    };
  }

  /** A request was answered with a problem. */
  noteRefusal({ code, limit }: Refusal): void {
    this.problems[code] += 1;
    if (limit !== undefined) this.refusals.set(limit, (this.refusals.get(limit) ?? 0) + 1);
  }

  /** The observer that counts, and tells `observer` all that it was told before. */
  observe(observer: RoomObserver): RoomObserver {
    const counting: RoomObserver = {
      committed: (room, batch) => {
        this.#count(batch);
        observer.committed?.(room, batch);
      },
      fannedOut: (room, ms) => {
        this.measurements?.fanOut(ms);
        observer.fannedOut?.(room, ms);
      },
      storeCommitted: (ms) => {
        this.measurements?.commit(ms);
        observer.storeCommitted?.(ms);
      },
      sessionCreated: (session) => {
        this.sessionsCreated += 1;
        observer.sessionCreated?.(session);
      },
      sessionResumed: (session) => {
        this.sessionsResumed += 1;
        observer.sessionResumed?.(session);
      },
      sessionEnded: (session, reason) => {
        this.sessionsEnded[reason] += 1;
        observer.sessionEnded?.(session, reason);
      },
      streamOpened: (room, isResumed) => {
        this.streamsOpened[isResumed ? 'resumed' : 'new'] += 1;
        observer.streamOpened?.(room, isResumed);
      },
      streamEnded: (room, reason) => {
        this.streamsEnded[reason] += 1;
        observer.streamEnded?.(room, reason);
      },
      gapTold: (room, lost) => {
        this.gaps += 1;
        this.lostEvents += lost ?? 0;
        observer.gapTold?.(room, lost);
      },
      notificationsDropped: (count) => {
        this.notificationsDropped += count;
        observer.notificationsDropped?.(count);
      },
      administered: (deed) => {
        if (deed.act === 'refused') this.wrongAdminTokens += 1;
        observer.administered?.(deed);
      },
      fault: (error, doing) => {
        this.faults += 1;
        observer.fault?.(error, doing);
      },
    };
    // Not spread, which would lose the methods of a class.
    return Object.assign(Object.create(observer), counting);
  }

  #count(batch: readonly EncodedEvent[]): void {
    for (const { event } of batch) this.byType[event.type] += 1;
    this.measurements?.batch(batch.length);
  }
}

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(table) as K[];
}

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
