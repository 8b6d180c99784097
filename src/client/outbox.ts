/**
 * Messages on their way: sent one after the other, each with a key of its own that every try repeats, so that
 * none is lost and none is sent twice, whatever breaks in between.
 *
 * A message leaves the outbox when the room's log shows it (`seen`), not on the acknowledgement alone. Keys are
 * remembered per session: of a message that was tried in an earlier session, nobody knows until the log has been read
 * from where it was tried to its head (`#settle`). Then it either was in it or is sent again; if it may lie in a gap, the
 * user decides.
 */

import type { RoomApi } from './api.ts';
import { isGone, isPassing } from './outcome.ts';
import { type Problem, ProblemError } from './problem.ts';
import { randomId } from './random-id.ts';
import { backoffMs, type Schedule } from './schedule.ts';
import { type AnyEvent, type HistoryPage, knownOf, type Sent } from './wire.ts';

/** More than this many unsent messages are refused: nobody is reading them. */
export const maxOutbox = 50;
const pageSize = 1000;

export interface Outgoing {
  readonly key: string;
  readonly text: string;
  /** `sent`: acknowledged, and not seen in the log yet. `failed`: the user decides. */
  readonly state: 'waiting' | 'sent' | 'failed';
  /** When it was first tried; undefined: not yet. */
  readonly tried?: Trial | undefined;
  /** Its id in the log, once acknowledged. */
  readonly id?: number | undefined;
  /** Why it failed. */
  readonly problem?: Problem | undefined;
}

/** In which session, under which name and at which position of the log. */
interface Trial {
  readonly sessionId: string;
  readonly name: string;
  readonly cursor: string;
}

interface OutboxEvents {
  changed(messages: readonly Outgoing[]): void;
  /** The session is gone. */
  sessionLost(problem: Problem): void;
}

/** A message with who waits for it; JSON has only the message. */
type Entry = { -readonly [K in keyof Outgoing]: Outgoing[K] } & {
  readonly resolve?: (sent: Sent) => void;
  readonly reject?: (error: ProblemError) => void;
};

/** Where the log may not be read: what it would have told may lie in it. */
const nothing: HistoryPage = { events: [], cursor: '', more: false, lost: 0 };
const maybeSent = problemOf('maybe-sent', 'It may have arrived.');

export class Outbox {
  readonly #api: Pick<RoomApi, 'send' | 'history'>;
  readonly #schedule: Schedule;
  readonly #events: OutboxEvents;
  #entries: Entry[];
  #trial: () => Trial = () => ({ sessionId: '', name: '', cursor: '0' });
  #head = 0;
  #gate: AbortController | undefined;
  #isDraining = false;
  /** Between two messages, once the server has said that they come too fast. */
  #paceMs = 0;

  /** @param kept what an earlier load left */
  constructor(
    api: Pick<RoomApi, 'send' | 'history'>,
    schedule: Schedule,
    events: OutboxEvents,
    kept: readonly Outgoing[] = [],
  ) {
    this.#api = api;
    this.#schedule = schedule;
    this.#events = events;
    // Acknowledged, but not shown before the reload: asking again with the same key tells its id.
    this.#entries = kept.map((entry) => (entry.state === 'sent' ? { ...entry, state: 'waiting' } : entry));
  }

  get messages(): readonly Outgoing[] {
    return this.#entries;
  }

  /** Takes a message and sends it as soon as possible; resolves once it is acknowledged. */
  add(text: string): Promise<Sent> {
    const sent = new Promise<Sent>((resolve, reject) => {
      if (this.#entries.length >= maxOutbox) {
        const detail = `${maxOutbox} messages wait already.`;
        return reject(new ProblemError(problemOf('outbox-full', detail)));
      }
      this.#entries.push({ key: randomId(), text, state: 'waiting', resolve, reject });
      this.#changed();
      void this.#drain();
    });
    // Who does not wait for it learns it by `refused`; nothing is left unhandled.
    sent.catch(() => {});
    return sent;
  }

  /** Sends a failed message again; about one that may have arrived the user has decided. */
  retry(key: string): void {
    const entry = this.#failed(key);
    if (entry === undefined) return;
    if (entry.problem?.code === maybeSent.code) entry.tried = undefined;
    entry.state = 'waiting';
    this.#changed();
    void this.#drain();
  }

  /** Drops a failed message. */
  discard(key: string): void {
    const failed = this.#failed(key);
    this.#keep((entry) => entry !== failed);
  }

  /** Where it is sent from now on. */
  sessionIs(trial: () => Trial): void {
    this.#trial = trial;
    this.#changed();
  }

  /** Sends, now: a try that waits for its turn does not wait any longer. */
  open(): void {
    this.#gate?.abort();
    this.#gate = new AbortController();
    void this.#drain();
  }

  /** What is on its way may arrive; nothing new is sent. */
  close(): void {
    this.#gate?.abort();
    this.#gate = undefined;
  }

  /** Nothing is sent any more, unless the user asks for it. */
  end(problem: Problem): void {
    this.close();
    this.gap();
    this.#fail(this.#entries, problem);
  }

