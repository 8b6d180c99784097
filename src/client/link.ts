/** What stands between a room and who follows it. */

import type { RoomApi } from './api.ts';
import type { Tell } from './news.ts';
import type { Schedule } from './schedule.ts';
import type { AnyEvent, Ending, Init, Updates } from './wire.ts';

/** Where what arrives goes to. */
export interface Sink {
  /** The position to go on from. */
  readonly cursor: string;
  init(init: Init): void;
  /** @param cursor the position after this event */
  event(event: AnyEvent, cursor: string): void;
  updates(page: Updates): void;
  /** Tells `state`, but for `ended`, `store` and `notice`; what comes in `updates` the sink tells itself. */
  readonly tell: Tell;
  /** The session has ended, or the stream for good. Nothing follows. */
  readonly gone: (ending: Ending) => void;
}

/** What brings events to a sink: a `Connection`, or what a tab has of another tab's. */
export interface Link {
  /** Begins, or begins again, at the sink's cursor. */
  open(): void;
  /** Nothing is told any more. */
  close(): void;
  /** The network is back, or somebody looks: a rest ends, and what may be dead. */
  nudge(): void;
}

/** @param heartbeatMs how often a stream says something at the least */
export type LinkFactory = (api: RoomApi, sink: Sink, schedule: Schedule, heartbeatMs: number) => Link;
