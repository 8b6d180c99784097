/** Readers of every manner and senders in one room, who write down what they meet until the judge asks for it. */

import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '../../support/wait-until.ts';
import { type Address, addressOf } from './address.ts';
import { readLog } from './final-log.ts';
import { join } from './member.ts';
import { Patience } from './patience.ts';
import { type Manner, Reader } from './reader.ts';
import type { RunRecord, SeenEvent } from './records.ts';
import type { SeededRandom } from './seeded-random.ts';
import { Sender } from './sender.ts';

export interface CrowdOptions {
  /** The address of the room; if there are several, everybody goes from one to another at random. */
  readonly base: string | readonly [string, ...string[]];
  /** How many readers of each manner. */
  readonly readersPerManner: number;
  readonly senders: number;
  /** How long a sender thinks between two messages at the most. */
  readonly thinkMs: number;
  /** How likely a message that was acknowledged is asked for once more, with the same key. */
  readonly repeatShare?: number;
  /** Where the readers find the room; the same address if not given. */
  readonly readersBase?: string;
  /** Where each second sender finds the room; the same address if not given. */
  readonly sendersBase?: string;
  readonly random: SeededRandom;
}

const manners: readonly Manner[] = ['pull', 'push', 'mixed'];
// Far beyond what it takes.
const settleBoundMs = 60_000;

export class Crowd {
  readonly readers: readonly Reader[];
  readonly senders: readonly Sender[];
  readonly #log: () => Promise<SeenEvent[]>;

  private constructor(
    log: () => Promise<SeenEvent[]>,
    readers: readonly Reader[],
    senders: readonly Sender[],
  ) {
    this.#log = log;
    this.readers = readers;
    this.senders = senders;
  }

  /** Everybody joins; all read from the same cursor on: where the log stood before the first of them. */
  static async open(options: CrowdOptions): Promise<Crowd> {
    const { random, thinkMs, repeatShare = 0 } = options;
    const { base, wanders } = placeOf(options.base, random);
    const { readersBase = base, sendersBase = base } = options;
    const patience = new Patience(random.fork());
    const readers: Reader[] = [];
    let start: string | undefined;
    for (const manner of manners) {
      for (let count = 0; count < options.readersPerManner; count++) {
        const delivery = manner === 'push' ? 'push' : 'pull';
        const member = await join(base, `${manner} reader ${count}`, delivery, patience);
        start ??= member.cursor;
        readers.push(
          new Reader({
            member,
            manner,
            start,
            base: readersBase,
            random: random.fork(),
            ...(wanders && { wanders }),
          }),
        );
      }
    }
    const senders: Sender[] = [];
    for (let count = 0; count < options.senders; count++) {
      const member = await join(base, `sender ${count}`, 'pull', patience);
      const own = count % 2 === 0 ? base : sendersBase;
      senders.push(new Sender({ member, base: own, thinkMs, repeatShare, random: random.fork() }));
    }
    // Several instances may have had crowds before.
    const log = () => (wanders ? readLog(addressOf(base), start) : readLog(addressOf(base)));
    return new Crowd(log, readers, senders);
  }

  start(): void {
    this.startReading();
    this.startSending();
  }

  startReading(): void {
    for (const reader of this.readers) reader.start();
  }

  startSending(): void {
    for (const sender of this.senders) sender.start();
  }

  /** Each sender, none of which was started, says some messages; resolves once all are acknowledged. */
  async volley(each: number): Promise<void> {
    await Promise.all(
      this.senders.map(async (sender) => {
        for (let count = 0; count < each; count++) await sender.sayOne();
      }),
    );
  }

  /** How many messages wait for their answer. */
  get asking(): number {
    return this.senders.filter(({ isAsking }) => isAsking).length;
  }

  /** The highest id that anybody was told so far. */
  get newestId(): number {
    return Math.max(
      0,
      ...this.senders.map(({ notes }) => notes.acknowledged.at(-1)?.id ?? 0),
      ...this.readers.map(({ notes }) => notes.lastId),
    );
  }

  get acknowledged(): number {
    return this.senders.reduce((sum, { notes }) => sum + notes.acknowledged.length, 0);
  }

  /** Sends that were made again. */
  get repeats(): number {
    return this.senders.reduce((sum, { notes }) => sum + notes.repeats, 0);
  }

  /** Waits until every reader has seen an event, or was told that it is lost. */
  async caughtUpTo(id: number, boundMs = settleBoundMs): Promise<void> {
    const behind = () =>
      this.readers.filter(({ notes }) => notes.ending === undefined && reachedBy(notes) < id);
    await waitUntil(() => behind().length === 0, `every reader had seen event ${id}`, boundMs).catch(() => {
      const list = behind().map(({ notes }) => `${notes.who} is at ${reachedBy(notes)}`);
      throw new Error(`Not caught up to ${id} within ${boundMs} ms: ${list.join(', ')}.`);
    });
  }

  /** Waits until a number of further messages were acknowledged; throws once nobody is left to say them. */
  async hears(more: number): Promise<void> {
    const goal = this.acknowledged + more;
    const isOver = () => this.senders.every(({ notes }) => notes.ending !== undefined);
    const what = `${more} more messages were said`;
    await waitUntil(() => this.acknowledged >= goal || isOver(), what, settleBoundMs);
    if (this.acknowledged < goal) {
      const endings = this.senders.map(({ notes }) => `${notes.who}: ${notes.ending}`);
      throw new Error(`All senders were shown out. ${endings.join(', ')}`);
    }
  }

  /**
   * The senders end with what they are saying, the readers once they have seen it.
   * @param log what the room's log had; read from the server at the end if not given
   */
  async settle(log?: () => Promise<readonly SeenEvent[]>): Promise<RunRecord> {
    const finished = Promise.all(this.senders.map((sender) => sender.finish()));
    await Promise.race([finished, delay(settleBoundMs, undefined, { ref: false })]);
    // Whoever still has no answer gets none; the judge is told.
    await Promise.all(this.senders.map((sender) => sender.stop()));
    await this.caughtUpTo(this.newestId).catch(() => {}); // The judge says it better.
    const events = await (log?.() ?? this.#log());
    await this.caughtUpTo(events.at(-1)?.id ?? 0).catch(() => {});
    await Promise.all(this.readers.map((reader) => reader.stop()));
    return {
      readers: this.readers.map(({ notes }) => notes),
      senders: this.senders.map(({ notes }) => notes),
      log: events,
    };
  }

  /** Ends everybody at once; for after a test. */
  async stop(): Promise<void> {
    await Promise.all([...this.readers, ...this.senders].map((client) => client.stop()));
  }
}

function reachedBy({ lastId, gaps }: Reader['notes']): number {
  return Math.max(lastId, gaps.at(-1)?.toId ?? 0);
}

function placeOf(base: CrowdOptions['base'], random: SeededRandom): { base: Address; wanders: boolean } {
  if (typeof base === 'string') return { base, wanders: false };
  const own = random.fork();
  return { base: () => own.pick(base), wanders: true };
}