  /** The log was told up to here: own messages in it have arrived. */
  seen(events: readonly AnyEvent[]): void {
    this.#head = events.at(-1)?.id ?? this.#head;
    this.#find(events);
  }

  /** A gap in the log: an acknowledged message may lie in it and is not waited for any more. */
  gap(): void {
    this.#keep(({ state }) => state !== 'sent');
  }

  /** Takes out those that these events show. */
  #find(events: readonly AnyEvent[]): void {
    const messages = knownOf(events).filter((event) => event.type === 'message');
    this.#keep(({ key, tried, id, resolve }) => {
      const own = messages.find((event) => event.key === key && event.name === tried?.name);
      if (own !== undefined) resolve?.({ id: own.id, timestamp: own.timestamp });
      return own === undefined && !(id !== undefined && id <= this.#head);
    });
  }

  #failed(key: string): Entry | undefined {
    return this.#entries.find((entry) => entry.key === key && entry.state === 'failed');
  }

  #keep(isKept: (entry: Entry) => boolean): void {
    const { length } = this.#entries;
    this.#entries = this.#entries.filter(isKept);
    if (this.#entries.length < length) this.#changed();
  }

  #fail(entries: readonly Entry[], problem: Problem): void {
    for (const entry of entries) {
      if (entry.state === 'failed') continue;
      entry.state = 'failed';
      entry.problem = problem;
      entry.reject?.(new ProblemError(problem));
    }
    this.#changed();
  }

  /** Whether it was tried in an earlier session. */
  #isUnsure({ state, tried }: Entry): boolean {
    return state === 'waiting' && tried !== undefined && tried.sessionId !== this.#trial().sessionId;
  }

  #changed(): void {
    this.#events.changed(this.#entries);
  }

  /** One at a time, so that they arrive in the order they were written. */
  async #drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#paceMs = 0;
    for (let failures = 0; ; ) {
      const gate = this.#gate;
      const next = this.#entries.find(({ state }) => state === 'waiting');
      if (gate === undefined || next === undefined) break;
      const problem = await (this.#isUnsure(next) ? this.#settle(next) : this.#send(next));
      failures = problem === undefined ? 0 : failures + 1;
      const waitMs = problem === undefined ? this.#paceMs : this.#meet(problem, failures);
      if (waitMs > 0) await this.#schedule.sleep(waitMs, gate.signal);
    }
    this.#isDraining = false;
  }

  /**
   * Looks into the log for all that is unsure; the answer is a problem that may pass. They were tried one after the
   * other, so none can stand before where the first was tried.
   */
  async #settle({ tried }: Entry): Promise<Problem | undefined> {
    const { sessionId } = this.#trial();
    for (let after = tried?.cursor ?? '0'; ; ) {
      const answer = await this.#api.history('after', after, pageSize);
      if (this.#trial().sessionId !== sessionId) return undefined;
      if (!answer.ok && isCurable(answer.problem)) return answer.problem;
      const { events, lost, more, cursor } = answer.ok ? answer.body : nothing;
      this.#find(events);
      const unsure = this.#entries.filter((entry) => this.#isUnsure(entry));
      // What was lost with an epoch nobody can read any more: it may be said again.
      if (typeof lost === 'number') return void this.#fail(unsure, maybeSent);
      if (!more) {
        for (const entry of unsure) entry.tried = undefined;
        return undefined;
      }
      after = cursor;
    }
  }

  /** Sends once; the answer is a problem that may pass. */
  async #send(entry: Entry): Promise<Problem | undefined> {
    const { key, text, tried, resolve } = entry;
    const trial = this.#trial();
    entry.tried ??= trial;
    this.#changed();
    const answer = await this.#api.send(text, key);
    if (answer.ok) {
      resolve?.(answer.body);
      entry.state = 'sent';
      entry.id = answer.body.id;
      this.#changed();
      // What the log has passed already without our seeing it fell into a gap.
      this.#find([]);
      return undefined;
    }
    const { problem } = answer;
    // Refused at the first try: it has certainly not arrived.
    if (isGone(problem)) entry.tried = tried;
    // Seen meanwhile, or of a session that was lost meanwhile: what is to be done is being done.
    if (this.#trial().sessionId !== trial.sessionId || !this.#entries.includes(entry)) return undefined;
    if (isCurable(problem)) return problem;
    this.#fail([entry], problem);
    return undefined;
  }

  /** What follows from a problem that may pass, and how long to wait after it. */
  #meet(problem: Problem, failures: number): number {
    const { status, retryAfterMs } = problem;
    if (isGone(problem)) {
      this.close();
      this.#events.sessionLost(problem);
      return 0;
    }
    if (status !== 429) return backoffMs(this.#schedule, failures, retryAfterMs);
    // Slower from here on: each refusal counts against the session, and enough of them end it.
    this.#paceMs = retryAfterMs || 1000;
    return this.#paceMs;
  }
}

function isCurable(problem: Problem): boolean {
  return isGone(problem) || isPassing(problem);
}

function problemOf(code: string, detail: string): Problem {
  return { status: 0, code, detail };
}
