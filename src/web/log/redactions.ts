/**
 * What of the log was redacted. A page of the log may have been read before a redaction and arrive after it: so what is
 * gone is remembered, a cursor for each redaction that was heard. Without DOM.
 */

import { type Placed, targetOf } from './place.ts';

export class Redactions {
  readonly #gone = new Set<string>();

  /** Learns from these what is redacted, and gives them as they may be shown: nothing has a text that it had lost. */
  applied(entries: readonly Placed[]): readonly Placed[] {
    for (const entry of entries) {
      const target = targetOf(entry);
      if (target !== undefined) this.#gone.add(target);
    }
    if (this.#gone.size === 0) return entries;
    return entries.map((entry) => {
      const { cursor, event } = entry;
      if (!('message' in event) || !this.#gone.has(cursor)) return entry;
      return { cursor, event: { ...event, message: '', redacted: true } };
    });
  }
}
