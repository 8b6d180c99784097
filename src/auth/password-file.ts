/** Users with passwords, in a file that `parlor users` writes. */

import { hash } from 'node:crypto';
import type { Admission, Authenticator, Credentials, Patience, Vouching } from '../core/authenticator.ts';
import type { Clock } from '../core/clock.ts';
import { ChatError } from '../core/errors.ts';
import { nameKey, validateName } from '../core/names.ts';
import { BoundedQueue } from './bounded-queue.ts';
import { FreshFile } from './fresh-file.ts';
import type { LoginFailures } from './login-failures.ts';
import { formatHash, hashOfNobody, isPassword, type PasswordHash } from './password-hash.ts';
import { type NameRules, type PasswordEntry, parsePasswords } from './password-lines.ts';

type Entries = ReadonlyMap<string, PasswordEntry>;

export interface PasswordFileOptions extends NameRules {
  readonly path: string;
  readonly clock: Clock;
  readonly failures: LoginFailures;
  /** Told in one line of a changed file that cannot be understood. */
  readonly warn: (line: string) => void;
}

// Two of the four threads that Node has for this, for looking up names and for files: whoever logs in holds up nobody else.
// More than sixteen would wait longer than AUTH_TIMEOUT.
const hashing = { atOnce: 2, waiting: 16 };
const idPrefix = 'file:';

export class PasswordFile implements Authenticator {
  readonly asksFor = 'a password';
  readonly way = 'password';
  readonly #options: PasswordFileOptions;
  readonly #file: FreshFile<Entries>;
  readonly #queue = new BoundedQueue(hashing);
  #vouched: { readonly entries: Entries; readonly vouching: Vouching } | undefined;

  private constructor(options: PasswordFileOptions, file: FreshFile<Entries>) {
    this.#options = options;
    this.#file = file;
  }

  /** @throws Error in one line if the file cannot be read or understood */
  static async open(options: PasswordFileOptions): Promise<PasswordFile> {
    const { path, warn } = options;
    const parse = (text: string): Entries => parsePasswords(text, options);
    return new PasswordFile(options, await FreshFile.open({ path, parse, warn }));
  }

  async authenticate({ name, password }: Credentials, patience: Patience): Promise<Admission | undefined> {
    // A form that shows the field sends it empty.
    if (password === undefined || password === '') return undefined;
    if (name === undefined) throw new ChatError('invalid-request', 'Expected a name; none was given.');
    const { clock, failures } = this.#options;
    const key = this.#keyOf(name);
    const entry = await failures.count(key, clock.monotonic(), async () => {
      const entries = await this.#file.content();
      return this.#queue.run(() => match(entries, key, password), patience);
    });
    // The same for a name that there is not.
    if (!entry) throw new ChatError('credentials-required', 'That is not the password for this name.');
    const user = { id: `${idPrefix}${key}`, name: entry.name, claims: {}, basis: basisOf(entry) };
    return { name: entry.name, user };
  }

  /** Who is taken out is vouched for no more, nor is who has another password: the one he came with is distrusted. */
  async vouching(): Promise<Vouching> {
    const entries = await this.#file.content();
    if (this.#vouched?.entries !== entries) {
      const vouching: Vouching = ({ id, basis }) => {
        if (!id.startsWith(idPrefix)) return undefined;
        const entry = entries.get(id.slice(idPrefix.length));
        return entry !== undefined && (basis === undefined || basis === basisOf(entry));
      };
      this.#vouched = { entries, vouching };
    }
    return this.#vouched.vouching;
  }

  async holds(name: string): Promise<boolean> {
    return (await this.#file.content()).has(this.#keyOf(name));
  }

  /** @throws ChatError `invalid-name` */
  #keyOf(name: string): string {
    const { maxNameLength, skeleton } = this.#options;
    // As it is shown: a space at its end must not make another user of it.
    return nameKey(validateName(name, { maxLength: maxNameLength }), skeleton);
  }
}

/** Tells passwords of a user apart, and nothing about them: the hash has a salt of its own. */
function basisOf(entry: PasswordEntry): string {
  return hash('sha256', formatHash(entry.hash), 'base64url').slice(0, 16);
}

/** The user of this name and password, if there is one; it takes as long if there is not. */
async function match(entries: Entries, key: string, password: string): Promise<PasswordEntry | undefined> {
  const entry = entries.get(key);
  const isRight = await isPassword(password, entry?.hash ?? hashOfNobody(anyHash(entries, key)));
  return isRight ? entry : undefined;
}

/** Where hashes differ in cost, a name that there is not keeps to one of them, as one that there is does. */
function anyHash(entries: Entries, key: string): PasswordHash | undefined {
  let sum = 0;
  for (const char of key) sum += char.codePointAt(0) ?? 0;
  return [...entries.values()][sum % entries.size]?.hash;
}
