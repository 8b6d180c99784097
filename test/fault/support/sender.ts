/** A client that says one message after the other, each again with the same key until it is acknowledged. */

import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { SenderNotes } from './client-notes.ts';
import { call } from './http-call.ts';
import type { Member } from './member.ts';
import { Patience } from './patience.ts';
import type { Asked } from './records.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface SenderOptions {
  readonly member: Member;
  /** The address of the room; that at which it joined if not given. */
  readonly base?: string;
  /** How long it thinks between two messages at the most. */
  readonly thinkMs: number;
  readonly random: SeededRandom;
}

// What could be taken for framing, were it not escaped; and more than one byte per character.
const flourishes = [
  '',
  '\ndata: {}',
  '\n\n',
  '\r\nid: 0',
  ' Grüße 你好 🎈',
  ' "\\" ',
  'x'.repeat(400),
] as const;

export class Sender {
  readonly notes: SenderNotes;
  readonly #options: SenderOptions;
  readonly #base: string;
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

  async #run(): Promise<void> {
    const { random, thinkMs } = this.#options;
    while (!this.#isFinishing && this.notes.ending === undefined) {
      const count = this.notes.asked.length;
      const text = `${this.notes.who} says ${count}${random.pick(flourishes)}.`.replaceAll('\r\n', '\n');
      await this.#say({ key: `k${count}`, text });
      await delay(random.next() * thinkMs);
    }
  }

  async #say(asked: Asked): Promise<void> {
    this.notes.asked.push(asked);
    this.#isAsking = true;
    for (let tries = 0; !this.#patience.isOver && this.notes.ending === undefined; tries++) {
      if (tries > 0) this.notes.repeats += 1;
      if (await this.#ask(asked)) break;
    }
    this.#isAsking = false;
  }

  /** @returns whether it was acknowledged */
  async #ask({ key, text }: Asked): Promise<boolean> {
    const { notes } = this;
    const answer = await call({
      method: 'POST',
      url: `${this.#base}/session/messages`,
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
    notes.troubles += 1;
    if (answer?.status === 410) notes.ending = JSON.stringify(answer.body);
    else if (answer && answer.status !== 503 && answer.status !== 429) {
      notes.noteOddity(`${answer.status} ${JSON.stringify(answer.body)}`);
    }
    await this.#patience.pause(answer?.retryAfterMs);
    return false;
  }
}
