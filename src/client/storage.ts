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
  readonly #memory = new Map<string, string>();

  /** @param room its name, or its whole address where the storage serves several servers */
  constructor(storage: ClientStorage | undefined, room: string) {
    this.#storage = storage;
    this.#room = room;
  }

  /** Empty if nothing is kept. */
  get(what: KeptThing): string {
    const key = this.#key(what);
    let value = this.#memory.get(key);
    try {
      value = this.#storage?.getItem(key) ?? value;
    } catch {
      // From memory only, then.
    }
    return value ?? '';
  }

  set(what: KeptThing, value: string): void {
    const key = this.#key(what);
    this.#memory.set(key, value);
    try {
      this.#storage?.setItem(key, value);
    } catch {
      // In memory only, then.
    }
  }

  #key(what: KeptThing): string {
    return `parlor:${what}:${this.#room}`;
  }
}
