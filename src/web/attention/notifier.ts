/** Decides which messages somebody is notified of who is not looking. Without DOM. */

import type { AnyEvent } from '../../client/wire.ts';
import { mentionsOf } from '../log/mention.ts';
import { epochOf, isAfter, type Placed, placed, targetOf } from '../log/place.ts';

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
  /** Who has said it; undefined: it is an announcement. */
  readonly name: string | undefined;
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
  /** What is shown, if anything is, has been taken back. */
  hide(): void;
}

export class Notifier {
  readonly #parts: NotifierParts;
  #ownName = '';
  #mentionsMe: (text: string) => boolean = () => false;
  /** The cursors of what there is to tell of since somebody looked last. */
  readonly #untold = new Set<string>();

  constructor(parts: NotifierParts) {
    this.#parts = parts;
  }

  ownNameIs(name: string): void {
    this.#ownName = name;
    this.#mentionsMe = mentionsOf(name);
    this.looked();
  }

  /** Somebody looks: what was told of is known. */
  looked(): void {
    this.#untold.clear();
  }

  /**
   * Something was said, or redacted. Of what comes together, the last is told.
   *
   * @param near any cursor of the same epoch
   */
  async said(events: readonly AnyEvent[], near: string): Promise<void> {
    const { keepsakes, mayNotify, isLookedAt, alone, hide } = this.#parts;
    const entries = placed(events, near);
    const isNotified = keepsakes.notify !== 'off' && mayNotify();
    const wanted = isNotified ? entries.filter((each) => this.#isWanted(each)) : [];
    for (const { cursor } of wanted) this.#untold.add(cursor);
    for (const entry of entries) {
      const target = targetOf(entry) ?? '';
      // Of several tabs, the one that shows it hides it.
      if (target !== '' && target === keepsakes.notified) hide();
      this.#untold.delete(target);
    }
    if (wanted.length === 0) return;
    // All tabs hear the same; the first one tells.
    await alone(async () => {
      if (await isLookedAt()) return this.looked();
      const last = wanted.filter(({ cursor }) => this.#untold.has(cursor)).at(-1);
      if (last === undefined || !('message' in last.event)) return;
      const { notified } = keepsakes;
      if (epochOf(last.cursor) === epochOf(notified) && !isAfter(last.cursor, notified)) return;
      keepsakes.notified = last.cursor;
      const name = 'name' in last.event ? last.event.name : undefined;
      this.#parts.show({ name, text: last.event.message, count: this.#untold.size });
    });
  }

  #isWanted({ event }: Placed): boolean {
    if (!('message' in event) || event.redacted) return false;
    if ('name' in event && event.name === this.#ownName) return false;
    return this.#parts.keepsakes.notify === 'all' || this.#mentionsMe(event.message);
  }
}
