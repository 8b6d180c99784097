/** A client that says one message after the other, each again with the same key until it is acknowledged. */

import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Address, addressOf } from './address.ts';
import { SenderNotes } from './client-notes.ts';
import { call } from './http-call.ts';
import type { Member } from './member.ts';
import { Patience } from './patience.ts';
import type { Asked } from './records.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface SenderOptions {
  readonly member: Member;
  /** The address of the room; that at which it joined if not given. */
  readonly base?: Address;
  /** How long it thinks between two messages at the most. */
  readonly thinkMs: number;
  /** How likely it asks once more, with the same key, for what was acknowledged; it does not if not given. */
  readonly repeatShare?: number;
  readonly random: SeededRandom;
}

// What could be taken for framing, were it not escaped; and more than one byte per character.
const flourishes = [
  '',
  '\ndata: {}',
  '\n\n',
  '\nid: 0\n',
  ' Grüße 你好 🎈',
  ' "\\" ',
  'x'.repeat(400),
] as const;

export class Sender {
  readonly notes: SenderNotes;
  readonly #options: SenderOptions;
  readonly #base: Address;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #patience: Patience;
  #isFinishing = false;
  #isAsking = false;
  #running: Promise<void> | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#base = options.base ?? options.member.base;
    this.notes = new SenderNotes(options.member.name);
    this.#patience = new Patience(options.random.fork());
  }

  /** Whether a message waits for its answer. */
  get isAsking(): boolean {
    return this.#isAsking;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Says no more once the last message is acknowledged. */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    await this.#running;
    this.#agent.destroy();
  }

  /** Gives up at once. */
  async stop(): Promise<void> {
    this.#patience.end();
    await this.finish();
  }

  /** Says its next message; resolves once that is acknowledged. Not while it says others by itself. */
  async sayOne(): Promise<void> {
    const count = this.notes.asked.length;
    const flourish = this.#options.random.pick(flourishes);
    await this.#say({ key: `k${count}`, text: `${this.notes.who} says ${count}${flourish}.` });
  }

  async #run(): Promise<void> {
    const { random, thinkMs } = this.#options;
    while (!this.#isFinishing && this.notes.ending === undefined) {
      await this.sayOne();
      await delay(random.next() * thinkMs);
    }
  }

  async #say(asked: Asked): Promise<void> {
    this.notes.asked.push(asked);
    this.#isAsking = true;
    let answersLeft = this.#options.random.isLikely(this.#options.repeatShare ?? 0) ? 2 : 1;
    for (let tries = 0; !this.#patience.isOver && this.notes.ending === undefined; tries++) {
      if (tries > 0) this.notes.repeats += 1;
      if ((await this.#ask(asked)) && --answersLeft === 0) break;
    }
    this.#isAsking = false;
  }

  /** @returns whether it was acknowledged */
  async #ask({ key, text }: Asked): Promise<boolean> {
    const { notes } = this;
    const answer = await call({
      method: 'POST',
      url: `${addressOf(this.#base)}/session/messages`,
      headers: { authorization: `Bearer ${this.#options.member.token}` },
      body: { message: text, key },
      agent: this.#agent,
      signal: this.#patience.signal,
    }).catch(() => undefined);
    if (this.#patience.isOver) return false;
    if (answer?.status === 201 || answer?.status === 200) {
      notes.acknowledged.push({ key, text, id: (answer.body as { id: number }).id });
      return true;
    }
    if (!answer) notes.breaks += 1;
    else if (answer.status === 503 || answer.status === 429) notes.refusals += 1;
    else if (answer.status === 410) notes.ending = JSON.stringify(answer.body);
    else notes.noteOddity(`${answer.status} ${JSON.stringify(answer.body)}`);
    await this.#patience.pause(answer?.retryAfterMs);
    return false;
  }
}
