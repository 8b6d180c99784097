/**
 * The password file, as `parlor users` changes it: read, changed and put in its place whole, while nobody else does the
 * same. Lines that are not touched stay as they are.
 */

import {
  chownSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type PasswordEntry, parsePasswords } from '../auth/password-lines.ts';
import { codeOf } from '../core/errors.ts';
import { nameKey, validateName } from '../core/names.ts';
import { quote } from '../core/quote.ts';
import { skeleton } from '../system/skeleton.ts';
import { Failure } from './failure.ts';
import { ownConfig } from './own-config.ts';

const privateFile = 0o600;
const privateFolder = 0o700;

/** What the file says at one moment. */
export interface Users {
  readonly lines: readonly string[];
  readonly entries: ReadonlyMap<string, PasswordEntry>;
}

export class UserFile {
  readonly path: string;
  readonly #maxNameLength: number;

  /**
   * @param option what was given as `--file`, if it was; else the first file that AUTH of the environment or of `.env` names
   * @throws Failure if there is none
   */
  constructor(option: string | undefined) {
    const { auth, maxNameLength } = ownConfig();
    const path = option ?? auth.flatMap((choice) => (choice.type === 'file' ? choice.path : []))[0];
    if (path === undefined) throw new Failure('AUTH names no file:PATH; say which file with --file PATH.');
    this.path = path;
    this.#maxNameLength = maxNameLength;
  }

  /** A name as it is shown, and what tells it from others. */
  check(text: string): { readonly name: string; readonly key: string } {
    const name = validateName(text, { maxLength: this.#maxNameLength });
    return { name, key: nameKey(name, skeleton) };
  }

  /**
   * What the file says; nothing if it is not there.
   * @throws Failure if it cannot be read or understood
   */
  read(): Users {
    const text = this.#text();
    try {
      const entries = parsePasswords(text, { maxNameLength: this.#maxNameLength, skeleton });
      return { lines: text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/), entries };
    } catch (error) {
      throw new Failure(`${quote(this.path)} cannot be understood, ${messageOf(error)}.`);
    }
  }

  /**
   * Puts other lines in the place of those there.
   * @throws Failure if that cannot be done; then nothing is changed
   */
  change(toLines: (users: Users) => readonly string[]): void {
    try {
      mkdirSync(dirname(resolve(this.path)), { recursive: true, mode: privateFolder });
      this.#replace(this.#target(), toLines);
    } catch (error) {
      if (error instanceof Failure || codeOf(error) === undefined) throw error;
      throw new Failure(`${quote(this.path)} cannot be written: ${messageOf(error)}.`);
    }
  }

  #replace(target: string, toLines: (users: Users) => readonly string[]): void {
    // It is the lock too: two at once would lose what one of them has changed.
    const unfinished = `${target}.new`;
    const file = openNew(unfinished);
    try {
      try {
        const lines = toLines(this.read());
        writeSync(file, lines.map((line) => `${line}\n`).join(''));
        keepOwner(target, unfinished);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(unfinished, target);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
    syncFolder(dirname(target));
  }

  /** Where the file is: what a link leads to is replaced, not the link. */
  #target(): string {
    try {
      return realpathSync(this.path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return resolve(this.path);
      throw error;
    }
  }

  #text(): string {
    try {
      return readFileSync(this.path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return '';
      throw new Failure(`${quote(this.path)} cannot be read: ${messageOf(error)}.`);
    }
  }
}

function openNew(path: string): number {
  try {
    return openSync(path, 'wx', privateFile);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new Failure(`Somebody else changes the file now, or was interrupted; then remove ${quote(path)}.`);
  }
}

/** Root may manage a file that another user's server reads. */
function keepOwner(target: string, unfinished: string): void {
  const owner = statSync(target, { throwIfNoEntry: false });
  if (owner && process.getuid?.() === 0) chownSync(unfinished, owner.uid, owner.gid);
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
