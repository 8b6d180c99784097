/**
 * Keeps events coming, by the push stream or, where that cannot be had, by long polls; goes on by cursor after
 * every break. It ends only when the session does.
 *
 * States, told to the sink: (`connecting`, of whoever opens it) → `live` (`#read`, at the first byte)
 * or `polling` (`#poll`, at the first answer) → `connecting` or `offline` (`#rest`, between tries).
 */

import type { RoomApi } from './api.ts';
import type { Tell } from './news.ts';
import { afterProblem, type NoStream, type Outcome } from './outcome.ts';
import { backoffMs, type Schedule } from './schedule.ts';
import { readStream } from './stream.ts';
import { type AnyEvent, type Ending, eventOf, type Init, memberOf, parseJson, type Updates } from './wire.ts';

/** Where what arrives goes to. */
export interface Sink {
  /** The position to go on from. */
  readonly cursor: string;
  init(init: Init): void;
  /** @param cursor the position after this event */
  event(event: AnyEvent, cursor: string): void;
  updates(page: Updates): void;
  /** Tells `state`, but for `ended`, and `store`. */
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

const pollWaitSeconds = 20;
/** A poll that takes longer may be dead. */
const livelyPollMs = 25_000;
/** After how long of polling the stream is tried again; doubled each time it is in vain. */
const firstTrialMs = 60_000;
const lastTrialMs = 15 * 60_000;
/** A stream that breaks within this time was of no use. */
const usefulAfterMs = 5000;

const unreadable: Outcome = { doubt: 2 };

export class Connection implements Link {
  readonly #api: RoomApi;
  readonly #sink: Sink;
  readonly #schedule: Schedule;
  readonly #heartbeatMs: number;
  #life = new AbortController();
  /** What is under way: a stream, a poll or a rest. */
  #step = new AbortController();
  /** Until then what is under way is not disturbed. */
  #livelyUntil = 0;
  /** Since the last rest, something arrived. */
  #worked = false;
  /** Somebody asked not to wait. */
  #isHurried = false;
  #retryMs: number | undefined;
  #why: NoStream | undefined;
  #lastPing = 0;

  constructor(...[api, sink, schedule, heartbeatMs]: Parameters<LinkFactory>) {
    this.#api = api;
    this.#sink = sink;
    this.#schedule = schedule;
    this.#heartbeatMs = heartbeatMs;
  }

  open(): void {
    this.close();
    this.#life = new AbortController();
    void this.#run(this.#life.signal);
  }

  close(): void {
    this.#life.abort();
    this.#step.abort();
  }

  /** The network is back, the tab is looked at, or the user asks: a rest ends, and what may be dead. */
  nudge(): void {
    if (this.#schedule.now() < this.#livelyUntil) return;
    this.#isHurried = true;
    this.#step.abort();
  }

  async #run(life: AbortSignal): Promise<void> {
    let failures = 0;
    let doubt = 0;
    let isPolling = false;
    let trialMs = firstTrialMs;
    while (!life.aborted) {
      // An answer that nobody can read must not end the trying.
      const outcome = await (isPolling ? this.#poll(life, trialMs) : this.#push(life)).catch(
        () => unreadable,
      );
      const { ending, waitMs } = outcome;
      if (life.aborted) return;
      if (ending !== undefined) {
        this.close();
        return this.#sink.gone(ending);
      }
      this.#why = outcome.why ?? 'broken';
      doubt = outcome.doubt && doubt + outcome.doubt;
      if (doubt === 0) trialMs = firstTrialMs;
      failures = this.#worked ? 0 : failures + 1;
      if (doubt > 1) {
        isPolling = !isPolling;
        doubt = 0;
        // Polls are tried in the same breath: if they fail too, it is not the stream that is at fault.
        if (isPolling && waitMs === undefined) continue;
        trialMs = Math.min(trialMs * 2, lastTrialMs);
        // So is the stream, when polling went well.
        if (waitMs === 0) continue;
      }
      await this.#rest(failures, waitMs ?? this.#retryMs);
    }
  }

