/**
 * Reads a room's feed for as long as it is wanted: an `EventSource` that is made anew where the browser gives up, which it
 * does for good after any answer but a stream, such as a proxy's 502. It goes on behind what was told last. Without DOM.
 *
 * States: idle → open (`start`) → waiting (`#again`: the source is closed) → open … → idle (`stop`, or the server said that
 * it is over).
 */

import { firstBackoffMs } from '../../client/bounds.ts';
import { backoffMs, type Schedule } from '../../client/schedule.ts';
import { type ChatRoomEvent, parseJson } from '../../client/wire.ts';

/** What of an `EventSource` is needed. */
export interface Source {
  readonly readyState: number;
  addEventListener(
    type: string,
    listener: (event: { readonly data?: unknown; readonly lastEventId?: string }) => void,
  ): void;
  close(): void;
}

/** `over`: the server said so, or there is nothing to be read. */
export type FeedState = 'loading' | 'live' | 'away' | 'over';

export type FeedMessage = ChatRoomEvent & { readonly type: 'message' | 'announcement' };

type Pacing = Pick<Schedule, 'random' | 'sleep'>;

interface FeedNews {
  message(message: FeedMessage): void;
  /** What stands there has lost its text. */
  redaction(id: number): void;
  /** Events were lost. @param lost how many; null: all there were */
  gap(lost: number | null): void;
  state(state: FeedState): void;
}

const closed = 2;
const types = ['init', 'join', 'leave', 'message', 'announcement', 'redaction', 'bye'];
/** Joins and leaves are among the events, and are not shown. */
export const eventsFor = (messages: number) => Math.min(10_000, messages * 2 + 50);

export class FeedReader {
  readonly #url: string;
  readonly #last: number;
  readonly #open: (url: string) => Source;
  readonly #schedule: Pacing;
  readonly #news: FeedNews;
  #source: Source | undefined;
  /** Behind what was told last; empty: nothing was. */
  #cursor = '';
  #failures = 0;
  #isOver = false;
  #rest = new AbortController();

  /**
   * @param url the feed's address
   * @param last how many messages from before are wanted, at the least if there are so many
   */
  constructor(url: string, last: number, open: (url: string) => Source, schedule: Pacing, news: FeedNews) {
    this.#url = url;
    this.#last = last;
    this.#open = open;
    this.#schedule = schedule;
    this.#news = news;
  }

  /** Begins, or goes on where it stopped. */
  start(): void {
    if (this.#source !== undefined || this.#isOver) return;
    this.#rest.abort();
    const from = this.#cursor === '' ? `last=${eventsFor(this.#last)}` : `after=${this.#cursor}`;
    const source = this.#open(`${this.#url}?${from}`);
    this.#source = source;
    const hear = (type: string, listener: Parameters<Source['addEventListener']>[1]) =>
      source.addEventListener(type, (event) => {
        if (this.#source === source) listener(event);
      });
    for (const type of types) {
      hear(type, ({ data, lastEventId }) => {
        if (typeof data !== 'string') return;
        const value = parseJson(data);
        if (type === 'init') this.#init(value);
        else if (type === 'bye') this.#bye(value);
        else if (type === 'redaction') this.#news.redaction(Number(Reflect.get(value, 'target')));
        else if (isMessage(value)) this.#news.message(value);
        this.#cursor = lastEventId || this.#cursor;
      });
    }
    hear('open', () => {
      this.#failures = 0;
      this.#news.state('live');
    });
    hear('error', () => {
      if (source.readyState === closed) void this.#again();
      else this.#news.state(this.#cursor === '' ? 'loading' : 'away');
    });
  }

  /** Lets the connection go. */
  stop(): void {
    this.#rest.abort();
    this.#source?.close();
    this.#source = undefined;
  }

  async #again(): Promise<void> {
    this.stop();
    this.#failures += 1;
    this.#news.state('away');
    const rest = new AbortController();
    this.#rest = rest;
    await this.#schedule.sleep(backoffMs(this.#schedule, this.#failures, firstBackoffMs), rest.signal);
    if (!rest.signal.aborted) this.start();
  }

  /** The first one says where the feed begins, a later one that what is between cannot be had any more. */
  #init({ lost }: { readonly lost?: unknown }): void {
    if (this.#cursor !== '' && lost !== 0) this.#news.gap(typeof lost === 'number' ? lost : null);
  }

  #bye({ reconnect }: { readonly reconnect?: unknown }): void {
    if (reconnect !== false) return;
    this.#isOver = true;
    this.stop();
    this.#news.state('over');
  }
}

function isMessage(value: Partial<FeedMessage & { readonly name: string }>): value is FeedMessage {
  const { type, name, message, timestamp } = value;
  return (
    (type === 'announcement' || (type === 'message' && typeof name === 'string')) &&
    typeof message === 'string' &&
    Number.isFinite(timestamp)
  );
}
