/**
 * Messages on their way: sent one after the other, each with a key of its own that every try repeats, so that
 * none is lost and none is sent twice, whatever breaks in between.
 *
 * A message leaves the outbox when the room's log shows it (`seen`), not on the acknowledgement alone. Keys are
 * remembered per session: a message that was tried in an earlier session is `unsure` (`sessionIs`) until the
 * log has been read to its head, and then either was in it or is sent again (`settle`).
 */

import type { Problem, RoomApi } from './api.ts';
import { randomId } from './random-id.ts';
import { backoffMs, type Schedule } from './schedule.ts';
import type { AnyEvent } from './wire.ts';
import { asKnown } from './wire.ts';

/** More than this many unsent messages are refused: nobody is reading them. */
export const maxOutbox = 50;

export interface Outgoing {
  readonly key: string;
  readonly text: string;
  /** `failed`: the user decides. */
  readonly state: 'waiting' | 'sent' | 'unsure' | 'failed';
  /** The session in which it was first tried; undefined: not tried yet. */
  readonly triedIn?: string | undefined;
  /** Its id in the log, once acknowledged. */
  readonly id?: number | undefined;
  /** Why it failed. */
  readonly detail?: string | undefined;
}

interface OutboxEvents {
  changed(messages: readonly Outgoing[]): void;
  /** The server will not have this text. Returns whether the user has it back; if not, it stays as `failed`. */
  refused(message: Outgoing, problem: Problem): boolean;
  /** The session is gone. */
  sessionLost(problem: Problem): void;
}

export class Outbox {
  readonly #api: Pick<RoomApi, 'send'>;
  readonly #schedule: Schedule;
  readonly #events: OutboxEvents;
  #messages: Outgoing[];
  #session: string | undefined;
  #head = 0;
  #gate: AbortController | undefined;
  #isDraining = false;
  /** Between two messages, once the server has said that they come too fast. */
  #paceMs = 0;

