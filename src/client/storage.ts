/** What outlives a load or a process: the session's token, messages not sent yet, and which session was left. */

/** Where it is kept; `localStorage` and `sessionStorage` are such. */
export interface ClientStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/**
 * `token`: the bearer token. `outbox`: messages not sent yet, for each tab its own. `left`: the session that was left
 * on purpose, in whichever tab: no other tab must create it again.
 */
type KeptThing = 'token' | 'outbox' | 'left';

/** One room's things, in a storage and in memory: storage may be missing, forbidden or full. */
export class Keepsakes {
  readonly #storage: ClientStorage | undefined;
  readonly #room: string;
  /** What the storage did not take: what it has instead is of before. */
  readonly #unkept = new Map<string, string>();

  /** @param room its name, or its whole address where the storage serves several servers */
  constructor(storage: ClientStorage | undefined, room: string) {
    this.#storage = storage;
    this.#room = room;
  }

  /** Empty if nothing is kept. */
  get(what: KeptThing): string {
    const key = this.#key(what);
    try {
      return this.#unkept.get(key) ?? this.#storage?.getItem(key) ?? '';
    } catch {
      return '';
    }
  }

  set(what: KeptThing, value: string): void {
    const key = this.#key(what);
    this.#unkept.set(key, value);
    try {
      this.#storage?.setItem(key, value);
      // From now on another tab may change it.
      if (this.#storage) this.#unkept.delete(key);
    } catch {
      // In memory only, then.
    }
  }

  #key(what: KeptThing): string {
    return `parlor:${what}:${this.#room}`;
  }
}
