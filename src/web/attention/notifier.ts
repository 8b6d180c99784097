/** Decides which messages somebody is notified of who is not looking. Without DOM. */

import type { AnyEvent } from '../../client/wire.ts';
import { mentionsOf } from '../log/mention.ts';
import { epochOf, isAfter, type Placed, placed } from '../log/place.ts';

/** Of what one wants to be notified. */
export type Wish = 'off' | 'mentions' | 'all';

/** What outlives the page, and is shared by all tabs of the browser. */
export interface NotifyKeepsakes {
  notify: Wish;
  /** The cursor of the last event that somebody was notified of; empty: none. */
  notified: string;
}

/** What a notification says. */
export interface Notice {
  readonly name: string;
  readonly text: string;
  /** How many there are to tell of, with this one, since somebody looked last. */
  readonly count: number;
}

interface NotifierParts {
  readonly keepsakes: NotifyKeepsakes;
  /** Whether the browser lets one notify. */
  mayNotify(): boolean;
  /** Whether somebody looks at the room, in any tab. */
  isLookedAt(): Promise<boolean>;
  /** Runs what only one tab of the browser may do at a time. */
  alone(task: () => Promise<void>): Promise<void>;
  show(notice: Notice): void;
}

export class Notifier {
  readonly #parts: NotifierParts;
  #ownName = '';
  #mentionsMe: (text: string) => boolean = () => false;
  #count = 0;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
  }

  ownNameIs(name: string): void {
    this.#ownName = name;
    this.#mentionsMe = mentionsOf(name);
    this.#count = 0;
  }

  /** Somebody looks: what was told of is known. */
  looked(): void {
    this.#count = 0;
  }

  /**
   * Something was said. Of what comes together, the last is told.
   *
   * @param near any cursor of the same epoch
   */
  async said(events: readonly AnyEvent[], near: string): Promise<void> {
    const { keepsakes, mayNotify, isLookedAt, alone } = this.#parts;
    if (keepsakes.notify === 'off' || !mayNotify()) return;
    const wanted = placed(events, near).filter((each) => this.#isWanted(each));
    const last = wanted.at(-1);
    if (last?.event.type !== 'message') return;
    const { name, message: text } = last.event;
    // All tabs hear the same; the first one tells.
    await alone(async () => {
      if (await isLookedAt()) return this.looked();
      this.#count += wanted.length;
      const { notified } = keepsakes;
      if (epochOf(last.cursor) === epochOf(notified) && !isAfter(last.cursor, notified)) return;
      keepsakes.notified = last.cursor;
      this.#parts.show({ name, text, count: this.#count });
    });
  }

  #isWanted({ event }: Placed): boolean {
    if (event.type !== 'message' || event.name === this.#ownName) return false;
    return this.#parts.keepsakes.notify === 'all' || this.#mentionsMe(event.message);
  }
}
