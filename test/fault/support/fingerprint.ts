/** What makes an event the same for all who see it, in short. */

import { createHash, type Hash } from 'node:crypto';
import type { SeenEvent } from './records.ts';

/** 32 bits of an event (FNV-1a): enough to tell where two clients saw something else under one id. */
export function printOf(event: SeenEvent): number {
  const line = lineOf(event);
  let print = 0x811c9dc5;
  for (let at = 0; at < line.length; at++) print = Math.imul(print ^ line.charCodeAt(at), 0x01000193);
  return print >>> 0;
}

/** One hash over many events in their order. */
export class RunningHash {
  readonly #hash: Hash = createHash('sha256');

  add(event: SeenEvent): void {
    this.#hash.update(lineOf(event));
  }

  /** Over what was added so far; more may follow. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}

function lineOf({ id, type, name, message }: SeenEvent): string {
  return `${JSON.stringify([id, type, name, message ?? null])}\n`;
}
