/**
 * The line being typed: its text, the caret, what was typed before. Knows keys, but nothing of how it is shown.
 *
 * Not Node's readline: it sends each line of a paste as a message of its own, moves the caret into the midst of an emoji,
 * and leaves rests when the terminal is resized.
 */

import { graphemesOf } from './width.ts';

/** A key, as `emitKeypressEvents` of `node:readline` tells it. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
  readonly shift?: boolean | undefined;
}

/** What a key asks for that is not the line's own business. */
export type KeyWish = 'enter' | 'interrupt' | 'end' | 'suspend' | 'clear' | 'complete' | 'complete-back';

const maxHistory = 200;
/** Far beyond any message: nobody pastes a film. */
const maxLength = 100_000;
/** Of what is pasted, all but line feeds and tabs. */
const control = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;
const wordBefore = /[\p{L}\p{N}\p{M}_]*[^\p{L}\p{N}\p{M}_]*$/u;
const wordAfter = /^[^\p{L}\p{N}\p{M}_]*[\p{L}\p{N}\p{M}_]*/u;

export class LineEditor {
  #text = '';
  /** In units of the text; never within a grapheme. */
  #caret = 0;
  #killed = '';
  #isPasting = false;
  /** In a paste: the line feed of a CR LF is still to come. */
  #isAfterReturn = false;
  readonly #history: string[] = [];
  /** Where in the history one looks; its length: at the line that is new. */
  #at = 0;
  #draft = '';

  get text(): string {
    return this.#text;
  }

  get caret(): number {
    return this.#caret;
  }

  set(text: string, caret = text.length): void {
    this.#text = text.slice(0, maxLength);
    this.#caret = Math.min(caret, this.#text.length);
  }

  /** Takes the line away, into the history. */
  take(): string {
    const text = this.#text;
    if (text.trim() !== '' && this.#history.at(-1) !== text) this.#history.push(text);
    if (this.#history.length > maxHistory) this.#history.shift();
    this.#at = this.#history.length;
    this.#draft = '';
    this.set('');
    return text;
  }

  /** Takes what was typed once out of the history. */
  forget(text: string): void {
    const kept = this.#history.filter((line) => line !== text);
    if (kept.length === this.#history.length) return;
    this.#history.splice(0, this.#history.length, ...kept);
    this.#at = kept.length;
  }

  /** Puts a key to the line; the answer is what else it asks for. */
  press(key: Key): KeyWish | undefined {
    if (key.name === 'paste-start') this.#isPasting = true;
    else if (key.name === 'paste-end') this.#isPasting = false;
    else if (this.#isPasting) this.#paste(key.sequence ?? '');
    else if (key.ctrl) return this.#control(key);
    else if (key.meta) this.#meta(key);
    else return this.#plain(key);
    return undefined;
  }

  #paste(sequence: string): void {
    // Terminals send a line's end as Enter.
    const isReturn = sequence === '\r';
    if (isReturn) this.#insert('\n');
    else if (!(sequence === '\n' && this.#isAfterReturn)) this.#insert(sequence.replace(control, ''));
    this.#isAfterReturn = isReturn;
  }

  #plain({ name, sequence = '' }: Key): KeyWish | undefined {
    switch (name) {
      case 'return':
      case 'enter':
        return 'enter';
      case 'tab':
        return sequence === '\t' ? 'complete' : 'complete-back';
      case 'backspace':
        this.#kill(this.#caret - this.#before().length, this.#caret, false);
        break;
      case 'delete':
        this.#kill(this.#caret, this.#caret + this.#after().length, false);
        break;
      case 'left':
        this.#caret -= this.#before().length;
        break;
      case 'right':
        this.#caret += this.#after().length;
        break;
      case 'home':
        this.#caret = 0;
        break;
      case 'end':
        this.#caret = this.#text.length;
        break;
      case 'up':
        this.#recall(this.#at - 1);
        break;
      case 'down':
        this.#recall(this.#at + 1);
        break;
      default:
        if (!sequence.startsWith('\u001b')) this.#insert(sequence.replace(control, ''));
    }
    return undefined;
  }

  #control({ name }: Key): KeyWish | undefined {
    switch (name) {
      case 'c':
        return 'interrupt';
      case 'd':
        if (this.#text === '') return 'end';
        return this.#plain({ name: 'delete' });
      case 'z':
        return 'suspend';
      case 'l':
        return 'clear';
      case 'a':
        return this.#plain({ name: 'home' });
      case 'e':
        return this.#plain({ name: 'end' });
      case 'b':
        return this.#plain({ name: 'left' });
      case 'f':
        return this.#plain({ name: 'right' });
      case 'p':
        return this.#plain({ name: 'up' });
      case 'n':
        return this.#plain({ name: 'down' });
      case 'h':
        return this.#plain({ name: 'backspace' });
      case 'k':
        this.#kill(this.#caret, this.#text.length);
        break;
      case 'u':
        this.#kill(0, this.#caret);
        break;
      case 'w':
        this.#kill(this.#caret - (/\S*\s*$/.exec(this.#left())?.[0].length ?? 0), this.#caret);
        break;
      case 'y':
        this.#insert(this.#killed);
        break;
      case 't':
        this.#transpose();
        break;
      case 'left':
      case 'right':
      case 'delete':
      case 'backspace':
        this.#meta({ name });
    }
    return undefined;
  }

  #meta({ name }: Key): void {
    const before = this.#caret - (wordBefore.exec(this.#left())?.[0].length ?? 0);
    const after = this.#caret + (wordAfter.exec(this.#text.slice(this.#caret))?.[0].length ?? 0);
    switch (name) {
      case 'b':
      case 'left':
        this.#caret = before;
        break;
      case 'f':
      case 'right':
        this.#caret = after;
        break;
      case 'd':
      case 'delete':
        this.#kill(this.#caret, after);
        break;
      case 'backspace':
        this.#kill(before, this.#caret);
        break;
      case 'return':
      case 'enter':
        this.#insert('\n');
    }
  }

  #left(): string {
    return this.#text.slice(0, this.#caret);
  }

  #before(): string {
    return graphemesOf(this.#left()).at(-1) ?? '';
  }

  #after(): string {
    return graphemesOf(this.#text.slice(this.#caret))[0] ?? '';
  }

  #insert(text: string): void {
    if (this.#text.length + text.length > maxLength) return;
    this.set(this.#left() + text + this.#text.slice(this.#caret), this.#caret + text.length);
  }

  #kill(start: number, end: number, isKept = true): void {
    if (isKept && end > start) this.#killed = this.#text.slice(start, end);
    this.set(this.#text.slice(0, start) + this.#text.slice(end), start);
  }

  #transpose(): void {
    if (this.#caret === this.#text.length) this.#caret -= this.#before().length;
    const [before, after] = [this.#before(), this.#after()];
    if (before === '') return;
    const start = this.#caret - before.length;
    const end = this.#caret + after.length;
    this.set(this.#text.slice(0, start) + after + before + this.#text.slice(end), end);
  }

  #recall(at: number): void {
    if (at < 0 || at > this.#history.length) return;
    if (this.#at === this.#history.length) this.#draft = this.#text;
    this.#at = at;
    this.set(this.#history[at] ?? this.#draft);
  }
}
