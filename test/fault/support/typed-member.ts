/** A member by the typed client, who writes down what it tells him and what he says through it. */

import { setTimeout as delay } from 'node:timers/promises';
import { join, type RoomClient } from '../../../src/client/index.ts';
import { ReaderNotes, SenderNotes } from './client-notes.ts';
import { idOf } from './member.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface TypedMemberOptions {
  /** Where he finds the server, without a slash at the end. */
  readonly url: string;
  readonly name: string;
  /** How long he thinks between two messages at the most, whether or not the one before has arrived. */
  readonly thinkMs: number;
  readonly random: SeededRandom;
}

export class TypedMember {
  readonly seen: ReaderNotes;
  readonly said: SenderNotes;
  /** The states he went through. */
  readonly states = new Set<string>();
  readonly client: RoomClient;
  readonly #options: TypedMemberOptions;
  #isFinishing = false;
  #talking: Promise<void> | undefined;

  private constructor(client: RoomClient, options: TypedMemberOptions) {
    this.client = client;
    this.#options = options;
    this.seen = new ReaderNotes(options.name, idOf(client.cursor ?? ''));
    this.said = new SenderNotes(options.name);
    client.on('events', (events) => {
      for (const event of events) this.seen.see(event);
    });
    client.on('gap', (lost) => this.seen.hearGap(lost, this.seen.lastId + (lost ?? 0)));
    client.on('healed', (count) => this.seen.noteOddity(`${count} events were missing without a word`));
    client.on('state', (state) => {
      this.states.add(state);
      if (state === 'ended') this.said.ending = JSON.stringify(client.ending ?? 'closed');
    });
  }

  /** Joins however long it takes. */
  static async join(options: TypedMemberOptions): Promise<TypedMember> {
    const { url, name } = options;
    return new TypedMember(await join({ url, room: 'lobby', name }), options);
  }

  /** Says one message after the other. */
  start(): void {
    this.#talking ??= this.#talk();
  }

  /** How many messages are not in the log yet, as far as he knows. */
  get pending(): number {
    return this.client.outbox.length;
  }

  /** Says no more; what is on its way stays so. */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    await this.#talking;
  }

  async stop(): Promise<void> {
    await this.finish();
    this.client.close();
  }

  async #talk(): Promise<void> {
    const { name, thinkMs, random } = this.#options;
    for (let count = 0; !this.#isFinishing; count++) {
      // Well below what an outbox holds, so that none is refused.
      if (this.pending < 20) this.#say(`${name} says ${count}: Grüße\ndata: {}\n\n`);
      await delay(random.next() * thinkMs);
    }
  }

  #say(text: string): void {
    const answer = this.client.send(text);
    const { key } = this.client.outbox.at(-1) ?? { key: 'none' };
    this.said.asked.push({ key, text });
    answer.then(
      ({ id }) => this.said.acknowledged.push({ key, text, id }),
      (error) => this.said.noteOddity(String(error)),
    );
  }
}
