/**
 * Finds the message whose address the page was opened with: loads earlier pages until it is there, or cannot be had.
 */

import type { EarlierState } from '../stay/stay-view.ts';
import { strings } from '../text/strings.ts';
import { epochOf, idOf, isCursor } from './place.ts';

/** How many events are asked for at once; as many as the server gives. */
const pageSize = 1000;

export interface SeekerParts {
  /** The cursor of the first event that is shown; undefined: none. */
  first(): string | undefined;
  /** Goes to a message; false if it is not shown. */
  show(cursor: string): boolean;
  /** The message cannot be had. */
  missing(): void;
  /** Asks for events before the first one. */
  earlier(limit: number): void;
  /** @param isLasting until something else is said */
  say(text: string, isLasting?: boolean): void;
}

export class Seeker {
  readonly #parts: SeekerParts;
  #wanted: string | undefined;
  #earlier: EarlierState = 'none';

  constructor(parts: SeekerParts) {
    this.#parts = parts;
  }

  get isSeeking(): boolean {
    return this.#wanted !== undefined;
  }

  /** The log begins; what comes before it is told by `earlierIs`. */
  reset(fragment: string): void {
    this.#earlier = 'busy';
    this.want(fragment);
  }

  /** @param fragment of the page's address; what is no cursor is not looked for */
  want(fragment: string): void {
    const cursor = fragment.replace(/^#/, '');
    this.#wanted = isCursor(cursor) ? cursor : undefined;
    this.#seek();
  }

  /** What is known of the log before the first entry; told again after each page. */
  earlierIs(state: EarlierState): void {
    this.#earlier = state;
    this.#seek();
  }

  #seek(): void {
    const wanted = this.#wanted;
    if (wanted === undefined || this.#earlier === 'busy') return;
    const first = this.#parts.first();
    const mayBeBefore =
      first === undefined || (epochOf(first) === epochOf(wanted) && idOf(wanted) < idOf(first));
    if (this.#parts.show(wanted)) this.#done('');
    else if (mayBeBefore && this.#earlier === 'more') {
      this.#parts.say(strings.linkSeeking, true);
      this.#parts.earlier(pageSize);
    } else if (mayBeBefore && this.#earlier === 'failed') {
      // When the reader has the page loaded, it is looked for again.
      this.#parts.say(strings.linkFailed);
    } else {
      this.#done(strings.linkGone);
      this.#parts.missing();
    }
  }

  #done(text: string): void {
    this.#wanted = undefined;
    this.#parts.say(text);
  }
}
