/**
 * Which restriction hits somebody: looked up by what he is, not by going through all of them.
 *
 * Addresses are looked up once for each length of prefix that is in use, and what was found is remembered until something
 * changes: where somebody is banned, every request asks.
 */

import { type AddressRange, parseRange, rangeText, widened } from './address-range.ts';
import type { User } from './authenticator.ts';
import type { Restriction } from './restriction.ts';

/** Somebody who is in a room, wants in, or reads. */
export interface Restricted {
  readonly room: string;
  readonly user?: User | null;
  readonly nameKey?: string;
  readonly address?: string | undefined;
}

// How many addresses are remembered; then all are forgotten.
const maxRemembered = 10_000;
const everywhere = '*';

export class RestrictionIndex {
  readonly #nameKeyOf: (name: string) => string;
  readonly #byId = new Map<string, Restriction>();
  readonly #byKey = new Map<string, Restriction>();
  // By family and prefix: how many bans of addresses have it.
  readonly #prefixes = new Map<string, { readonly range: AddressRange; count: number }>();
  readonly #remembered = new Map<string, readonly string[]>();

  /** @param nameKeyOf what names have in common that look the same */
  constructor(nameKeyOf: (name: string) => string) {
    this.#nameKeyOf = nameKeyOf;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Whether any address is banned, anywhere. */
  get hasAddresses(): boolean {
    return this.#prefixes.size > 0;
  }

  all(): Restriction[] {
    return [...this.#byId.values()];
  }

  get(id: string): Restriction | undefined {
    return this.#byId.get(id);
  }

  put(restriction: Restriction): void {
    this.remove(restriction.id);
    this.#byId.set(restriction.id, restriction);
    this.#byKey.set(this.#keyOf(restriction), restriction);
    this.#countPrefix(restriction, 1);
  }

  remove(id: string): void {
    const restriction = this.#byId.get(id);
    if (!restriction) return;
    this.#byId.delete(id);
    this.#byKey.delete(this.#keyOf(restriction));
    this.#countPrefix(restriction, -1);
  }

  clear(): void {
    this.#byId.clear();
    this.#byKey.clear();
    this.#prefixes.clear();
    this.#remembered.clear();
  }

  /** All that hit somebody, also those whose time is over: that the room is closed, then by address, user and name. */
  *hitting({ room, user, nameKey, address }: Restricted): Generator<Restriction> {
    if (this.#byId.size === 0) return;
    yield* this.#of('room', room, room);
    if (address !== undefined && this.hasAddresses) {
      for (const range of this.#rangesOf(address)) yield* this.#of('address', range, room);
    }
    if (user) yield* this.#of('user', user.id, room);
    if (nameKey !== undefined) yield* this.#of('name', nameKey, room);
  }

  *#of(kind: Restriction['kind'], value: string, room: string): Generator<Restriction> {
    for (const where of [everywhere, room]) {
      const found = this.#byKey.get(keyOf(kind, where, value));
      if (found) yield found;
    }
  }

  /** The ranges around an address that may be banned. */
  #rangesOf(address: string): readonly string[] {
    const known = this.#remembered.get(address);
    if (known) return known;
    const range = parseRange(address);
    const ranges = [...this.#prefixes.values()]
      .filter(({ range: { family } }) => family === range?.family)
      .map(({ range: { prefix } }) => (range ? rangeText(widened(range, prefix)) : ''));
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    this.#remembered.set(address, ranges);
    return ranges;
  }

  #keyOf({ kind, value, room }: Restriction): string {
    return keyOf(kind, room ?? everywhere, kind === 'name' ? this.#nameKeyOf(value) : value);
  }

  #countPrefix({ kind, value }: Restriction, change: 1 | -1): void {
    const range = kind === 'address' ? parseRange(value) : undefined;
    if (!range) return;
    const key = `${range.family}/${range.prefix}`;
    const known = this.#prefixes.get(key) ?? { range, count: 0 };
    known.count += change;
    if (known.count > 0) this.#prefixes.set(key, known);
    else this.#prefixes.delete(key);
    this.#remembered.clear();
  }
}

function keyOf(kind: Restriction['kind'], room: string, value: string): string {
  return `${kind} ${room} ${value}`;
}
