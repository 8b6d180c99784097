/** A stay in a room at a terminal: what is said scrolls by, and below it stands the line one types. */

import type { ReadStream, WriteStream } from 'node:tty';
import type { ChatRoomEvent, RoomClient } from '../../client/index.ts';
import { hasText } from '../../core/events.ts';
import { Failure } from '../failure.ts';
import { tellConnection } from './connection-text.ts';
import { endingText } from './endings.ts';
import { EventText } from './event-text.ts';
import { shownOut } from './exit-codes.ts';
import { goodbye } from './goodbye.ts';
import { Keyboard } from './keyboard.ts';
import { LineEditor } from './line-editor.ts';
import { safeLine } from './safe-text.ts';
import type { Style } from './style.ts';
import { Terminal } from './terminal.ts';
import { TypingLine } from './typing-line.ts';

export interface TalkOptions {
  readonly client: RoomClient;
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly style: Style;
  readonly isPull: boolean;
  /** How many messages from before to show. */
  readonly last: number;
  /** The room's name, and where it is. */
  readonly room: string;
}

const bell = '\u0007';
const maxNamesShown = 50;
/** xterm and screen cut long rows off where others break them anew. */
const reflows = process.env.TMUX !== undefined || !(process.env.XTERM_VERSION || process.env.STY);

export class Talk {
  readonly #options: TalkOptions;
  readonly #client: RoomClient;
  readonly #editor = new LineEditor();
  readonly #keyboard: Keyboard;
  readonly #text: EventText;
  readonly #line: TypingLine;
  #terminal: Terminal | undefined;
  /** What is told before there is a line to tell it above. */
  #early: string[] = [];
  #isDrawing = false;
  #isLeaving = false;
  #finish: () => void = () => {};
  #fail: (error: Error) => void = () => {};

  /** Listens at once; nothing is shown before `run`. */
  constructor(options: TalkOptions) {
    const { client, output, style } = options;
    this.#options = options;
    this.#client = client;
    this.#line = new TypingLine(output, reflows);
    this.#text = new EventText({ style, columns: () => output.columns });
    this.#keyboard = new Keyboard(client, this.#editor, {
      notice: (text) => this.#notice(text),
      clear: () => this.#line.clear(this.#editor),
      suspend: () => {
        this.#line.remove();
        this.#terminal?.suspend();
      },
      leave: () => void this.#leave(),
      isLeaving: () => this.#isLeaving,
    });
    client.on('session', ({ name }) => {
      this.#text.ownName = name;
    });
    client.on('begin', (events) => this.#begin(events));
    client.on('events', (events) => this.#tell(events));
    client.on('gap', (lost) => this.#print(this.#text.gap(lost)));
    tellConnection(client, (text) => this.#notice(text), options.isPull);
    client.on('state', (state) => {
      if (state !== 'ended' || this.#isLeaving) return;
      this.#fail(new Failure(endingText(client.ending ?? {}), shownOut));
    });
  }

  /**
   * Talks until one leaves. One is inside already.
   * @throws Failure if the server ends the stay
   */
  async run(): Promise<void> {
    const end = new Promise<void>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    const { input, output } = this.#options;
    this.#terminal = new Terminal(input, output, {
      key: (key) => {
        this.#keyboard.press(key);
        this.#draw();
      },
      resized: () => this.#draw(),
      resumed: () => {
        this.#draw();
        // Nothing was heard meanwhile.
        this.#client.nudge();
      },
      closed: () => void this.#leave(),
    });
    this.#print(this.#early.splice(0));
    try {
      await end;
    } finally {
      this.stop();
    }
  }

  /** Gives the terminal back, at the beginning of a row. */
  stop(): void {
    if (this.#terminal === undefined) return;
    this.#line.remove();
    this.#terminal.close();
    this.#terminal = undefined;
  }

  #begin(events: readonly ChatRoomEvent[]): void {
    const { last, room } = this.#options;
    const messages = events.filter(hasText).slice(-last || events.length);
    for (const event of messages) if (event.type === 'message') this.#keyboard.said(event.name);
    // In what was said before, nobody is called.
    const own = this.#text.ownName;
    this.#text.ownName = '';
    const rows = messages.flatMap((event) => this.#text.of(event));
    this.#text.ownName = own;
    const others = this.#client.roster.filter((name) => name !== own);
    const who = others.length === 0 ? 'alone' : `with ${this.#listed(others)}`;
    this.#print([
      ...rows,
      ...this.#text.notice(`you are in ${room} as ${safeLine(own)}, ${who}; /help lists the commands`),
    ]);
  }

  #tell(events: readonly ChatRoomEvent[]): void {
    const { name: own } = this.#client;
    // One's own coming has been told already.
    const told = events.filter((event) => event.type !== 'join' || event.name !== own);
    for (const event of told) {
      if (event.type === 'message') this.#keyboard.said(event.name);
      if (event.type === 'redaction') this.#keyboard.redacted(event.target);
    }
    if (told.length === 0) return;
    if (told.some((event) => this.#text.isMention(event))) this.#options.output.write(bell);
    this.#print(told.flatMap((event) => this.#text.of(event)));
  }

  #notice(text: string): void {
    this.#print(this.#text.notice(text));
  }

  #print(rows: readonly string[]): void {
    if (this.#terminal === undefined) this.#early.push(...rows);
    else this.#line.draw(this.#editor, rows);
  }

  /** Once for all keys that came together, as a paste does. */
  #draw(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    queueMicrotask(() => {
      this.#isDrawing = false;
      this.#print([]);
    });
  }

  /** Names, as many as fit a line or two. */
  #listed(names: readonly string[]): string {
    const shown = names.slice(0, maxNamesShown).map(safeLine).join(', ');
    const more = names.length - maxNamesShown;
    return more > 0 ? `${shown} and ${more} more` : shown;
  }

  /** As `run` does when it is told to, but without a word. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    this.stop();
    await goodbye(this.#client);
  }

  /** Once: says goodbye, and waits a little for the server. Twice: goes. */
  async #leave(): Promise<void> {
    if (this.#isLeaving) return this.#finish();
    this.#isLeaving = true;
    const left = await goodbye(this.#client, () => this.#notice('leaving…'));
    for (const text of left.notSent) this.#notice(`not sent: ${safeLine(text.replaceAll('\n', ' '))}`);
    if (!left.isTold) this.#notice('the server could not be told; it will notice by itself');
    this.#finish();
  }
}
