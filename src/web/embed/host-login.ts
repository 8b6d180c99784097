/**
 * The tokens by which the page around logs its visitor in. The newest is here, in memory alone: the page gives it again
 * after a reload. Without DOM.
 *
 * States: none (at first, and after `refused`) → given (`take`) → used (`accepted`) → given, or none. The server's answer is about
 * the token that was handed out last (`newest`): one that has come since then is given all the same.
 */

import type { Schedule } from '../../client/schedule.ts';
import type { LoginReason } from './talk.ts';

/** A page that has a fresh token at hand has given it by then. */
const freshMs = 3000;

export class HostLogin {
  #token: string | undefined;
  /** With which a session was asked for last. */
  #handedOut: string | undefined;
  #isUsed = false;
  /** The page knows that a token is wanted. */
  #isAsked = false;
  #arrival = new AbortController();
  readonly #schedule: Schedule;
  readonly #ask: (reason: LoginReason) => void;

  /** @param ask tells the page that a token is wanted */
  constructor(schedule: Schedule, ask: (reason: LoginReason) => void) {
    this.#schedule = schedule;
    this.#ask = ask;
  }

  get isGiven(): boolean {
    return this.#token !== undefined;
  }

  /** Nobody has logged in with it yet. */
  get isFresh(): boolean {
    return this.isGiven && !this.#isUsed;
  }

  /** It has come since a session was asked for last. */
  get isUntried(): boolean {
    return this.isGiven && this.#token !== this.#handedOut;
  }

  take(token: string): void {
    this.#token = token;
    this.#isUsed = false;
    this.#isAsked = false;
    this.#arrival.abort();
  }

  /** There is a session: by the token that was handed out, or from before a reload, whoever's that was. */
  accepted(): void {
    this.#isUsed = !this.isUntried;
    this.#isAsked = false;
  }

  /** The server will not have what was handed out: what comes next must be another one. */
  refused(): void {
    if (!this.isGiven || this.isUntried) return;
    this.#token = undefined;
    this.want('refused');
  }

  /** Tells the page that a token is wanted, unless it knows. */
  want(reason: LoginReason): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#ask(reason);
  }

  /**
   * The newest token.
   * @param isAgain the session that was had by it has ended: it may have run out, and the page is asked for a fresh one
   */
  async newest(isAgain: boolean): Promise<string | undefined> {
    if (isAgain && !this.isFresh) {
      this.#arrival = new AbortController();
      this.want('expired');
      await this.#schedule.sleep(freshMs, this.#arrival.signal);
    }
    this.#handedOut = this.#token;
    return this.#token;
  }
}
