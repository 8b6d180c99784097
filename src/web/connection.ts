/**
 * Keeps events coming, by the push stream or, where that cannot be had, by long polls; goes on by cursor after
 * every break. It ends only when the session does.
 *
 * States, told to the sink: `connecting` (`open`, and every new try) → `live` (`#stream`, at the first byte)
 * or `polling` (`#poll`, at the first answer) → `connecting` or `offline` (`#rest`, between tries).
 */

import type { RoomApi } from './api.ts';
import { afterProblem, type Outcome } from './outcome.ts';
import { backoffMs, type Schedule } from './schedule.ts';
import type { SseEvent } from './sse-parser.ts';
import { readStream } from './stream.ts';
import {
  type AnyEvent,
  type Ending,
  type Init,
  parseEvent,
  parseJson,
  type StoreStatus,
  type Updates,
} from './wire.ts';

export type ConnectionState = 'connecting' | 'live' | 'polling' | 'offline';

/** Where what arrives goes to. */
export interface Sink {
  /** The position reached; undefined before the first `init`. */
  readonly cursor: string | undefined;
  init(init: Init): void;
  /** @param cursor the position after this event */
  event(event: AnyEvent, cursor: string): void;
  updates(page: Updates): void;
  /** The server's store went away or came back. */
  status(isStoreAway: boolean): void;
  state(state: ConnectionState): void;
  /** The session has ended, or the stream for good. Nothing follows. */
  gone(ending: Ending): void;
}

const headTimeoutMs = 10_000;
const pollWaitSeconds = 20;
/** After how long of polling the stream is tried again; doubled each time it is in vain. */
const firstTrialMs = 60_000;
const lastTrialMs = 15 * 60_000;
const defaultRetryMs = 2000;
/** A stream that breaks within this time was of no use. */
const usefulAfterMs = 5000;

export class Connection {
  readonly #api: RoomApi;
  readonly #sink: Sink;
  readonly #schedule: Schedule;
  #life: AbortController | undefined;
  #stream: AbortController | undefined;
  #pause: AbortController | undefined;
  /** Since the last rest, something arrived. */
  #worked = false;
  /** Somebody asked not to wait. */
  #isHurried = false;
  #retryMs: number | undefined;
  #heartbeatMs = 15_000;
  #lastBytes = 0;
  #lastPing = 0;
  #isStoreAway = false;

  constructor(api: RoomApi, sink: Sink, schedule: Schedule) {
    this.#api = api;
    this.#sink = sink;
    this.#schedule = schedule;
  }

  open(): void {
    this.close();
    this.#life = new AbortController();
    void this.#run(this.#life.signal);
  }

  close(): void {
    this.#life?.abort();
    this.#stream?.abort();
    this.#pause?.abort();
  }

  /** The network is back, the tab is looked at, or the user asks: do not wait any longer. */
  nudge(): void {
    this.#pause?.abort();
    if (this.#stream === undefined) return;
    if (this.#schedule.now() - this.#lastBytes < this.#heartbeatMs * 1.5) return;
    this.#isHurried = true;
    this.#stream.abort();
  }

  async #run(life: AbortSignal): Promise<void> {
    let failures = 0;
    let dry = 0;
    let isPolling = false;
    let trialMs = firstTrialMs;
    this.#sink.state('connecting');
    while (!life.aborted) {
      const outcome = isPolling ? await this.#poll(life, trialMs) : await this.#push(life);
      if (life.aborted) return;
      if (outcome.kind === 'gone') {
        this.close();
        return this.#sink.gone(outcome.ending);
      }
      if (outcome.kind === 'trial') {
        isPolling = false;
        dry = 1;
        trialMs = Math.min(trialMs * 2, lastTrialMs);
        continue;
      }
      failures = this.#worked ? 0 : failures + 1;
      dry = outcome.dry === 0 ? 0 : dry + outcome.dry;
      if (dry === 0) trialMs = firstTrialMs;
      if (dry >= 2) {
        isPolling = !isPolling;
        dry = 0;
        // Polls are tried in the same breath: if they fail too, it is not the stream that is at fault.
        if (isPolling && outcome.waitMs === undefined) continue;
      }
      await this.#rest(failures, outcome.waitMs ?? this.#retryMs);
    }
  }

  /** Between two tries. A first break is no news: the state says `offline` only when tries fail. */
  async #rest(failures: number, floorMs: number | undefined): Promise<void> {
    const random = this.#schedule.random();
    const ms = failures === 0 ? (floorMs ?? random * defaultRetryMs) : backoffMs(failures, random, floorMs);
    this.#worked = false;
    this.#sink.state(failures > 1 ? 'offline' : 'connecting');
    this.#pause = new AbortController();
    if (!this.#isHurried) await this.#schedule.sleep(ms, this.#pause.signal);
    this.#isHurried = false;
  }

  async #push(life: AbortSignal): Promise<Outcome> {
    const stream = new AbortController();
    this.#stream = stream;
    this.#lastPing = this.#schedule.now();
    try {
      const answer = await this.#api.subscribe(this.#sink.cursor, headTimeoutMs, stream);
      if (answer.ok && !life.aborted) return await this.#read(answer.body, stream);
      if (answer.ok || life.aborted) return { kind: 'again', dry: 0 };
      // No head in time, as behind a proxy that gathers whole answers; or nudged.
      if (stream.signal.aborted) return { kind: 'again', dry: this.#isHurried ? 0 : 2 };
      return afterProblem(answer.problem);
    } finally {
      stream.abort();
      this.#stream = undefined;
    }
  }

  async #read(response: Response, stream: AbortController): Promise<Outcome> {
    const isStream = response.headers.get('Content-Type')?.startsWith('text/event-stream') ?? false;
    if (!isStream || response.body === null) return { kind: 'again', dry: 2 };
    const since = this.#schedule.now();
    let bye: Ending | undefined;
    let isLive = false;
    let isStoreTold = false;
    const end = await readStream(response.body, stream, this.#schedule, {
      heartbeatMs: () => this.#heartbeatMs,
      retry: (ms) => {
        this.#retryMs = ms;
      },
      event: (event) => {
        if (stream.signal.aborted || bye !== undefined) return;
        if (event.type === 'bye') bye = (parseJson(event.data) as Ending | undefined) ?? {};
        else this.#event(event);
        if (event.type === 'status') isStoreTold = true;
      },
      bytes: () => {
        if (stream.signal.aborted) return;
        this.#lastBytes = this.#schedule.now();
        this.#worked = true;
        if (bye !== undefined) return stream.abort();
        // A stream says so at its beginning if the store is away.
        if (!isLive && !isStoreTold) this.#storeIs(false);
        if (!isLive) this.#sink.state('live');
        isLive = true;
        this.#pingIfDue();
      },
    });
    if (bye !== undefined && bye.action !== 'reconnect') return { kind: 'gone', ending: bye };
    if (end === 'mute') return { kind: 'again', dry: 2 };
    const isUseful = this.#lastBytes - since > usefulAfterMs && bye?.reason !== 'unavailable';
    const dry = isUseful || bye?.reason === 'shutdown' ? 0 : 1;
    if (end === 'silent') return { kind: 'again', dry, waitMs: 0 };
    // A refusal says when to come back, by whichever way.
    return { kind: 'again', dry, waitMs: bye?.reason === 'unavailable' ? this.#retryMs : undefined };
  }

