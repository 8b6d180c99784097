/**
 * Sends messages one after the other, each with a key of its own that every try repeats, so that none is lost and
 * none is sent twice, whatever breaks in between.
 *
 * Keys are remembered per session: of a message that was tried in an earlier session, nobody knows until the log has
 * been read from where it was tried to its head (`#settle`). Then it either was in it or is sent again; if it may lie in a
 * gap, the user decides. In a browser another tab may replace the session unnoticed: so before each further try it is
 * looked whether it is still the same.
 */

import type { RoomApi } from './api.ts';
import { maxOutbox, pageSize } from './bounds.ts';
import { isGone, isPassing } from './outcome.ts';
import { type Entry, type Outgoing, OutgoingList, type Trial } from './outgoing.ts';
import { ownProblem, type Problem, ProblemError, type Result } from './problem.ts';
import { randomId } from './random-id.ts';
import { backoffMs, type Schedule } from './schedule.ts';
import type { Keepsakes } from './storage.ts';
import type { HistoryPage, Sent } from './wire.ts';

/** Where the log may not be read: what it would have told may lie in it. */
const nothing: HistoryPage = { events: [], cursor: '', more: false, lost: 0 };
/** The browser proves another session now. */
const replaced: Result<never> = {
  ok: false,
  problem: { ...ownProblem('session-gone', '', 'destroyed'), status: 410, action: 'stop' },
};
const maybeSent = ownProblem('maybe-sent', 'It may have arrived.');

export class Outbox extends OutgoingList {
  readonly #api: Pick<RoomApi, 'send' | 'history' | 'getSession'>;
  readonly #schedule: Schedule;
  readonly #sessionLost: (problem: Problem) => void;
  /** Open: something may be sent. Aborted, what waits for its turn does not wait any longer. */
  #gate: AbortController | undefined;
  #isDraining = false;

  /**
   * @param here where a message is sent from now
   * @param changed is told whenever a message is not what it was
   * @param sessionLost is told when the session is gone
   */
  constructor(
    api: Pick<RoomApi, 'send' | 'history' | 'getSession'>,
    schedule: Schedule,
    kept: Keepsakes,
    here: () => Trial,
    changed: (messages: readonly Outgoing[]) => void,
    sessionLost: (problem: Problem) => void,
  ) {
    super(kept, here, changed);
    this.#api = api;
    this.#schedule = schedule;
    this.#sessionLost = sessionLost;
  }

  /** Takes a message and sends it as soon as possible; resolves once it is acknowledged. */
  add(text: string): Promise<Sent> {
    const sent = new Promise<Sent>((resolve, reject) => {
      if (this.entries.length >= maxOutbox) {
        return reject(new ProblemError(ownProblem('outbox-full', `${maxOutbox} messages wait.`)));
      }
      this.entries.push({ key: randomId(), text, state: 'waiting', resolve, reject });
      this.changed();
      void this.#drain();
    });
    // Who does not wait for it learns it by `outbox`; nothing is left unhandled.
    sent.catch(() => {});
    return sent;
  }

  /** Sends a failed message again; about one that may have arrived the user has decided. */
  retry(key: string): void {
    const entry = this.failed(key);
    if (!entry) return;
    if (entry.problem?.code === maybeSent.code) entry.tried = undefined;
    entry.state = 'waiting';
    this.changed();
    void this.#drain();
  }

  /** Sends, now: a try that waits for its turn does not wait any longer. */
  open(): void {
    this.close();
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
    this.fail(this.entries, problem);
  }

  /** One at a time, so that they arrive in the order they were written. */
  async #drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    // Between two messages, once the server has said that they come too fast: each refusal counts against the
    // session, and enough of them end it.
    let paceMs = 0;
    for (let failures = 0; ; ) {
      const gate = this.#gate;
      const next = this.entries.find(({ state }) => state === 'waiting');
      if (!gate || !next) break;
      const problem = await (this.#isUnsure(next) ? this.#settle(next) : this.#send(next));
      failures = problem ? failures + 1 : 0;
      if (problem?.status === 429) paceMs = problem.retryAfterMs || 1000;
      let waitMs = paceMs;
      if (problem && isGone(problem)) {
        this.close();
        this.#sessionLost(problem);
      } else if (problem && problem.status !== 429) {
        waitMs = backoffMs(this.#schedule, failures, problem.retryAfterMs);
      }
      if (waitMs > 0) await this.#schedule.sleep(waitMs, gate.signal);
    }
    this.#isDraining = false;
  }

  /** Whether it was tried in an earlier session. */
  #isUnsure({ state, tried }: Entry): boolean {
    return state === 'waiting' && tried !== undefined && this.#isLost(tried);
  }

  #isLost({ sessionId }: Trial): boolean {
    return sessionId !== this.here().sessionId;
  }

  /**
   * Looks into the log for all that is unsure; the answer is a problem that may pass. They were tried one after the
   * other, so none can stand before where the first was tried.
   */
  async #settle({ tried }: Entry): Promise<Problem | undefined> {
    const trial = this.here();
    for (let after = tried?.cursor ?? '0'; ; ) {
      const answer = await this.#api.history('after', after, pageSize);
      if (this.#isLost(trial)) return undefined;
      if (!answer.ok && isCurable(answer.problem)) return answer.problem;
      const { events, lost, more, cursor } = answer.ok ? answer.body : nothing;
      this.find(events);
      const unsure = this.entries.filter((entry) => this.#isUnsure(entry));
      // What was lost with an epoch nobody can read any more: it may be said again.
      if (typeof lost === 'number') return void this.fail(unsure, maybeSent);
      if (!more) {
        for (const entry of unsure) entry.tried = undefined;
        return undefined;
      }
      after = cursor;
    }
  }

  /** Sends once; the answer is a problem that may pass. */
  async #send(entry: Entry): Promise<Problem | undefined> {
    const { key, text, tried } = entry;
    const trial = this.here();
    entry.tried ??= trial;
    this.changed();
    // Another tab may have brought another session, which knows nothing of this key.
    const session = tried && (await this.#api.getSession());
    const isReplaced = session?.ok && session.body.sessionId !== trial.sessionId;
    const answer = isReplaced ? replaced : await this.#api.send(text, key);
    if (answer.ok) {
      entry.resolve?.(answer.body);
      entry.state = 'sent';
      entry.id = answer.body.id;
      this.changed();
      this.find([]);
      return undefined;
    }
    const { problem } = answer;
    // Refused at the first try: it has certainly not arrived.
    if (isGone(problem)) entry.tried = tried;
    // Of a session that was lost meanwhile, or seen meanwhile: what is to be done is being done.
    if (this.#isLost(trial) || !this.entries.includes(entry)) return undefined;
    if (isCurable(problem)) return problem;
    return void this.fail([entry], problem);
  }
}

function isCurable(problem: Problem): boolean {
  return isGone(problem) || isPassing(problem);
}
