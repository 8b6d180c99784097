/** The room from outside: the form, and what is seen of the room while somebody looks. */

import type { Problem } from '../../client/problem.ts';
import { type FeedSource, GlimpseWatch } from './glimpse.ts';
import { JoinView } from './join-view.ts';

export class Door {
  readonly #view: JoinView;
  readonly #glimpse: GlimpseWatch;
  #isOutside = false;

  /**
   * @param openFeed opens the stream that is seen from outside
   * @param onJoin tries to join and answers with the problem, if there is one
   */
  constructor(
    room: string,
    openFeed: (url: string) => FeedSource,
    onJoin: (name: string, password?: string) => Promise<Problem | undefined>,
  ) {
    this.#view = new JoinView(room, onJoin);
    this.#glimpse = new GlimpseWatch(room, openFeed, (glimpse) => this.#view.showGlimpse(glimpse));
    document.addEventListener('visibilitychange', () => this.#look());
    addEventListener('pagehide', () => this.#glimpse.stop());
    addEventListener('pageshow', () => this.#look());
  }

  /** Shows the form in `root`; as of `JoinView`, with why. */
  show(root: HTMLElement, ...how: Parameters<JoinView['show']>): void {
    this.#view.show(...how);
    root.replaceChildren(this.#view.element);
    this.#view.focus();
    this.#isOutside = true;
    this.#look();
  }

  /** Into the form. */
  focus(): void {
    this.#view.focus();
  }

  /** One is inside, or there is nothing to join. */
  leave(): void {
    this.#isOutside = false;
    this.#look();
  }

  #look(): void {
    if (this.#isOutside && document.visibilityState === 'visible') this.#glimpse.start();
    else this.#glimpse.stop();
  }
}
