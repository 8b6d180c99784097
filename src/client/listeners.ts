/** Who wants to be told what. A listener that throws keeps the others from nothing. */

/** The kinds of news, and what a listener of each is given. */
type News = Record<string, (...news: never[]) => void>;

export class Listeners<T extends News> {
  readonly #listeners = new Map<keyof T, Set<T[keyof T]>>();

  /** Listens to one kind of news; the answer ends it. */
  on<K extends keyof T>(type: K, listener: T[K]): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  protected tell<K extends keyof T>(type: K, ...news: Parameters<T[K]>): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      try {
        listener(...news);
      } catch (error) {
        console.error(error);
      }
    }
  }
}
