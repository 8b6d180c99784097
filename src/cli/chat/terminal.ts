/** The terminal, key by key: raw while one talks, and as it was before whenever one does not. */

import { emitKeypressEvents } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Key } from './line-editor.ts';

export interface TerminalHandlers {
  key(key: Key): void;
  resized(): void;
  /** It was stopped (Ctrl+Z), and goes on in the foreground. */
  resumed(): void;
  /** Nobody sits there any more. */
  closed(): void;
}

/** Bracketed paste: what is pasted is told from what is typed, so that its lines are not sent one by one. */
const pasteOn = '\u001b[?2004h';
const pasteOff = '\u001b[?2004l';

export class Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #handlers: TerminalHandlers;
  #isRaw = false;

  constructor(input: ReadStream, output: WriteStream, handlers: TerminalHandlers) {
    this.#input = input;
    this.#output = output;
    this.#handlers = handlers;
    emitKeypressEvents(input);
    input.on('keypress', this.#onKey).on('end', handlers.closed).on('error', handlers.closed);
    output.on('resize', handlers.resized).on('error', handlers.closed);
    process.on('SIGCONT', this.#onContinue).on('exit', this.#restore);
    this.#enter();
  }

  /** Stops the process and what was started with it, as the terminal itself would. */
  suspend(): void {
    this.#restore();
    process.kill(0, 'SIGTSTP');
  }

  close(): void {
    this.#restore();
    this.#input.off('keypress', this.#onKey).pause();
    this.#output.off('resize', this.#handlers.resized);
    process.off('SIGCONT', this.#onContinue).off('exit', this.#restore);
  }

  #enter(): void {
    this.#isRaw = true;
    this.#input.setRawMode(true).resume();
    this.#output.write(pasteOn);
  }

  readonly #restore = (): void => {
    if (!this.#isRaw) return;
    this.#isRaw = false;
    try {
      this.#output.write(pasteOff);
      this.#input.setRawMode(false);
    } catch {
      // The terminal is gone.
    }
  };

  readonly #onContinue = (): void => {
    // Whoever stopped it by a signal of his own left it raw, and the shell has set it back.
    this.#isRaw = false;
    try {
      this.#enter();
      this.#handlers.resumed();
    } catch {
      this.#handlers.closed();
    }
  };

  readonly #onKey = (_: string | undefined, key: Key): void => this.#handlers.key(key);
}
