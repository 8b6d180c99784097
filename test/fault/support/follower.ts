/** A follower of a room's feed that keeps every event whole: a witness of what the log has had. */

import { waitUntil } from '../../support/wait-until.ts';
import { readStream } from './event-stream.ts';
import type { SeenEvent } from './records.ts';

const boundMs = 30_000;

export class Follower {
  readonly events: SeenEvent[] = [];
  readonly #abort = new AbortController();
  #inits = 0;
  #reading: Promise<unknown> | undefined;

  /** Follows from now on. */
  static async open(base: string): Promise<Follower> {
    const follower = new Follower();
    follower.#reading = readStream(`${base}/feed`, {}, follower.#abort.signal, {
      frame: ({ type, id, data }) => {
        if (type === 'init') follower.#inits += 1;
        else if (id !== undefined) follower.events.push(JSON.parse(data));
        return true;
      },
      retry: () => {},
    }).catch(() => {});
    await waitUntil(() => follower.#inits > 0, 'the feed began', boundMs);
    return follower;
  }

  /** Waits until it has seen an event; a gap of its own makes it no witness. */
  async reaches(id: number): Promise<void> {
    await waitUntil(() => (this.events.at(-1)?.id ?? 0) >= id, `the witness saw event ${id}`, boundMs);
    if (this.#inits > 1) throw new Error('The witness itself was told of a gap.');
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#reading;
  }
}
