/**
 * The tab that holds the connection: what arrives goes to its own sink first, and then to the other tabs, with the
 * cursor before it.
 */

import { Connection } from '../../client/connection.ts';
import type { Link, LinkFactory, Sink } from '../../client/link.ts';
import type { RoomNews } from '../../client/news.ts';
import type { Schedule } from '../../client/schedule.ts';
import type { AnyEvent, Ending, Init, Updates } from '../../client/wire.ts';
import type { Status, Telling, Told } from './talk.ts';

/** All tabs hear that the network is back; one of them is enough. */
const nudgeOnceMs = 300;

interface LeadingEvents {
  /** What the other tabs are to hear. */
  post(telling: Telling): void;
  /** The connection brings something, for the first time or after a break. */
  works(): void;
  gone(ending: Ending): void;
}

export class Leading implements Link, Sink {
  readonly #sink: Sink;
  readonly #schedule: Schedule;
  readonly #events: LeadingEvents;
  readonly #connection: Connection;
  #status: Status;
  /** What came in one piece is told in one. */
  #batch: { readonly at: string; readonly events: AnyEvent[]; cursor: string } | undefined;
  #lastNudge = 0;

  /** @param status what is known of the connection that this one takes the place of */
  constructor(link: Parameters<LinkFactory>, status: Status, events: LeadingEvents) {
    const [api, sink, schedule, heartbeatMs] = link;
    this.#sink = sink;
    this.#schedule = schedule;
    this.#status = status;
    this.#events = events;
    this.#connection = new Connection(api, this, schedule, heartbeatMs);
  }

  get cursor(): string {
    return this.#sink.cursor;
  }

  open(): void {
    this.tellStatus();
    this.#connection.open();
  }

  close(): void {
    this.#flush();
    this.#connection.close();
  }

  nudge(): void {
    const now = this.#schedule.now();
    if (now - this.#lastNudge < nudgeOnceMs) return;
    this.#lastNudge = now;
    this.#connection.nudge();
  }

  tellStatus(): void {
    this.#tellTabs({ type: 'status', status: this.#status });
  }

  init(init: Init): void {
    const at = this.cursor;
    this.#sink.init(init);
    const { lost, users, cursor } = init;
    if (lost === 0) return;
    this.#tellTabs({ type: 'page', page: { events: [], cursor, more: false, lost, users } }, at);
  }

  event(event: AnyEvent, cursor: string): void {
    const at = this.cursor;
    this.#sink.event(event, cursor);
    // Before it something is missing: it is asked for again.
    if (this.cursor !== cursor) return;
    if (this.#batch === undefined) {
      this.#batch = { at, events: [], cursor };
      queueMicrotask(() => this.#flush());
    }
    this.#batch.events.push(event);
    this.#batch.cursor = cursor;
  }

  updates(page: Updates): void {
    const at = this.cursor;
    this.#sink.updates(page);
    if (this.cursor === page.cursor) this.#tellTabs({ type: 'page', page }, at);
  }

  readonly tell: Sink['tell'] = (type, ...news) => {
    this.#sink.tell(type, ...news);
    const before = this.#status;
    if (type === 'state') {
      const [state, detail] = news as Parameters<RoomNews['state']>;
      this.#status = { ...before, state, detail };
      if (state === 'live' || state === 'polling') this.#events.works();
    } else if (type === 'notice') {
      const { cursor } = this;
      return this.#tellTabs({ type: 'page', page: { events: [], cursor, more: false, notices: news } });
    } else {
      const [isStoreAway] = news as Parameters<RoomNews['store']>;
      this.#status = { ...before, isStoreAway };
      if (isStoreAway === before.isStoreAway) return;
    }
    this.tellStatus();
  };

  readonly gone = (ending: Ending): void => {
    this.#status = { ...this.#status, state: 'connecting', detail: {} };
    this.#tellTabs({ type: 'gone', ending });
    this.#events.gone(ending);
  };

  #tellTabs(told: Told, at = this.cursor): void {
    this.#flush();
    this.#events.post({ type: 'told', at, told });
  }

  #flush(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    const { at, events, cursor } = batch;
    this.#tellTabs({ type: 'page', page: { events, cursor, more: false } }, at);
  }
}
