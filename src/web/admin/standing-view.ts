/** How it stands with the server: a word in the bar, and in words under it when something is wrong. */

import type { Problem } from '../../client/problem.ts';
import type { Schedule } from '../../client/schedule.ts';
import { el } from '../dom.ts';
import { words } from '../text/admin.ts';
import type { Stats } from './answers.ts';
import type { Format } from './format.ts';
import { button, setText } from './parts.ts';

export class StandingView {
  /** For the bar. */
  readonly mark = el('p', { class: 'standing', 'data-state': 'connecting' });
  /** For under it. */
  readonly banner: HTMLElement;
  readonly #word = el('span', {}, words.states.connecting);
  readonly #said = el('p', { role: 'status' });
  /** For the eye: who listens would hear nothing else any more. */
  readonly #countdown = el('span', { class: 'countdown', 'aria-hidden': 'true' });
  readonly #again: HTMLButtonElement;
  readonly #schedule: Pick<Schedule, 'now'>;
  readonly #format: Pick<Format, 'moment'>;
  #retryAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(schedule: Pick<Schedule, 'now'>, format: Pick<Format, 'moment'>, tryNow: () => void) {
    this.#schedule = schedule;
    this.#format = format;
    this.mark.append(el('i', { class: 'dot' }), this.#word);
    this.#again = button(words.tryNow, tryNow, 'small');
    this.banner = el('div', { class: 'trouble' }, this.#said, this.#countdown, this.#again);
    this.#show('connecting', '');
  }

  answered({ status, store, overload, now }: Pick<Stats, 'status' | 'store' | 'overload' | 'now'>): void {
    const trouble: Readonly<Record<string, string>> = {
      'store-away': words.storeAway(store.trouble),
      draining: words.draining,
    };
    const overloaded =
      overload && words.overloaded(overload.cause === 'memory', this.#format.moment(overload.since, now));
    this.#show('live', trouble[status] ?? overloaded ?? '');
  }

  failed({ code, detail }: Problem, retryAt: number): void {
    const isLimited = code === 'rate-limited';
    const said = isLimited
      ? words.limited(detail)
      : code === 'unreachable'
        ? words.away
        : words.trouble(detail);
    this.#show(isLimited ? 'limited' : 'away', said, retryAt);
  }

  paused(): void {
    this.#show('paused', '');
  }

  #show(state: keyof typeof words.states, said: string, retryAt = 0): void {
    this.mark.dataset.state = state;
    setText(this.#word, words.states[state]);
    setText(this.#said, said);
    this.banner.classList.toggle('calm', said === '');
    this.#retryAt = retryAt;
    this.#again.hidden = retryAt === 0;
    this.#count();
  }

  #count(): void {
    clearTimeout(this.#timer);
    const leftMs = this.#retryAt - this.#schedule.now();
    const retrying = this.#retryAt === 0 ? '' : words.retrying;
    setText(this.#countdown, leftMs > 0 ? words.retryIn(Math.ceil(leftMs / 1000)) : retrying);
    if (leftMs > 0) this.#timer = setTimeout(() => this.#count(), leftMs % 1000 || 1000);
  }
}
