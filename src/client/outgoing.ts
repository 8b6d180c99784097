/**
 * Messages on their way, and what becomes of them: a message leaves when the room's log shows it (`seen`), not on the
 * acknowledgement alone. One that failed stays until the user decides.
 */

import { type Problem, ProblemError } from './problem.ts';
import type { Keepsakes } from './storage.ts';
import { type AnyEvent, knownOf, parseJson, type Sent } from './wire.ts';

export interface Outgoing {
  readonly key: string;
  readonly text: string;
  /** `sent`: acknowledged, and not seen in the log yet. `failed`: the user decides. */
  readonly state: 'waiting' | 'sent' | 'failed';
  /** When it was first tried; undefined: not yet. */
  readonly tried?: Trial | undefined;
  /** Its id in the log, once acknowledged. */
  readonly id?: number | undefined;
  /** Why it failed. */
  readonly problem?: Problem | undefined;
}

/** In which session, under which name and at which position of the log. */
export interface Trial {
  readonly sessionId: string;
  readonly name: string;
  readonly cursor: string;
}

/** A message with who waits for it; JSON has only the message. */
export type Entry = { -readonly [K in keyof Outgoing]: Outgoing[K] } & {
  readonly resolve?: (sent: Sent) => void;
  readonly reject?: (error: ProblemError) => void;
};

export class OutgoingList {
  protected entries: Entry[] = [];
  protected readonly here: () => Trial;
  readonly #kept: Keepsakes;
  readonly #changed: (messages: readonly Outgoing[]) => void;
  /** The id of the last event that was told. */
  #head = 0;

  /** @param here where a message is sent from now */
  constructor(kept: Keepsakes, here: () => Trial, changed: (messages: readonly Outgoing[]) => void) {
    this.here = here;
    this.#kept = kept;
    this.#changed = changed;
  }

  /** Has what an earlier load or stay left, and nothing else. */
  restore(): void {
    const kept: Outgoing[] = Object.values(parseJson(this.#kept.get('outbox')));
    // Acknowledged, but not shown before the reload: asking again with the same key tells its id.
    this.entries = kept.map((entry) => (entry.state === 'sent' ? { ...entry, state: 'waiting' } : entry));
  }

  get messages(): readonly Outgoing[] {
    return this.entries;
  }

  /** Drops a failed message. */
  discard(key: string): void {
    const failed = this.failed(key);
    this.#keep((entry) => entry !== failed);
  }

  /** The log was told up to here: own messages in it have arrived. */
  seen(events: readonly AnyEvent[]): void {
    this.#head = events.at(-1)?.id ?? this.#head;
    this.find(events);
  }

  /** A gap in the log: an acknowledged message may lie in it and is not waited for any more. */
  gap(): void {
    this.#keep(({ state }) => state !== 'sent');
  }

  /** Takes out those that these events show, and what the log has passed without our seeing it: it fell into a gap. */
  protected find(events: readonly AnyEvent[]): void {
    const known = knownOf(events);
    this.#keep(({ key, tried, id, resolve }) => {
      const own = known.find(
        (event) => event.type === 'message' && event.key === key && event.name === tried?.name,
      );
      if (own) resolve?.({ id: own.id, timestamp: own.timestamp });
      return !own && !(id && id <= this.#head);
    });
  }

  protected failed(key: string): Entry | undefined {
    return this.entries.find((entry) => entry.key === key && entry.state === 'failed');
  }

  /** Leaves them to the user. */
  protected fail(entries: readonly Entry[], problem: Problem): void {
    for (const entry of entries) {
      if (entry.state === 'failed') continue;
      entry.state = 'failed';
      entry.problem = problem;
      entry.reject?.(new ProblemError(problem));
    }
    // What is kept and was not restored, as before one is inside, stays.
    if (entries.length > 0) this.changed();
  }

  protected changed(): void {
    // A tab can be copied: what was not tried here may have been tried by the copy from here on.
    const tried = this.here();
    this.#kept.set('outbox', JSON.stringify(this.entries.map((entry) => ({ tried, ...entry }))));
    this.#changed(this.entries);
  }

  #keep(isKept: (entry: Entry) => boolean): void {
    const { length } = this.entries;
    this.entries = this.entries.filter(isKept);
    if (this.entries.length < length) this.changed();
  }
}
