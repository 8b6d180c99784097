/** Reads a room, or what of it is missing to somebody. */

import type { Redis } from 'ioredis';
import { unavailable } from './failures.ts';
import { readEndings, readLog } from './log-reading.ts';
import { listOf, type Mark, numberOf, type Reply, textOf } from './reply.ts';
import type { FeedSource, Missing, ReadRoom } from './room-feed.ts';
import type { RoomKeys } from './room-keys.ts';

/** Asks something of a room; `read` gets the answer, and where the room stood then. */
export type Ask = <T>(
  room: string,
  name: string,
  input: readonly string[],
  read: (reply: Reply | undefined, mark: Mark) => T,
) => Promise<T>;

interface RoomReadingOptions {
  readonly room: string;
  readonly keys: RoomKeys;
  readonly ask: Ask;
  /** @throws ChatError `unavailable` while Redis is away */
  redis(): Redis;
}

/** Where a log begins. */
interface Base {
  readonly mark: Mark;
  readonly base: number;
  /** The id that the epoch began behind. */
  readonly start: number;
  /** The roster at `base`. */
  readonly users: readonly string[];
  readonly ending: string;
}

export class RoomReading implements FeedSource {
  readonly #options: RoomReadingOptions;

  constructor(options: RoomReadingOptions) {
    this.#options = options;
  }

  /** The whole room, as it is kept. Read in pages: what is trimmed meanwhile is cut off. */
  async read(): Promise<ReadRoom> {
    const { keys, redis } = this.#options;
    const before = await this.#readBase('load');
    const { epoch, head } = before.mark;
    const range = await readLog(redis(), keys, before.base, head);
    const { mark, base, start, users } = await this.#readBase('base');
    if (mark.epoch !== epoch) throw unavailable('The room was replaced while it was read.');
    // The roster at the first event that could be read, if some before it could not.
    const baseId = Math.max(base, range.from);
    const events = range.events.filter(({ event }) => event.id > baseId);
    const log = { epoch, baseId, users, events, ...(start > 0 && { startId: start }) };
    return { log, mark: before.mark, ending: before.ending };
  }

  async readMissing(after: Mark, ending: string): Promise<Missing> {
    const { keys, redis } = this.#options;
    const { mark, base } = await this.#readBase('base');
    const endings = await readEndings(redis(), keys.endings, ending);
    if (mark.epoch !== after.epoch || base > after.head || mark.head < after.head) {
      return { mark, events: undefined, endings };
    }
    const range = await readLog(redis(), keys, after.head, mark.head);
    return { mark, events: range.from === after.head ? range.events : undefined, endings };
  }

  /** @param by whether the room comes into being by it */
  #readBase(by: 'base' | 'load'): Promise<Base> {
    return this.#options.ask(this.#options.room, by, [], (reply, mark) => {
      const [base, users, ending, start] = listOf(reply);
      return {
        mark,
        base: numberOf(base),
        start: numberOf(start),
        users: listOf(users).map(textOf),
        ending: textOf(ending),
      };
    });
  }
}
