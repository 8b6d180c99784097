/** Going through things that are one Tab stop together. */

/**
 * Where a key leads from one of several things; at an end it stays there.
 *
 * @param at the index of the one that has the focus; -1: none has
 * @returns undefined if the key leads nowhere, or there is nothing
 */
export function ledTo<T>(key: string, things: readonly T[], at: number): T | undefined {
  const last = things.length - 1;
  switch (key) {
    case 'ArrowUp':
      return things[Math.max(0, at - 1)];
    case 'ArrowDown':
      return things[Math.min(last, at + 1)];
    case 'Home':
      return things[0];
    case 'End':
      return things[last];
    default:
      return undefined;
  }
}
