/**
 * Keeps events coming, by the push stream or, where that cannot be had, by long polls; goes on by cursor after
 * every break. It ends only when the session does.
 *
 * States, told to the sink: (`connecting`, of whoever opens it) → `live` (`#read`, at the first byte)
 * or `polling` (`#poll`, at the first answer) → `connecting` or `offline` (`#rest`, between tries).
 */

import type { RoomApi } from './api.ts';
import {
  firstTrialMs,
  lastTrialMs,
  lateHeartbeats,
  livelyPollMs,
  pollWaitSeconds,
  usefulAfterMs,
} from './bounds.ts';
import type { Link, LinkFactory, Sink } from './link.ts';
import { afterProblem, type NoStream, type Outcome } from './outcome.ts';
import { rest, tellTry } from './rest.ts';
import type { Schedule } from './schedule.ts';
import { readStream } from './stream.ts';
import { type Ending, eventOf, type Init, parseJson, type Status } from './wire.ts';

export class Connection implements Link {
  readonly #api: RoomApi;
  readonly #sink: Sink;
  readonly #schedule: Schedule;
  readonly #heartbeatMs: number;
  #life = new AbortController();
  /** The stream or the poll that is under way. */
  #step = new AbortController();
  /** Until then what is under way is not disturbed. */
  #livelyUntil = 0;
  /** How many tries have failed in a row. */
  #failures = 1;
  #retryMs: number | undefined;

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

  nudge(): void {
    if (this.#life.signal.aborted || this.#schedule.now() < this.#livelyUntil) return;
    tellTry(this.#sink.tell, this.#failures);
    this.open();
  }

  async #run(life: AbortSignal): Promise<void> {
    let doubt = 0;
    let isPolling = false;
    let trialMs = firstTrialMs;
    let why: NoStream = 'broken';
    while (!life.aborted) {
      const trial: Promise<Outcome> = isPolling ? this.#poll(life, trialMs, why) : this.#push();
      // An answer that nobody can read must not end the trying.
      const outcome = await trial.catch((): Outcome => ({ doubt: 2 }));
      const { ending, waitMs } = outcome;
      if (life.aborted) return;
      if (ending) {
        this.close();
        return this.#sink.gone(ending);
      }
      why = outcome.why ?? 'broken';
      doubt = outcome.doubt && doubt + outcome.doubt;
      if (doubt === 0) trialMs = firstTrialMs;
      if (doubt > 1) {
        isPolling = !isPolling;
        doubt = 0;
        if (!isPolling) trialMs = Math.min(trialMs * 2, lastTrialMs);
        // Polls are tried in the same breath: if they fail too, it is not the stream that is at fault. So is the
        // stream, when polling went well.
        if (waitMs === (isPolling ? undefined : 0)) continue;
      }
      this.#livelyUntil = 0;
      await rest(this.#schedule, this.#sink.tell, this.#failures++, waitMs ?? this.#retryMs, life, life);
    }
  }

  async #push(): Promise<Outcome> {
    const own = new AbortController();
    this.#step = own;
    const answer = await this.#api.subscribe(this.#sink.cursor, own);
    // No head in time, as behind a proxy that gathers whole answers.
    if (!answer.ok && own.signal.aborted) return { doubt: 2, why: 'mute' };
    const outcome = answer.ok ? await this.#read(answer.body, own) : afterProblem(answer.problem);
    own.abort();
    return outcome;
  }

  async #read({ body, headers }: Response, own: AbortController): Promise<Outcome> {
    const isStream = /^text\/event-stream *(;|$)/i.test(headers.get('Content-Type') ?? '');
    if (!isStream || !body) return { doubt: 2, why: 'no-stream' };
    const sink = this.#sink;
    const since = this.#schedule.now();
    let pingedAt = since;
    let last = 0;
    let isStoreAway = false;
    let bye: Ending | undefined;
    const end = await readStream(body, own.signal, this.#schedule, this.#heartbeatMs, {
      retry: (ms) => {
        this.#retryMs = ms;
      },
      event: ({ type, data, lastEventId }) => {
        if (own.signal.aborted) return;
        // Before all else: in it may be anything, also what looks like an event of the log.
        if (type === 'notice') return sink.tell(type, JSON.parse(data));
        const value = parseJson(data);
        const event = eventOf(value);
        // What is no event of the log is not told.
        if (event) sink.event(event, lastEventId);
        else if (type === 'init') sink.init(value as Init);
        else if (type === 'status') {
          isStoreAway = (value as Status).store === 'away';
          sink.tell('store', isStoreAway);
        } else if (type === 'bye') {
          bye = value;
          own.abort();
        }
      },
      bytes: () => {
        // A refusal is an answer too.
        this.#failures = 0;
        if (own.signal.aborted) return;
        const now = this.#schedule.now();
        this.#livelyUntil = now + this.#heartbeatMs * lateHeartbeats;
        if (last === 0) {
          // A stream says so at its beginning if the store is away.
          sink.tell('store', isStoreAway);
          sink.tell('state', 'live', {});
        }
        last = now;
        // Liveness is proven when bytes arrive, not by a timer: a hidden tab's timers hardly run [SES-6].
        if (now - pingedAt < this.#heartbeatMs) return;
        pingedAt = now;
        void this.#api.ping();
      },
    });
    if (bye && bye.action !== 'reconnect') return { ending: bye, doubt: 0 };
    const reason = bye?.reason;
    const isUseful = last - since > usefulAfterMs && reason !== 'unavailable';
    // One that worked is dead, as after a change of networks: it is asked for again at once. Another is held up.
    if (end === 'mute') return isUseful ? { doubt: 0, waitMs: 0 } : { doubt: 2, why: end };
    const doubt = isUseful || reason === 'shutdown' ? 0 : 1;
    // A refusal says when to come back, by whichever way.
    return { doubt, waitMs: reason === 'unavailable' ? this.#retryMs : undefined };
  }

  /** Polls until it is time to try the stream again, or until something goes wrong. */
  async #poll(life: AbortSignal, trialMs: number, why: NoStream): Promise<Outcome> {
    const sink = this.#sink;
    const schedule = this.#schedule;
    const since = schedule.now();
    // The first answer comes at once, so that the state can say that this way works.
    let wait = 0;
    for (let now = since; now - since < trialMs && !life.aborted; now = schedule.now()) {
      this.#step = new AbortController();
      this.#livelyUntil = now + livelyPollMs;
      const answer = await this.#api.getUpdates(sink.cursor, wait, this.#step);
      if (life.aborted) break;
      if (!answer.ok) {
        const { status } = answer.problem;
        // A cursor no poll can read: a stream tells it as a gap [LOG-2]. Nothing can be reached: begin again with it.
        return afterProblem(answer.problem, status === 400 || status === 0 ? 2 : 1);
      }
      // Polls do not tell.
      sink.tell('store', false);
      if (wait === 0) sink.tell('state', 'polling', { why });
      this.#failures = 0;
      sink.updates(answer.body);
      // Shutdown and too many waiters answer early and empty.
      if (wait > 0 && !answer.body.events[0] && !answer.body.notices && schedule.now() - now < 1000) {
        await schedule.sleep(1000 + schedule.random() * 1000, life);
      }
      wait = pollWaitSeconds;
    }
    return { doubt: 2, why, waitMs: 0 };
  }
}
