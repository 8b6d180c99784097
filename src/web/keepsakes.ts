/**
 * What the page keeps between loads: the name for next time, and in this tab the draft and what is not sent
 * yet. Storage may be forbidden or full; then nothing is kept and nothing breaks.
 */

import type { Outgoing } from './outbox.ts';
import type { StayKeepsakes } from './stay-view.ts';
import { parseJson } from './wire.ts';

const states = new Set(['waiting', 'sent', 'unsure', 'failed']);

export class Keepsakes implements StayKeepsakes {
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

  get draft(): string {
    return read(() => sessionStorage, `parlor:draft:${this.#room}`) ?? '';
  }

  set draft(text: string) {
    write(() => sessionStorage, `parlor:draft:${this.#room}`, text);
  }

  get outbox(): Outgoing[] {
    const value = parseJson(read(() => sessionStorage, `parlor:outbox:${this.#room}`) ?? '[]');
    return Array.isArray(value) ? value.filter(isOutgoing) : [];
  }

  set outbox(messages: readonly Outgoing[]) {
    write(
      () => sessionStorage,
      `parlor:outbox:${this.#room}`,
      messages.length > 0 ? JSON.stringify(messages) : '',
    );
  }

  get leftSession(): string {
    return read(() => localStorage, `parlor:left:${this.#room}`) ?? '';
  }

  set leftSession(sessionId: string) {
    write(() => localStorage, `parlor:left:${this.#room}`, sessionId);
  }
}

function isOutgoing(value: unknown): value is Outgoing {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'key') === 'string' &&
    typeof Reflect.get(value, 'text') === 'string' &&
    states.has(Reflect.get(value, 'state'))
  );
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
