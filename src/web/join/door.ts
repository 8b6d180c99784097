/** The room from outside: the form, and what is seen of the room while somebody looks. */

import type { Problem } from '../../client/problem.ts';
import type { Login } from '../../client/wire.ts';
import { type FeedSource, GlimpseWatch } from './glimpse.ts';
import { JoinView } from './join-view.ts';

/** Asks what it takes to come in; undefined: nobody can say. */
export type AskLogin = () => Promise<Login | undefined>;

/** A server that has not said by then what it takes is asked by a form that fits most. */
const patienceMs = 1000;

interface DoorParts {
  /** Opens the stream that is seen from outside. */
  readonly openFeed: (url: string) => FeedSource;
  readonly askLogin: AskLogin;
  /** Tries to join and answers with the problem, if there is one. */
  readonly join: (name: string | undefined, password?: string) => Promise<Problem | undefined>;
}

export class Door {
  readonly #view: JoinView;
  readonly #glimpse: GlimpseWatch;
  readonly #askLogin: AskLogin;
  /** What it takes was said once. */
  #isKnown = false;
  #isOutside = false;

  constructor(room: string, { openFeed, askLogin, join }: DoorParts) {
    this.#view = new JoinView(room, join);
    this.#askLogin = askLogin;
    this.#glimpse = new GlimpseWatch(room, openFeed, (glimpse) => this.#view.showGlimpse(glimpse));
    document.addEventListener('visibilitychange', () => this.#look());
    addEventListener('pagehide', () => this.#glimpse.stop());
    addEventListener('pageshow', ({ persisted }) => persisted && this.#look());
  }

  /** Shows the form in `root`, once it is known what to ask for; as of `JoinView`, with why. */
  show(root: HTMLElement, ...how: Parameters<JoinView['show']>): void {
    this.#isOutside = true;
    this.#view.show(...how);
    const open = () => {
      if (!this.#isOutside || this.#view.element.isConnected) return;
      root.replaceChildren(this.#view.element);
      this.#view.focus();
    };
    if (this.#isKnown) open();
    else setTimeout(open, patienceMs);
    void this.#look().then(open);
  }

  /** Into the form. */
  focus(): void {
    this.#view.focus();
  }

  /** Joins by what came along, as the button does; if nothing did, or one is inside, nothing happens. */
  async enter(): Promise<void> {
    await this.ask();
    if (this.#isOutside) await this.#view.enter();
  }

  /** What it takes may have changed: something came along, or does no more. */
  async ask(): Promise<void> {
    await this.#view.setLogin(await this.#askLogin());
    this.#isKnown = true;
  }

  /** One is inside, or there is nothing to join. */
  leave(): void {
    this.#isOutside = false;
    void this.#look();
  }

  async #look(): Promise<void> {
    const isSeen = document.visibilityState === 'visible';
    if (this.#isOutside && isSeen) this.#glimpse.start();
    else this.#glimpse.stop();
    // Whoever comes back may have signed in elsewhere; a tab that opens unseen has its form once it is seen.
    if (this.#isOutside && (isSeen || !this.#isKnown)) await this.ask();
  }
}
