/**
 * What the page keeps between loads: the name for next time, how far the log was read, what to notify of, and in this
 * tab the draft and what is not sent yet. Storage may be forbidden or full; then nothing is kept and nothing breaks.
 */

import type { ClientStorage } from '../../client/storage.ts';
import type { NotifyKeepsakes, Wish } from '../attention/notifier.ts';
import type { ReadKeepsake } from '../log/reading.ts';
import type { StayKeepsakes } from './stay-view.ts';

/** For the client: what is not sent yet is each tab's own, everything else is the browser's. */
export const clientStorage: ClientStorage = {
  getItem: (key) => storageFor(key).getItem(key),
  setItem: (key, value) => storageFor(key).setItem(key, value),
};

function storageFor(key: string): Storage {
  return key.startsWith('parlor:outbox:') ? sessionStorage : localStorage;
}

export class Keepsakes implements StayKeepsakes, ReadKeepsake, NotifyKeepsakes {
  readonly #room: string;

  constructor(room: string) {
    this.#room = room;
  }

  get name(): string {
    return read(() => localStorage, 'parlor:name') ?? '';
  }

  set name(name: string) {
    write(() => localStorage, 'parlor:name', name);
  }

  get read(): string {
    return read(() => localStorage, `parlor:read:${this.#room}`) ?? '';
  }

  set read(cursor: string) {
    write(() => localStorage, `parlor:read:${this.#room}`, cursor);
  }

  get notify(): Wish {
    const wish = read(() => localStorage, 'parlor:notify');
    return wish === 'mentions' || wish === 'all' ? wish : 'off';
  }

  set notify(wish: Wish) {
    write(() => localStorage, 'parlor:notify', wish);
  }

  get notified(): string {
    return read(() => localStorage, `parlor:notified:${this.#room}`) ?? '';
  }

  set notified(cursor: string) {
    write(() => localStorage, `parlor:notified:${this.#room}`, cursor);
  }

  get draft(): string {
    return read(() => sessionStorage, `parlor:draft:${this.#room}`) ?? '';
  }

  set draft(text: string) {
    write(() => sessionStorage, `parlor:draft:${this.#room}`, text);
  }
}

/** Even naming the storage throws where it is forbidden. */
function read(storage: () => Storage, key: string): string | undefined {
  try {
    return storage().getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

function write(storage: () => Storage, key: string, value: string): void {
  try {
    if (value === '') storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // Nothing is kept.
  }
}
