/**
 * What the page keeps between loads: the name for next time, how far the log was read, what to notify of, and in this
 * tab the draft and what is not sent yet. Storage may be forbidden or full; then nothing is kept and nothing breaks.
 */

import type { ClientStorage } from '../../client/storage.ts';
import type { NotifyKeepsakes, Wish } from '../attention/notifier.ts';
import type { ReadKeepsake } from '../log/reading.ts';
import type { StayKeepsakes } from './stay-view.ts';

/** What of a browser's window is used. Even naming a storage throws where it is forbidden. */
export interface Storages {
  readonly localStorage: PageStorage;
  /** Of this tab alone. */
  readonly sessionStorage: PageStorage;
}

interface PageStorage extends ClientStorage {
  removeItem(key: string): void;
}

/** For the client: what is not sent yet is each tab's own, everything else is the browser's. */
export function clientStorage(storages: Storages): ClientStorage {
  const storageFor = (key: string) =>
    key.startsWith('parlor:outbox:') ? storages.sessionStorage : storages.localStorage;
  return {
    getItem: (key) => storageFor(key).getItem(key),
    setItem: (key, value) => storageFor(key).setItem(key, value),
  };
}

export class Keepsakes implements StayKeepsakes, ReadKeepsake, NotifyKeepsakes {
  readonly #room: string;
  readonly #storages: Storages;

  constructor(room: string, storages: Storages) {
    this.#room = room;
    this.#storages = storages;
  }

  get name(): string {
    return this.#read('localStorage', 'parlor:name') ?? '';
  }

  set name(name: string) {
    this.#write('localStorage', 'parlor:name', name);
  }

  get read(): string {
    return this.#read('localStorage', `parlor:read:${this.#room}`) ?? '';
  }

  set read(cursor: string) {
    this.#write('localStorage', `parlor:read:${this.#room}`, cursor);
  }

  get notify(): Wish {
    const wish = this.#read('localStorage', 'parlor:notify');
    return wish === 'mentions' || wish === 'all' ? wish : 'off';
  }

  set notify(wish: Wish) {
    this.#write('localStorage', 'parlor:notify', wish);
  }

  get notified(): string {
    return this.#read('localStorage', `parlor:notified:${this.#room}`) ?? '';
  }

  set notified(cursor: string) {
    this.#write('localStorage', `parlor:notified:${this.#room}`, cursor);
  }

  get draft(): string {
    return this.#read('sessionStorage', `parlor:draft:${this.#room}`) ?? '';
  }

  set draft(text: string) {
    this.#write('sessionStorage', `parlor:draft:${this.#room}`, text);
  }

  #read(storage: keyof Storages, key: string): string | undefined {
    try {
      return this.#storages[storage].getItem(key) ?? undefined;
    } catch {
      return undefined;
    }
  }

  #write(storage: keyof Storages, key: string, value: string): void {
    try {
      if (value === '') this.#storages[storage].removeItem(key);
      else this.#storages[storage].setItem(key, value);
    } catch {
      // Nothing is kept.
    }
  }
}
