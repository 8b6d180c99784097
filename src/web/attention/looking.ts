/** Whether somebody looks at this tab; other tabs of the browser can know it too, where there are Web Locks. */

export class Looking {
  readonly #lock: string;
  readonly #listeners: (() => void)[] = [];
  #is = false;
  #letGo: () => void = () => {};

  constructor(room: string) {
    this.#lock = `parlor:looking:${room}`;
    const look = () => this.#look();
    for (const type of ['focus', 'blur', 'pageshow']) addEventListener(type, look);
    document.addEventListener('visibilitychange', look);
    // A tab that holds a lock is not kept for going back to it.
    addEventListener('pagehide', () => this.#set(false));
    look();
  }

  get is(): boolean {
    return this.#is;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Whether any tab of this browser shows the room to somebody. */
  async isAnywhere(): Promise<boolean> {
    if (this.#is) return true;
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    return held.some(({ name }) => name === this.#lock);
  }

  #look(): void {
    this.#set(document.visibilityState === 'visible' && document.hasFocus());
  }

  #set(is: boolean): void {
    if (is === this.#is) return;
    this.#is = is;
    this.#letGo();
    if (is) {
      const held = new Promise<void>((resolve) => {
        this.#letGo = resolve;
      });
      void navigator.locks?.request(this.#lock, { mode: 'shared' }, () => held);
    }
    for (const listener of this.#listeners) listener();
  }
}
