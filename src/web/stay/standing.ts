/**
 * How it stands with the connection, as far as it is worth telling: nothing of short drops, then when the next try is
 * made. Without DOM.
 */

import type { ClientState, StateDetail } from '../../client/news.ts';
import type { Schedule } from '../../client/schedule.ts';

export type Standing =
  | { readonly kind: 'fine' }
  /** The browser says that it has no network. */
  | { readonly kind: 'offline' }
  /** Cut off for a while; without `retryAt` a try is under way. */
  | { readonly kind: 'lost'; readonly retryAt?: number | undefined }
  /** Connected, but not by a stream. */
  | { readonly kind: 'polling'; readonly why: StateDetail['why'] };

/** Shorter drops are nobody's business. */
export const quietMs = 4000;

const fine: Standing = { kind: 'fine' };

export class StandingWatch {
  readonly #schedule: Schedule;
  readonly #tell: (standing: Standing) => void;
  #state: ClientState = 'ended';
  #detail: StateDetail = {};
  /** Since when one is cut off. */
  #lostAt: number | undefined;
  #hasNetwork = true;
  #isPollingKnown = false;
  #quiet = new AbortController();
  #told: Standing = fine;

  /** @param tell hears of every change */
  constructor(schedule: Schedule, tell: (standing: Standing) => void) {
    this.#schedule = schedule;
    this.#tell = tell;
  }

  /** What the client says. */
  state(state: ClientState, detail: StateDetail): void {
    this.#state = state;
    this.#detail = detail;
    if (state === 'connecting' || state === 'offline') {
      if (this.#lostAt === undefined) {
        this.#lostAt = this.#schedule.now();
        void this.#wait();
      }
    } else {
      this.#lostAt = undefined;
      this.#quiet.abort();
      // Whatever the browser thinks: the server is heard.
      if (state !== 'ended') this.#hasNetwork = true;
    }
    this.#look();
  }

  /** What the browser says of its network. */
  network(isThere: boolean): void {
    this.#hasNetwork = isThere;
    this.#look();
  }

  /** The user knows that it polls. */
  dismiss(): void {
    this.#isPollingKnown = true;
    this.#look();
  }

  async #wait(): Promise<void> {
    this.#quiet = new AbortController();
    await this.#schedule.sleep(quietMs, this.#quiet.signal);
    this.#look();
  }

  #look(): void {
    const standing = this.#standing();
    if (standing.kind === this.#told.kind && standing.kind !== 'lost') return;
    this.#told = standing;
    this.#tell(standing);
  }

  #standing(): Standing {
    if (this.#state === 'ended') return fine;
    if (!this.#hasNetwork) return { kind: 'offline' };
    if (this.#state === 'polling' && !this.#isPollingKnown) return { kind: 'polling', why: this.#detail.why };
    const isQuiet = this.#lostAt === undefined || this.#schedule.now() - this.#lostAt < quietMs;
    return isQuiet ? fine : { kind: 'lost', retryAt: this.#detail.retryAt };
  }
}
