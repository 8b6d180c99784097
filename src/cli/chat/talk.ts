/** A stay in a room at a terminal: what is said scrolls by, and below it stands the line one types. */

import type { ReadStream, WriteStream } from 'node:tty';
import { type ChatRoomEvent, ProblemError, type RoomClient } from '../../client/index.ts';
import { Failure } from '../failure.ts';
import { Completion, Speakers } from './completion.ts';
import { gapText, tellConnection } from './connection-text.ts';
import { endingText } from './endings.ts';
import { EventText } from './event-text.ts';
import { shownOut } from './exit-codes.ts';
import { goodbye } from './goodbye.ts';
import { type Key, type KeyWish, LineEditor } from './line-editor.ts';
import { safeLine } from './safe-text.ts';
import { wrongWith } from './sayable.ts';
import type { Style } from './style.ts';
import { Terminal } from './terminal.ts';
import { TypingLine } from './typing-line.ts';
import { wishes, wishOf } from './wish.ts';

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
/** A message that has not arrived after this time is worth a word. */
const slowMs = 2000;
const maxNamesShown = 50;
/** xterm and screen cut long rows off where others break them anew. */
const reflows = process.env.TMUX !== undefined || !(process.env.XTERM_VERSION || process.env.STY);

export class Talk {
  readonly #options: TalkOptions;
  readonly #client: RoomClient;
  readonly #editor = new LineEditor();
  readonly #speakers = new Speakers();
  readonly #text: EventText;
  readonly #line: TypingLine;
  #terminal: Terminal | undefined;
  /** What is told before there is a line to tell it above. */
  #early: string[] = [];
  #completion: Completion | undefined;
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
    client.on('session', ({ name }) => {
      this.#text.ownName = name;
    });
    client.on('begin', (events) => this.#begin(events));
    client.on('events', (events) => this.#tell(events));
    client.on('gap', (lost) => this.#notice(gapText(lost)));
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
      key: (key) => this.#press(key),
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
    const messages = events.filter(({ type }) => type === 'message').slice(-last || events.length);
    for (const { name } of messages) this.#speakers.said(name);
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
    const told = events.filter(({ type, name }) => type !== 'join' || name !== own);
    for (const event of told) if (event.type === 'message') this.#speakers.said(event.name);
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

  #press(key: Key): void {
    const wish = this.#editor.press(key);
    if (wish !== 'complete' && wish !== 'complete-back') this.#completion = undefined;
    if (wish !== undefined) this.#do(wish);
    this.#draw();
  }

  #do(wish: KeyWish): void {
    switch (wish) {
      case 'enter':
        this.#enter();
        break;
      case 'complete':
        this.#complete(1);
        break;
      case 'complete-back':
        this.#complete(-1);
        break;
      case 'clear':
        this.#line.clear(this.#editor);
        break;
      case 'suspend':
        this.#line.remove();
        this.#terminal?.suspend();
        break;
      case 'interrupt':
      case 'end':
        void this.#leave();
        break;
    }
  }

  #complete(step: 1 | -1): void {
    const { name, roster } = this.#client;
    const commands = wishes.flatMap(([command]) => /^\/\w+/.exec(command) ?? []);
    this.#completion ??= Completion.begin(this.#editor, this.#speakers.order(roster, name), commands);
    const turned = this.#completion?.turn(step);
    if (turned !== undefined) this.#editor.set(turned.text, turned.caret);
  }

  #enter(): void {
    const wish = wishOf(this.#editor.text);
    switch (wish.type) {
      case 'nothing':
        this.#editor.set('');
        break;
      case 'wrong':
        this.#notice(safeLine(wish.detail));
        break;
      case 'say':
        this.#say(wish.text);
        break;
      case 'leave':
        this.#editor.take();
        void this.#leave();
        break;
      case 'help':
        this.#editor.take();
        this.#help();
        break;
      case 'who':
        this.#editor.take();
        this.#who();
        break;
    }
  }

  #say(text: string): void {
    const wrong = wrongWith(text, this.#client);
    if (wrong !== undefined) {
      // The line stays, to be made better.
      this.#notice(wrong);
      return;
    }
    const typed = this.#editor.take();
    const slow = setTimeout(
      () => this.#notice('not sent yet; it is kept and sent as soon as it can be'),
      slowMs,
    );
    if (this.#client.state === 'offline') clearTimeout(slow);
    this.#client
      .send(text)
      .catch((error) => this.#notSent(typed, error))
      .finally(() => clearTimeout(slow));
  }

  #notSent(typed: string, error: unknown): void {
    for (const { key, state } of this.#client.outbox) if (state === 'failed') this.#client.discard(key);
    // What is not sent when one leaves is told there.
    if (!(error instanceof ProblemError) || this.#isLeaving) return;
    const { code, detail } = error.problem;
    const what = code === 'maybe-sent' ? 'this may have been sent, or not' : `not sent: ${safeLine(detail)}`;
    const isGivenBack = this.#editor.text === '' && code !== 'ended';
    if (isGivenBack) this.#editor.set(typed);
    this.#notice(isGivenBack ? what : `${what} ${safeLine(typed.replaceAll('\n', ' '))}`);
  }

  #help(): void {
    const width = Math.max(...wishes.map(([command]) => command.length));
    this.#print([
      ...wishes.flatMap(([command, does]) => this.#text.notice(`${command.padEnd(width)}  ${does}`)),
      ...this.#text.notice(
        'Tab completes names, Up and Down go through what you sent, Alt+Enter breaks the line',
      ),
    ]);
  }

  #who(): void {
    const { roster, name } = this.#client;
    const others = roster.filter((one) => one !== name).sort((a, b) => a.localeCompare(b));
    const names = [`${safeLine(name)} (you)`, ...others.map(safeLine)];
    this.#print(this.#text.notice(`${names.length} here: ${names.join(', ')}`));
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
