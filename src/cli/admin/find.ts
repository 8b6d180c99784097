/** Which one is meant by a part of its id, or by a name. */

import { nameKey } from '../../core/names.ts';
import { quote } from '../../core/quote.ts';
import { skeleton } from '../../system/skeleton.ts';
import { Failure, UsageError } from '../failure.ts';

/** So short a beginning is a slip of the hand. */
const leastLength = 4;
const maxTold = 5;
const leastShown = 8;
const hint = 'What is a name is given by --name.';

/**
 * The only one whose id begins so.
 *
 * @param given how it was written, for errors
 * @throws Failure if there is none, or more than one; UsageError if it is too short
 */
export function byId<Item>(
  what: string,
  items: readonly Item[],
  idOf: (item: Item) => string,
  start: string,
  given = start,
): Item {
  if (start.length < leastLength) {
    throw new UsageError(
      `Expected the id of a ${what}, or at least ${leastLength} characters of its beginning; got ${quote(given)}. ${hint}`,
    );
  }
  const whole = items.find((item) => idOf(item) === start);
  if (whole !== undefined) return whole;
  const found = items.filter((item) => idOf(item).startsWith(start));
  if (found.length === 0) throw new Failure(`There is no ${what} that begins with ${quote(given)}. ${hint}`);
  return only(found, `${what} that begins with ${quote(given)}`, idOf);
}

/** @throws Failure if it is not exactly one, saying which there are */
export function only<Item>(found: readonly Item[], what: string, tell: (item: Item) => string): Item {
  const [first, ...others] = found;
  if (first === undefined) throw new Failure(`There is no ${what}.`);
  if (others.length === 0) return first;
  const told = found.slice(0, maxTold).map((item) => quote(tell(item)));
  const more = found.length > maxTold ? ` and ${found.length - maxTold} more` : '';
  throw new Failure(`Expected one ${what}; got ${found.length}: ${told.join(', ')}${more}.`);
}

/** What is the same for names that look the same, as the server compares them. */
export function keyOf(name: string): string {
  return nameKey(name, skeleton);
}

/** How many characters of each id tell it from all others. */
export function shownLength(ids: readonly string[]): number {
  let length = leastShown;
  const longest = ids.reduce((most, id) => Math.max(most, id.length), 0);
  while (length < longest && new Set(ids.map((id) => id.slice(0, length))).size < ids.length) length += 1;
  return length;
}
