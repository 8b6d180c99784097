/** A storage as the browser's, in memory; it can refuse. */

import type { ClientStorage } from '../../../src/client/storage.ts';

export class MemoryStorage implements ClientStorage {
  readonly items = new Map<string, string>();
  isForbidden = false;
  isFull = false;

  getItem(key: string): string | null {
    this.#check();
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#check();
    if (this.isFull) throw new Error('The storage is full.');
    this.items.set(key, value);
  }

  #check(): void {
    if (this.isForbidden) throw new Error('The storage is forbidden.');
  }
}
