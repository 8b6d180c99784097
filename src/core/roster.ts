/** The names in a room at a position of its log: a fold of `join` and `leave` events [SES-2]. */

import type { ChatRoomEvent } from './events.ts';

export class Roster {
  readonly #names: Set<string>;
  #json: string | undefined;

  constructor(names: Iterable<string> = []) {
    this.#names = new Set(names);
  }

  get size(): number {
    return this.#names.size;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  apply(event: ChatRoomEvent): void {
    switch (event.type) {
      case 'join':
        this.#names.add(event.name);
        break;
      case 'leave':
        this.#names.delete(event.name);
        break;
      case 'message':
      case 'announcement':
      case 'redaction':
        return;
    }
    this.#json = undefined;
  }

  /** In order of joining. */
  names(): string[] {
    return [...this.#names];
  }

  /** The names as a JSON array, encoded once per position [LOG-6]. */
  toJson(): string {
    this.#json ??= JSON.stringify(this.names());
    return this.#json;
  }
}
