/** Makes the entries of the log: who goes on is not named again, and each day begins with its name. */

import type { ChatRoomEvent } from '../../client/wire.ts';
import { dayEntry, entryOf } from './entry.ts';
import { continues, isSameDay } from './grouping.ts';
import type { Placed } from './place.ts';

/** What is around a new entry: when the last one was, and the one right above it, if it is an event. */
interface Neighbours {
  last: number | undefined;
  above: ChatRoomEvent | undefined;
}

/** Where what is shown begins. */
interface Start {
  readonly cursor: string;
  readonly timestamp: number;
}

export class EntryMaker {
  readonly #isMention: (entry: Placed) => boolean;
  readonly #end: Neighbours = { last: undefined, above: undefined };
  #ownName = '';
  #first: Start | undefined;

  /** @param isMention whether a message speaks to the reader */
  constructor(isMention: (entry: Placed) => boolean) {
    this.#isMention = isMention;
  }

  /** What the log begins with. */
  get first(): Start | undefined {
    return this.#first;
  }

  /** Whose words the next ones would go on with: who spoke last, if nothing came after. */
  get lastSpeaker(): string | undefined {
    const { above } = this.#end;
    return above?.type === 'message' && continues(above, above) ? above.name : undefined;
  }

  begin(ownName: string): void {
    this.#ownName = ownName;
    this.#first = undefined;
    this.#end.last = undefined;
    this.#end.above = undefined;
  }

  /** Something else comes after what there is: whoever speaks next is named again. */
  interrupt(): void {
    this.#end.above = undefined;
  }

  append(entries: readonly Placed[]): HTMLElement[] {
    this.#first ??= startOf(entries);
    return this.#made(entries, this.#end);
  }

  prepend(entries: readonly Placed[]): HTMLElement[] {
    this.#first = startOf(entries) ?? this.#first;
    return this.#made(entries, { last: undefined, above: undefined });
  }

  #made(entries: readonly Placed[], neighbours: Neighbours): HTMLElement[] {
    return entries.flatMap((entry) => {
      const { event } = entry;
      const { last, above } = neighbours;
      const made = entryOf(entry, {
        ownName: this.#ownName,
        isContinued: continues(above, event),
        isMention: this.#isMention(entry),
      });
      if (made === undefined) {
        // What has lost its text is not kept, and nothing goes on with it.
        if (event.type === 'redaction' && event.target === above?.id) neighbours.above = undefined;
        return [];
      }
      neighbours.last = event.timestamp;
      neighbours.above = event;
      const isNewDay = last === undefined || !isSameDay(last, event.timestamp);
      return isNewDay ? [dayEntry(event.timestamp), made] : [made];
    });
  }
}

function startOf([entry]: readonly Placed[]): Start | undefined {
  return entry && { cursor: entry.cursor, timestamp: entry.event.timestamp };
}
