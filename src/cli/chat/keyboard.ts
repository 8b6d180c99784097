/** What becomes of the keys that are pressed: a line, a message, a command. */

import { ProblemError, type RoomClient } from '../../client/index.ts';
import { Completion, Speakers } from './completion.ts';
import type { Key, KeyWish, LineEditor } from './line-editor.ts';
import { safeLine } from './safe-text.ts';
import { wrongWith } from './sayable.ts';
import { wishes, wishOf } from './wish.ts';

export interface KeyboardHandlers {
  /** Tells whoever types something; it is safe to print. */
  notice(text: string): void;
  clear(): void;
  suspend(): void;
  leave(): void;
  isLeaving(): boolean;
}

/** Of more messages than in the history, nothing is to be had again. */
const maxTyped = 200;
/** A message that has not arrived after this time is worth a word. */
const slowMs = 2000;

export class Keyboard {
  readonly #client: RoomClient;
  readonly #editor: LineEditor;
  readonly #handlers: KeyboardHandlers;
  readonly #speakers = new Speakers();
  /** What was typed for one's own messages, by their ids. */
  readonly #typed = new Map<number, string>();
  #completion: Completion | undefined;

  constructor(client: RoomClient, editor: LineEditor, handlers: KeyboardHandlers) {
    this.#client = client;
    this.#editor = editor;
    this.#handlers = handlers;
  }

  /** Whoever speaks is likely to be meant by Tab. */
  said(name: string): void {
    this.#speakers.said(name);
  }

  /** A message was redacted: if it was one's own, it is not had again. */
  redacted(id: number): void {
    const typed = this.#typed.get(id);
    if (typed !== undefined) this.#editor.forget(typed);
    this.#typed.delete(id);
  }

  press(key: Key): void {
    const wish = this.#editor.press(key);
    if (wish !== 'complete' && wish !== 'complete-back') this.#completion = undefined;
    if (wish !== undefined) this.#do(wish);
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
        this.#handlers.clear();
        break;
      case 'suspend':
        this.#handlers.suspend();
        break;
      case 'interrupt':
      case 'end':
        this.#handlers.leave();
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
        this.#handlers.notice(safeLine(wish.detail));
        break;
      case 'say':
        this.#say(wish.text);
        break;
      case 'leave':
        this.#editor.take();
        this.#handlers.leave();
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
      this.#handlers.notice(wrong);
      return;
    }
    const typed = this.#editor.take();
    const slow = setTimeout(
      () => this.#handlers.notice('not sent yet; it is kept and sent as soon as it can be'),
      slowMs,
    );
    if (this.#client.state === 'offline') clearTimeout(slow);
    this.#client
      .send(text)
      .then(({ id }) => this.#sent(id, typed))
      .catch((error) => this.#notSent(typed, error))
      .finally(() => clearTimeout(slow));
  }

  #sent(id: number, typed: string): void {
    this.#typed.set(id, typed);
    const [oldest] = this.#typed.keys();
    if (oldest !== undefined && this.#typed.size > maxTyped) this.#typed.delete(oldest);
  }

  #notSent(typed: string, error: unknown): void {
    for (const { key, state } of this.#client.outbox) if (state === 'failed') this.#client.discard(key);
    // What is not sent when one leaves is told there.
    if (!(error instanceof ProblemError) || this.#handlers.isLeaving()) return;
    const { code, detail } = error.problem;
    const what = code === 'maybe-sent' ? 'this may have been sent, or not' : `not sent: ${safeLine(detail)}`;
    const isGivenBack = this.#editor.text === '' && code !== 'ended';
    if (isGivenBack) this.#editor.set(typed);
    this.#handlers.notice(isGivenBack ? what : `${what} ${safeLine(typed.replaceAll('\n', ' '))}`);
  }

  #help(): void {
    const width = Math.max(...wishes.map(([command]) => command.length));
    for (const [command, does] of wishes) this.#handlers.notice(`${command.padEnd(width)}  ${does}`);
    this.#handlers.notice(
      'Tab completes names, Up and Down go through what you sent, Alt+Enter breaks the line',
    );
  }

  #who(): void {
    const { roster, name } = this.#client;
    const others = roster.filter((one) => one !== name).sort((a, b) => a.localeCompare(b));
    const names = [`${safeLine(name)} (you)`, ...others.map(safeLine)];
    this.#handlers.notice(`${names.length} here: ${names.join(', ')}`);
  }
}
