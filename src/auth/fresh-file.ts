/**
 * What a file says, read again whenever it has changed: it is looked at each time somebody asks, so that what has been
 * changed counts at once, however the file was replaced. While it cannot be understood, what it said before counts.
 */

import { readFile, stat } from 'node:fs/promises';
import { quote } from '../core/quote.ts';
import { whyUnreadable } from '../core/unreadable.ts';

/** More than a hundred thousand users. */
const maxBytes = 16 * 2 ** 20;
/** A file that changed just now may change again without a trace: some file systems count in seconds. */
const unsettledMs = 2_000;

interface FreshFileOptions<T> {
  readonly path: string;
  /** @throws Error that says in half a line what is wrong */
  readonly parse: (text: string) => T;
  /** Told in one line, once, of a change that cannot be understood. */
  readonly warn: (line: string) => void;
}

export class FreshFile<T> {
  readonly #options: FreshFileOptions<T>;
  #content: T;
  #stamp: string | undefined;
  #warned: string | undefined;
  #looking: Promise<void> = Promise.resolve();

  private constructor(options: FreshFileOptions<T>, content: T) {
    this.#options = options;
    this.#content = content;
  }

  /** @throws Error in one line if the file cannot be read or understood */
  static async open<T>(options: FreshFileOptions<T>): Promise<FreshFile<T>> {
    const { text } = await read(options.path);
    return new FreshFile(options, parse(options, text));
  }

  /** What the file says now. */
  async content(): Promise<T> {
    // One after the other, so that the newest is the last to be taken.
    this.#looking = this.#looking.then(() => this.#look());
    await this.#looking;
    return this.#content;
  }

  async #look(): Promise<void> {
    try {
      const stamp = await stampOf(this.#options.path);
      if (stamp !== undefined && stamp === this.#stamp) return;
      const { text, readStamp } = await read(this.#options.path);
      this.#content = parse(this.#options, text);
      this.#stamp = readStamp;
      this.#warned = undefined;
    } catch (error) {
      this.#warnOnce(error instanceof Error ? error.message : String(error));
    }
  }

  #warnOnce(message: string): void {
    if (message === this.#warned) return;
    this.#warned = message;
    this.#options.warn(`${message} What it said before goes on to count.`);
  }
}

async function read(path: string): Promise<{ text: string; readStamp: string | undefined }> {
  const readStamp = await stampOf(path);
  const text = await readFile(path, 'utf8').catch((error) => {
    throw unreadable(path, error);
  });
  return { text, readStamp };
}

/** What changes with the file; undefined as long as it may change without changing this. */
async function stampOf(path: string): Promise<string | undefined> {
  const status = await stat(path, { bigint: true }).catch((error) => {
    throw unreadable(path, error);
  });
  const { ino, dev, size, mtimeNs, ctimeNs } = status;
  if (!status.isFile()) throw unreadable(path, 'it is no file');
  if (size > maxBytes) throw unreadable(path, `it has more than ${maxBytes} bytes`);
  const isSettled = Math.abs(Date.now() - Number(ctimeNs / 1_000_000n)) > unsettledMs;
  return isSettled ? [dev, ino, size, mtimeNs, ctimeNs].join(' ') : undefined;
}

function parse<T>({ path, parse }: FreshFileOptions<T>, text: string): T {
  try {
    return parse(text);
  } catch (error) {
    throw new Error(
      `${quote(path)} cannot be understood, ${error instanceof Error ? error.message : error}.`,
    );
  }
}

/** @param why in words, or what was thrown */
function unreadable(path: string, why: unknown): Error {
  return new Error(
    `${quote(path)} cannot be read (${typeof why === 'string' ? why : whyUnreadable(path, why, process.cwd())}).`,
  );
}