  /** Between two tries. A first break is no news: the state says `offline` only when tries fail. */
  async #rest(failures: number, floorMs: number | undefined): Promise<void> {
    const ms = backoffMs(this.#schedule, failures, floorMs);
    this.#worked = false;
    this.#livelyUntil = 0;
    this.#step = new AbortController();
    this.#sink.tell('state', failures > 1 ? 'offline' : 'connecting', { retryAt: this.#schedule.now() + ms });
    if (!this.#isHurried) await this.#schedule.sleep(ms, this.#step.signal);
    this.#isHurried = false;
  }

  async #push(life: AbortSignal): Promise<Outcome> {
    const own = new AbortController();
    this.#step = own;
    this.#lastPing = this.#schedule.now();
    const answer = await this.#api.subscribe(this.#sink.cursor, own);
    // No head in time, as behind a proxy that gathers whole answers; or nudged.
    if (!answer.ok && own.signal.aborted) return { doubt: this.#isHurried ? 0 : 2, why: 'mute' };
    const outcome = answer.ok ? await this.#read(answer.body, own, life) : afterProblem(answer.problem);
    own.abort();
    return outcome;
  }

  async #read({ body, headers }: Response, own: AbortController, life: AbortSignal): Promise<Outcome> {
    const isStream = /^text\/event-stream *(;|$)/i.test(headers.get('Content-Type') ?? '');
    if (!isStream || body === null) return { doubt: 2, why: 'no-stream' };
    const since = this.#schedule.now();
    let last = 0;
    let bye: Ending | undefined;
    let isStoreTold = false;
    const end = await readStream(body, own.signal, this.#schedule, this.#heartbeatMs, {
      retry: (ms) => {
        this.#retryMs = ms;
      },
      event: ({ type, data, lastEventId }) => {
        if (life.aborted || bye !== undefined) return;
        const value = parseJson(data);
        const event = eventOf(value);
        // What is no event of the log (a notice, say) is not told.
        if (event !== undefined) this.#sink.event(event, lastEventId);
        else if (type === 'bye') bye = value as Ending;
        else if (type === 'init') this.#sink.init(value as Init);
        else if (type === 'status') {
          isStoreTold = true;
          this.#sink.tell('store', memberOf(value, 'store') === 'away');
        }
      },
      bytes: () => {
        if (life.aborted) return;
        if (bye !== undefined) own.abort();
        const now = this.#schedule.now();
        this.#livelyUntil = now + this.#heartbeatMs * 1.5;
        this.#worked = true;
        // A stream says so at its beginning if the store is away.
        if (last === 0 && !isStoreTold) this.#sink.tell('store', false);
        if (last === 0) this.#sink.tell('state', 'live', {});
        last = now;
        // Liveness is proven when bytes arrive, not by a timer: a hidden tab's timers hardly run [SES-6].
        if (now - this.#lastPing < this.#heartbeatMs) return;
        this.#lastPing = now;
        void this.#api.ping();
      },
    });
    const reason = bye?.reason;
    if (bye !== undefined && bye.action !== 'reconnect') return { ending: bye, doubt: 0 };
    const isUseful = last - since > usefulAfterMs && reason !== 'unavailable';
    // One that worked is dead, as after a change of networks: it is asked for again at once. Another is held up.
    if (end === 'mute') return isUseful ? { doubt: 0, waitMs: 0 } : { doubt: 2, why: end };
    const doubt = isUseful || reason === 'shutdown' ? 0 : 1;
    // A refusal says when to come back, by whichever way.
    return { doubt, waitMs: reason === 'unavailable' ? this.#retryMs : undefined };
  }

  /** Polls until it is time to try the stream again, or until something goes wrong. */
  async #poll(life: AbortSignal, trialMs: number): Promise<Outcome> {
    const since = this.#schedule.now();
    let isFirst = true;
    for (let now = since; now - since < trialMs && !life.aborted; now = this.#schedule.now()) {
      this.#step = new AbortController();
      this.#livelyUntil = now + livelyPollMs;
      // The first answer comes at once, so that the state can say that this way works.
      const answer = await this.#api.getUpdates(this.#sink.cursor, isFirst ? 0 : pollWaitSeconds, this.#step);
      if (life.aborted) break;
      if (!answer.ok) {
        const outcome = afterProblem(answer.problem);
        const { status } = answer.problem;
        // A cursor no poll can read: a stream tells it as a gap [LOG-2]. Nothing can be reached: begin again with it.
        return status === 400 || status === 0 ? { ...outcome, doubt: 2 } : outcome;
      }
      // Polls do not tell.
      this.#sink.tell('store', false);
      if (isFirst) this.#sink.tell('state', 'polling', { why: this.#why });
      this.#worked = true;
      this.#sink.updates(answer.body);
      // Shutdown and too many waiters answer early and empty.
      if (answer.body.events.length === 0 && !isFirst && this.#schedule.now() - now < 1000) {
        await this.#schedule.sleep(1000 + this.#schedule.random() * 1000, life);
      }
      isFirst = false;
    }
    return { doubt: 2, why: this.#why, waitMs: 0 };
  }
}
