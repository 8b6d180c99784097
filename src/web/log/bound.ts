/** How many entries of the log the page keeps. */

/** More than these are not kept while the reader is at the newest: the oldest go. */
const maxEntries = 20_000;
/** Where he reads above they stay under his eyes, but not for ever: a page may be left so for days. */
const maxWhileReading = 2 * maxEntries;

/**
 * To how many the log is to be cut; undefined if it is short enough. Some more than the surplus go, so that not every
 * entry that comes costs another one.
 */
export function cutTo(length: number, isAtEnd: boolean): number | undefined {
  const max = isAtEnd ? maxEntries : maxWhileReading;
  return length > max ? max * 0.9 : undefined;
}
