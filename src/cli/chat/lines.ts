/** A stay in a room without a terminal: each line that comes in is posted, each event that happens goes out as a line. */

import { type ChatRoomEvent, ProblemError, type RoomClient } from '../../client/index.ts';
import { codeOf } from '../../core/errors.ts';
import { Failure } from '../failure.ts';
import { tellConnection } from './connection-text.ts';
import { endingText } from './endings.ts';
import { EventText } from './event-text.ts';
import { shownOut } from './exit-codes.ts';
import { goodbye } from './goodbye.ts';
import { linesOf } from './input-lines.ts';
import { safeJson, safeLine } from './safe-text.ts';
import { wrongWith } from './sayable.ts';
import type { Style } from './style.ts';
import { wishes, wishOf } from './wish.ts';

export interface LinesOptions {
  readonly client: RoomClient;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Tells what is not of the room. */
  readonly say: (text: string) => void;
  readonly style: Style;
  readonly isJson: boolean;
  readonly isPull: boolean;
  /** Whether somebody types: then there are commands. */
  readonly isTyped: boolean;
}

/** So many lines are on their way at once: with one at a time the client would forget how fast the server lets it send. */
const maxUnderWay = 10;
/** How long the acknowledged lines may take to come back as events. */
const echoMs = 5000;

export class Lines {
  readonly #options: LinesOptions;
  readonly #text: EventText;
  readonly #end: Promise<never>;
  #isReaderGone = false;
  #isLeaving = false;
  #number = 0;
  #notPosted = 0;
  #stopReading: () => void = () => {};

  /** Listens at once: what is told goes out. */
  constructor(options: LinesOptions) {
    const { client, output, say, isPull, isJson } = options;
    this.#options = options;
    this.#text = new EventText({ style: options.style, columns: () => undefined });
    output.on('error', (error) => {
      // Who has read enough, as `head` has, closes the pipe.
      if (codeOf(error) !== 'EPIPE') throw error;
      this.#isReaderGone = true;
      this.#stopReading();
    });
    client.on('session', ({ name }) => {
      this.#text.ownName = name;
    });
    client.on('begin', (events) => this.#tell(events));
    client.on('events', (events) => this.#tell(events));
    client.on('gap', (lost) => {
      this.#write(isJson ? safeJson({ type: 'gap', lost }) : this.#text.gap(lost).join('\n'));
    });
    tellConnection(client, say, isPull);
    this.#end = new Promise((_, reject) => {
      client.on('state', (state) => {
        if (state === 'ended' && !this.#isLeaving) {
          reject(new Failure(endingText(client.ending ?? {}), shownOut));
        }
      });
    });
    this.#end.catch(() => {});
  }

  /**
   * Posts what comes in to its end, and leaves.
   * @throws Failure if the server ends the stay, or some lines were not posted
   */
  async run(): Promise<void> {
    await Promise.race([this.#post(), this.#end]);
    await this.leave();
    if (this.#notPosted > 0) {
      const lines = this.#notPosted === 1 ? '1 line was' : `${this.#notPosted} lines were`;
      throw new Failure(`${lines} not posted.`);
    }
  }

  /** Nothing more is posted. */
  stop(): void {
    this.#stopReading();
  }

  async leave(): Promise<void> {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    await goodbye(this.#options.client);
  }

  async #post(): Promise<void> {
    const { input, client } = this.#options;
    const isEnough = new Promise<{ done: true }>((resolve) => {
      this.#stopReading = () => resolve({ done: true });
    });
    const lines = linesOf(input as AsyncIterable<Buffer>);
    const underWay = new Set<Promise<void>>();
    while (!this.#isReaderGone) {
      const next = await Promise.race([lines.next(), isEnough]);
      if (next.done) break;
      this.#number += 1;
      const text = this.#options.isTyped ? this.#typed(next.value) : next.value;
      if (text === undefined) break;
      const posting = this.#postLine(text, this.#number).finally(() => underWay.delete(posting));
      underWay.add(posting);
      if (underWay.size >= maxUnderWay) await Promise.race(underWay);
    }
    await Promise.all(underWay);
    // They are acknowledged; what they became is to be printed, too.
    if (!this.#isReaderGone) await emptied(client);
  }

  /** What of a typed line is to be said; empty: nothing; undefined: one leaves. */
  #typed(line: string): string | undefined {
    const { client, say } = this.#options;
    const wish = wishOf(line);
    switch (wish.type) {
      case 'say':
        return wish.text;
      case 'leave':
        return undefined;
      case 'who':
        say(`${client.roster.length} here: ${client.roster.map(safeLine).join(', ')}`);
        return '';
      case 'help':
        for (const [command, does] of wishes) say(`${command}: ${does}`);
        return '';
      case 'wrong':
        say(safeLine(wish.detail));
        return '';
      case 'nothing':
        return '';
    }
  }

  async #postLine(text: string, number: number): Promise<void> {
    if (text.trim() === '') return;
    const { client, say } = this.#options;
    const wrong = wrongWith(text, client) ?? (await problemOf(client.send(text)));
    if (wrong === undefined) return;
    this.#notPosted += 1;
    say(`line ${number} was not posted: ${safeLine(wrong)}`);
    for (const { key, state } of client.outbox) if (state === 'failed') client.discard(key);
  }

  #tell(events: readonly ChatRoomEvent[]): void {
    const { isJson } = this.#options;
    const lines = events.flatMap((event) => (isJson ? safeJson(event) : this.#text.of(event)));
    if (lines.length > 0) this.#write(lines.join('\n'));
  }

  #write(lines: string): void {
    if (!this.#isReaderGone) this.#options.output.write(`${lines}\n`);
  }
}

/** Why it was not sent; undefined once it is acknowledged. */
async function problemOf(sending: Promise<unknown>): Promise<string | undefined> {
  try {
    await sending;
    return undefined;
  } catch (error) {
    if (error instanceof ProblemError) return error.message;
    throw error;
  }
}

/** Resolves once the log has shown all that was acknowledged, or it takes too long. */
function emptied(client: RoomClient): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, echoMs);
    const look = () => {
      if (client.outbox.length > 0) return;
      clearTimeout(timer);
      resolve();
    };
    client.on('outbox', look);
    look();
  });
}