  /** @param kept what an earlier load of the page left */
  constructor(
    api: Pick<RoomApi, 'send'>,
    schedule: Schedule,
    events: OutboxEvents,
    kept: readonly Outgoing[] = [],
  ) {
    this.#api = api;
    this.#schedule = schedule;
    this.#events = events;
    // Acknowledged, but not shown before the reload: asking again with the same key tells its id.
    this.#messages = kept.map((message) =>
      message.state === 'sent' ? { ...message, state: 'waiting' } : message,
    );
  }

  get messages(): readonly Outgoing[] {
    return this.#messages;
  }

  /** Takes a message and sends it as soon as possible; false if the outbox is full. */
  add(text: string): boolean {
    if (this.#messages.length >= maxOutbox) return false;
    this.#messages.push({ key: randomId(), text, state: 'waiting' });
    this.#changed();
    void this.#drain();
    return true;
  }

  /** Sends a failed message again. */
  retry(key: string): void {
    this.#update(key, { state: 'waiting', detail: undefined });
    void this.#drain();
  }

  discard(key: string): void {
    this.#messages = this.#messages.filter((message) => message.key !== key);
    this.#changed();
  }

  /** The session to send in. What was tried in another one may have arrived or not. */
  sessionIs(sessionId: string): void {
    this.#session = sessionId;
    this.#messages = this.#messages.map((message) =>
      message.state !== 'failed' && message.triedIn !== undefined && message.triedIn !== sessionId
        ? { ...message, state: 'unsure' }
        : message,
    );
    this.#changed();
  }

  /** The log was read to its head: what is still unsure is not in it. */
  settle(): void {
    this.#settle('waiting', undefined);
    void this.#drain();
  }

  /** Nobody can say whether what is unsure arrived: the user decides. */
  giveUp(detail: string): void {
    this.#settle('failed', detail);
  }

  /** Sends, now: a try that waits for its turn does not wait any longer. */
  open(): void {
    this.#gate?.abort();
    this.#gate = new AbortController();
    void this.#drain();
  }

  /** As `open`, unless it is closed: what was refused may be taken now. */
  hurry(): void {
    if (this.#gate !== undefined) this.open();
  }

  /** What is on its way may arrive; nothing new is sent. */
  close(): void {
    this.#gate?.abort();
    this.#gate = undefined;
  }

  /** The log has been shown up to here: own messages in it have arrived. */
  seen(events: readonly AnyEvent[], ownName: string): void {
    this.#head = events.at(-1)?.id ?? this.#head;
    if (this.#messages.length === 0 || events.length === 0) return;
    const keys = new Set<string>();
    for (const event of events) {
      const known = asKnown(event);
      if (known?.type === 'message' && known.name === ownName && known.key !== undefined) keys.add(known.key);
    }
    const left = this.#messages.filter(
      ({ key, state, id }) => !keys.has(key) && !(state === 'sent' && id !== undefined && id <= this.#head),
    );
    if (left.length === this.#messages.length) return;
    this.#messages = left;
    this.#changed();
  }

  /**
   * A gap in the log. An acknowledged message may lie in it and is not waited for any more.
   *
   * @param isSameEpoch whether an unsure message may lie in it too; what was lost with an epoch nobody can read
   * @param detail what to tell about those
   */
  gap(isSameEpoch: boolean, detail: string): void {
    this.#messages = this.#messages.filter((message) => message.state !== 'sent');
    if (isSameEpoch) this.giveUp(detail);
    else this.#changed();
  }

  #settle(state: 'waiting' | 'failed', detail: string | undefined): void {
    this.#messages = this.#messages.map((message) =>
      message.state === 'unsure' ? { ...message, state, detail } : message,
    );
    this.#changed();
  }

  #update(key: string, change: Partial<Outgoing>): void {
    this.#messages = this.#messages.map((message) =>
      message.key === key ? { ...message, ...change } : message,
    );
    this.#changed();
  }

  #changed(): void {
    this.#events.changed(this.#messages);
  }

  /** One at a time, so that they arrive in the order they were written. */
  async #drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#paceMs = 0;
    for (let failures = 0; ; ) {
      const gate = this.#gate;
      const next = this.#messages.find(({ state }) => state === 'waiting' || state === 'unsure');
      if (gate === undefined || next === undefined || next.state === 'unsure') break;
      const waitMs = await this.#send(next, failures);
      failures = waitMs === undefined ? 0 : failures + 1;
      const pauseMs = waitMs ?? this.#paceMs;
      if (pauseMs > 0) await this.#schedule.sleep(pauseMs, gate.signal);
    }
    this.#isDraining = false;
  }

  /** Sends once; a number says how many milliseconds to wait before going on. */
  async #send({ key, text, triedIn }: Outgoing, failures: number): Promise<number | undefined> {
    if (triedIn === undefined) this.#update(key, { triedIn: this.#session });
    const answer = await this.#api.send(text, key);
    const message = this.#messages.find((one) => one.key === key);
    if (message === undefined) return undefined;
    if (answer.ok) {
      // What the log has passed already without our seeing it fell into a gap.
      if (answer.body.id <= this.#head) this.discard(key);
      else this.#update(key, { state: 'sent', id: answer.body.id });
      return undefined;
    }
    const { problem } = answer;
    if (problem.status === 401 || problem.status === 410) {
      // Refused at the first try: it has certainly not arrived.
      this.#update(key, { triedIn });
      this.close();
      this.#events.sessionLost(problem);
      return undefined;
    }
    if (problem.status === 429) {
      // Slower from here on: each refusal counts against the session, and enough of them end it.
      this.#paceMs = problem.retryAfterMs ?? 1000;
      return this.#paceMs;
    }
    if (isPassing(problem)) return backoffMs(failures + 1, this.#schedule.random(), problem.retryAfterMs);
    if (this.#events.refused(message, problem)) this.discard(key);
    else this.#update(key, { state: 'failed', detail: problem.detail });
    return undefined;
  }
}

/** Troubles after which the same request may succeed. */
function isPassing({ status, code }: Problem): boolean {
  return status === 0 || status === 408 || status >= 500 || code === 'not-joined';
}
