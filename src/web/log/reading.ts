/**
 * What of the log has been read and what has not, without the page.
 *
 * A message of somebody else, or an announcement, is read once the newest entry is in sight: the page is visible
 * (`setPresent`) and the log scrolled to its end (`setAtEnd`). What comes at other times is unread, until it is redacted.
 * Speaking oneself, here or elsewhere, reads everything. How far one has read is kept, so that the next load goes on there.
 *
 * The divider stands before the first message that was unread, also after it was read, until one has spoken or gone.
 */

import type { ChatRoomEvent } from '../../client/wire.ts';
import { mentionsOf } from './mention.ts';
import { isAfter, type Placed, targetOf } from './place.ts';

/** What outlives the page: the cursor of the event read last; empty: none. */
export interface ReadKeepsake {
  read: string;
}

export class Reading {
  readonly #keepsake: ReadKeepsake;
  readonly #listeners: (() => void)[] = [];
  #ownName = '';
  #mentionsMe: (text: string) => boolean = () => false;
  #isPresent = true;
  #isAtEnd = false;
  /** The cursors of what is unread. */
  readonly #unread = new Set<string>();
  /** Those of them that mention oneself. */
  readonly #mentions = new Set<string>();
  #divider: string | undefined;
  /** What the divider stands before has been in sight. */
  #isDividerSeen = false;
  /** Up to where an earlier load had read, as long as all that is shown comes after it: more may be unread before. */
  #readBefore: string | undefined;
  #newest: string | undefined;

  constructor(keepsake: ReadKeepsake) {
    this.#keepsake = keepsake;
  }

  /** How many messages of others, and announcements, have not been read. */
  get unread(): number {
    return this.#unread.size;
  }

  /** How many of them mention oneself. */
  get mentions(): number {
    return this.#mentions.size;
  }

  /** The cursor of the message that the divider stands before. */
  get divider(): string | undefined {
    return this.#divider;
  }

  /** Calls `listener` whenever one of the above has changed, once for all that came together. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Whether a text is by somebody else and speaks to oneself. */
  isMention({ event }: Placed): boolean {
    return 'message' in event && !this.#isOwn(event) && this.#mentionsMe(event.message);
  }

  /** The log begins, with what was said before; where one looks is told by `setAtEnd` afterwards. */
  begin(ownName: string, entries: readonly Placed[]): void {
    this.#changing(() => {
      this.#ownName = ownName;
      this.#mentionsMe = mentionsOf(ownName);
      this.#isAtEnd = false;
      this.#readAll();
      this.#divider = undefined;
      const { read } = this.#keepsake;
      const unread = entries.filter(({ cursor }) => isAfter(cursor, read));
      if (read !== '' && unread.length === entries.length) this.#readBefore = read;
      for (const entry of unread) this.#take(entry);
      this.#newest = entries.at(-1)?.cursor;
    });
  }

  /** More was said. */
  append(entries: readonly Placed[]): void {
    this.#changing(() => {
      for (const entry of entries) this.#take(entry);
      this.#newest = entries.at(-1)?.cursor ?? this.#newest;
      this.#look();
      // It may have been quicker with the same news.
      this.#catchUp();
    });
  }

  /** What was said before the rest is shown as well. */
  prepend(entries: readonly Placed[]): void {
    this.#changing(() => {
      for (const entry of [...entries].reverse()) {
        const { event, cursor } = entry;
        if (this.#readBefore === undefined) return;
        if (this.#isOwn(event) || !isAfter(cursor, this.#readBefore)) this.#readBefore = undefined;
        else if (isToRead(event)) this.#count(entry, true);
      }
    });
  }

  /** What is kept may have changed: other tabs of the browser read too. */
  catchUp(): void {
    this.#changing(() => this.#catchUp());
  }

  /** Whether the page can be seen. */
  setPresent(isPresent: boolean): void {
    this.#changing(() => {
      this.#isPresent = isPresent;
      if (!isPresent && this.#isDividerSeen) this.#divider = undefined;
      this.#look();
    });
  }

  /** Whether the newest entry is where one looks, if one looks. */
  setAtEnd(isAtEnd: boolean): void {
    if (isAtEnd === this.#isAtEnd) return;
    this.#changing(() => {
      this.#isAtEnd = isAtEnd;
      this.#look();
    });
  }

  #take(entry: Placed): void {
    const { event } = entry;
    if (this.#isOwn(event)) {
      this.#readAll();
      this.#divider = undefined;
    } else if (isToRead(event)) {
      if (!this.#isPresent || !this.#isAtEnd) this.#count(entry, false);
    } else this.#forget(targetOf(entry) ?? '');
  }

  #isOwn(event: ChatRoomEvent): boolean {
    return event.type === 'message' && event.name === this.#ownName;
  }

  /** There is nothing to read of it any more. */
  #forget(cursor: string): void {
    this.#mentions.delete(cursor);
    if (this.#unread.delete(cursor) && this.#unread.size === 0 && !this.#isDividerSeen)
      this.#divider = undefined;
  }

  #count(entry: Placed, isBefore: boolean): void {
    this.#unread.add(entry.cursor);
    if (this.isMention(entry)) this.#mentions.add(entry.cursor);
    if (isBefore || this.#divider === undefined || this.#isDividerSeen) this.#divider = entry.cursor;
    this.#isDividerSeen = false;
  }

  #look(): void {
    if (!this.#isPresent || !this.#isAtEnd) return;
    this.#readAll();
    if (this.#newest !== undefined && this.#newest !== this.#keepsake.read) {
      this.#keepsake.read = this.#newest;
    }
  }

  #catchUp(): void {
    const newest = this.#newest;
    if (this.unread === 0 || newest === undefined) return;
    const { read } = this.#keepsake;
    if (read !== newest && !isAfter(read, newest)) return;
    this.#readAll();
    this.#divider = undefined;
  }

  #readAll(): void {
    this.#unread.clear();
    this.#mentions.clear();
    this.#isDividerSeen = true;
    this.#readBefore = undefined;
  }

  #changing(change: () => void): void {
    const before = [this.unread, this.mentions, this.#divider];
    change();
    const after = [this.unread, this.mentions, this.#divider];
    if (after.some((value, i) => value !== before[i])) for (const listener of this.#listeners) listener();
  }
}

/** Whether there is a text. */
function isToRead(event: ChatRoomEvent): boolean {
  return 'message' in event && !event.redacted;
}
