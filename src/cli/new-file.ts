/**
 * A file that comes into being whole or not at all.
 *
 * What is unfinished lies in a folder of its own beside it, `FILE.unfinished-…`, which only its owner may enter. Once
 * that folder is gone nothing can be left behind, also not by a thread that still writes.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { codeOf } from '../core/errors.ts';
import { Failure } from './failure.ts';

const privateFile = 0o600;
// What SQLite would take for a part of the database if it lay beside it.
const companions = ['-wal', '-journal'];
// How a file system says that it knows no hard links; exFAT, for example, on many a stick.
const linkless: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

export class NewFile {
  /** As it was asked for. */
  readonly name: string;
  /** Where to write: an empty file for now. */
  readonly unfinished: string;
  readonly #path: string;
  readonly #folder: string;

  /** @throws Failure if there is something of this name, or the folder cannot be written */
  constructor(name: string) {
    this.name = name;
    this.#path = resolve(name);
    this.#refuseWhatIsThere();
    try {
      this.#folder = mkdtempSync(`${this.#path}.unfinished-`);
    } catch (error) {
      throw this.unwritable(error);
    }
    this.unfinished = join(this.#folder, 'copy.db');
    try {
      closeSync(openSync(this.unfinished, 'wx', privateFile));
    } catch (error) {
      this.discard();
      throw this.unwritable(error);
    }
  }

  /**
   * Puts the file in its place, once the disk has it.
   * @throws Failure if that cannot be done; then nothing is there
   */
  finish(): void {
    try {
      sync(this.unfinished);
      this.#place();
    } catch (error) {
      throw error instanceof Failure ? error : this.unwritable(error);
    } finally {
      this.discard();
    }
    try {
      sync(dirname(this.#path));
    } catch (error) {
      rmSync(this.#path, { force: true });
      throw this.unwritable(error);
    }
  }

  /** Removes what is unfinished, and nothing else. */
  discard(): void {
    // Somebody may put something into the folder while it is emptied.
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** What to say when writing failed. */
  unwritable(error: unknown): Failure {
    const message = error instanceof Error ? error.message : String(error);
    if (codeOf(error) === 'ENOENT') {
      return new Failure(`${this.name} cannot be written: there is no folder ${dirname(this.#path)}.`);
    }
    return new Failure(`${this.name} cannot be written: ${message.replace(/\.$/, '')}.`);
  }

  #refuseWhatIsThere(): void {
    // A link that leads nowhere is something, too.
    if (lstatSync(this.#path, { throwIfNoEntry: false })) {
      throw new Failure(`${this.name} is there already; it was left as it is.`);
    }
    const companion = companions.find((ending) => existsSync(this.#path + ending));
    if (companion === undefined) return;
    throw new Failure(
      `${this.name}${companion} is there already, and would be taken for a part of the new file; move it away.`,
    );
  }

  #place(): void {
    try {
      // Unlike renaming this never writes over what somebody has put there meanwhile.
      linkSync(this.unfinished, this.#path);
    } catch (error) {
      this.#refuseWhatIsThere();
      if (!linkless.has(codeOf(error))) throw error;
      renameSync(this.unfinished, this.#path);
    }
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
