/** Keeps the token for as long as the tab is open: in memory, and where a reload of this tab alone finds it again. */

const key = 'parlor:admin';

/** `sessionStorage` is such. */
export interface TabStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export class TokenKeeper {
  readonly #storage: TabStorage | undefined;
  #token = '';

  /** @param storage that of the tab; undefined where it is forbidden: then a reload forgets */
  constructor(storage: TabStorage | undefined) {
    this.#storage = storage;
    try {
      this.#token = storage?.getItem(key) ?? '';
    } catch {
      // As if there were none.
    }
  }

  /** Empty if there is none. */
  get token(): string {
    return this.#token;
  }

  keep(token: string): void {
    this.#token = token;
    try {
      this.#storage?.setItem(key, token);
    } catch {
      // In memory only, then.
    }
  }

  forget(): void {
    this.#token = '';
    try {
      this.#storage?.removeItem(key);
    } catch {
      // It took none.
    }
  }
}

/** What no ADMIN_TOKEN can be is not worth one of the few tries that the server gives. */
export function mayBeToken(text: string): boolean {
  return /^[\x21-\x7e]{24,256}$/.test(text);
}
