/** Reads a list whole that is given page by page, and changes meanwhile. */

import { type ListPage, pageLimit } from './admin-api.ts';

/**
 * By how much each page reaches back into the one before. Whatever ends between two pages moves all after it one place
 * ahead: only if more than so many of those already read end meanwhile, some are passed over, until the next sweep.
 */
const overlap = 50;
/** Beyond this nobody reads them in a table; more than ten times what MAX_SESSIONS is by default. */
const most = 250_000;

/**
 * @param read gives the page that begins at `offset`, of `pageLimit` at the most
 * @param idOf of each its own, and the same each time
 * @param tell what was read so far, and of how many
 * @throws what `read` throws
 */
export async function sweepList<Item>(
  read: (offset: number) => Promise<ListPage<Item>>,
  idOf: (item: Item) => string,
  life: AbortSignal,
  tell?: (items: readonly Item[], total: number) => void,
): Promise<readonly Item[]> {
  const found = new Map<string, Item>();
  for (let offset = 0; ; offset += pageLimit - overlap) {
    const { items, total } = await read(offset);
    for (const item of items) found.set(idOf(item), item);
    const all = [...found.values()];
    if (life.aborted || offset + items.length >= total || items.length < pageLimit || all.length >= most) {
      return all;
    }
    tell?.(all, total);
  }
}