  /** Liveness is proven when bytes arrive, not by a timer: a hidden tab's timers hardly run [SES-6]. */
  #pingIfDue(): void {
    const now = this.#schedule.now();
    if (now - this.#lastPing < this.#heartbeatMs) return;
    this.#lastPing = now;
    void this.#api.ping();
  }

  /** A fault in showing one event must not keep the others away. */
  #event(event: SseEvent): void {
    try {
      this.#dispatch(event);
    } catch (error) {
      console.error(error);
    }
  }

  #dispatch({ type, data, lastEventId }: SseEvent): void {
    switch (type) {
      case 'init': {
        const init = parseJson(data) as Init | undefined;
        if (init?.heartbeat !== undefined) this.#heartbeatMs = init.heartbeat * 1000;
        if (init !== undefined) this.#sink.init(init);
        return;
      }
      case 'status':
        this.#storeIs((parseJson(data) as StoreStatus | undefined)?.store === 'away');
        return;
      default: {
        const event = parseEvent(data);
        // What is no event of the log (a notice, say) is not for this page.
        if (event !== undefined) this.#sink.event(event, lastEventId);
      }
    }
  }

  #storeIs(isAway: boolean): void {
    if (this.#isStoreAway === isAway) return;
    this.#isStoreAway = isAway;
    this.#sink.status(isAway);
  }

  /** Polls until it is time to try the stream again, or until something goes wrong. */
  async #poll(life: AbortSignal, trialMs: number): Promise<Outcome> {
    const since = this.#schedule.now();
    let isFirst = true;
    while (this.#schedule.now() - since < trialMs) {
      const asked = this.#schedule.now();
      // The first answer comes at once, so that the state can say that this way works.
      const answer = await this.#ask(life, isFirst ? 0 : pollWaitSeconds);
      if (life.aborted) break;
      if (!answer.ok) {
        // A cursor no poll can read: a stream tells it as a gap [LOG-2].
        if (answer.problem.status === 400) return { kind: 'again', dry: 2 };
        const outcome = afterProblem(answer.problem);
        // Nothing can be reached: begin again with the stream.
        return outcome.kind === 'again' && answer.problem.status === 0 ? { ...outcome, dry: 2 } : outcome;
      }
      // Polls do not tell.
      this.#storeIs(false);
      this.#sink.state('polling');
      this.#worked = true;
      const isEmpty = answer.body.events.length === 0;
      this.#sink.updates(answer.body);
      // Shutdown and too many waiters answer early and empty.
      if (isEmpty && !isFirst && this.#schedule.now() - asked < 1000) {
        await this.#schedule.sleep(1000 + this.#schedule.random() * 1000, life);
      }
      isFirst = false;
    }
    return { kind: 'trial' };
  }

  async #ask(life: AbortSignal, wait: number): ReturnType<RoomApi['getUpdates']> {
    if (this.#sink.cursor !== undefined) return this.#api.getUpdates(this.#sink.cursor, wait, life);
    const start = await this.#api.getInitialUsers(life);
    if (!start.ok) return start;
    if (!life.aborted) this.#sink.init({ ...start.body, lost: 0 });
    return { ok: true, status: 200, body: { events: [], cursor: start.body.cursor, more: false } };
  }
}
