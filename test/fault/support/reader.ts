/** A client that reads everything from its start on, whatever breaks: by polls, by streams, or by either as it comes. */

import http from 'node:http';
import { type Address, addressOf } from './address.ts';
import { ReaderNotes } from './client-notes.ts';
import { readStream, type StreamFrame } from './event-stream.ts';
import { call } from './http-call.ts';
import { idOf, type Member } from './member.ts';
import { Patience } from './patience.ts';
import type { SeenEvent } from './records.ts';
import type { SeededRandom } from './seeded-random.ts';

export type Manner = 'pull' | 'push' | 'mixed';

export interface ReaderOptions {
  readonly member: Member;
  readonly manner: Manner;
  /** Where it reads on from: a cursor. */
  readonly start: string;
  /** The address of the room; that at which it joined if not given. */
  readonly base?: Address;
  /** Whether a stream is left after a while, as when a client moves on. */
  readonly wanders?: boolean;
  readonly random: SeededRandom;
}

interface PollBody {
  readonly events: readonly SeenEvent[];
  readonly cursor: string;
  readonly lost?: number | null;
}

// Where a mixed client changes its manner by itself.
const mostPolls = 6;
const mostFrames = 400;
const longPollSeconds = 20;

export class Reader {
  readonly notes: ReaderNotes;
  readonly manner: Manner;
  readonly #options: ReaderOptions;
  readonly #base: Address;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #patience: Patience;
  readonly #authorization: Readonly<Record<string, string>>;
  #cursor: string;
  #retryMs: number | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ReaderOptions) {
    const { member, manner, start, random, base = member.base } = options;
    this.#options = options;
    this.manner = manner;
    this.notes = new ReaderNotes(member.name, idOf(start));
    this.#base = base;
    this.#cursor = start;
    this.#patience = new Patience(random.fork());
    this.#authorization = { authorization: `Bearer ${member.token}` };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#patience.end();
    await this.#running;
    this.#agent.destroy();
  }

  get #isOver(): boolean {
    return this.#patience.isOver || this.notes.ending !== undefined;
  }

  async #run(): Promise<void> {
    const { random, wanders = this.manner === 'mixed' } = this.#options;
    while (!this.#isOver) {
      const isStreaming = this.manner === 'mixed' ? random.isLikely(0.5) : this.manner === 'push';
      if (isStreaming) await this.#stream(wanders ? random.between(1, mostFrames) : Infinity);
      else await this.#poll(this.manner === 'mixed' ? random.between(1, mostPolls) : 1);
    }
  }

  async #poll(times: number): Promise<void> {
    const { random } = this.#options;
    for (let left = times; left > 0 && !this.#isOver; left--) {
      const wait = random.isLikely(0.8) ? longPollSeconds : 0;
      const answer = await call({
        method: 'GET',
        url: `${addressOf(this.#base)}/session/updates?after=${this.#cursor}&limit=${random.between(1, 500)}&wait=${wait}`,
        headers: this.#authorization,
        agent: this.#agent,
        signal: this.#patience.signal,
      }).catch(() => undefined);
      if (this.#isOver) return;
      if (answer?.status === 200) this.#take(answer.body as PollBody);
      else await this.#meet(answer?.status, answer?.body, answer?.retryAfterMs);
    }
  }

  #take({ events, cursor, lost }: PollBody): void {
    if (lost !== undefined) {
      const [first] = events;
      this.notes.hearGap(lost, first ? first.id - 1 : idOf(cursor));
    }
    for (const event of events) this.notes.see(event);
    this.#cursor = cursor;
  }

  /** @param most after how many events it goes by itself */
  async #stream(most: number): Promise<void> {
    const { random, start } = this.#options;
    // As EventSource: the address it was made with, and the header that wins. Or as a client that knows better.
    const resumes: [string, Record<string, string>] = random.isLikely(0.5)
      ? [start, { 'last-event-id': this.#cursor }]
      : [this.#cursor, {}];
    const [after, headers] = resumes;
    let left = most;
    const outcome = await readStream(
      `${addressOf(this.#base)}/session/events?after=${after}`,
      { ...this.#authorization, ...headers },
      this.#patience.signal,
      {
        frame: (frame) => this.#see(frame) && --left > 0,
        retry: (ms) => {
          this.#retryMs = ms;
        },
      },
    ).catch(() => undefined);
    if (this.#isOver || left <= 0) return;
    if (outcome && 'text' in outcome) await this.#meet(outcome.status, outcome.text, outcome.retryAfterMs);
    else await this.#meet(undefined, undefined, this.#retryMs);
  }

  /** @returns whether there can be more on this stream */
  #see({ type, id, data }: StreamFrame): boolean {
    const content: unknown = JSON.parse(data);
    if (type === 'bye') {
      const { reason, reconnect } = content as { reason: string; reconnect: boolean };
      if (!reconnect) this.notes.ending = reason;
      return false;
    }
    // Without an id it is news of this moment, no event of the room.
    if (id === undefined) return true;
    if (type === 'init') this.notes.hearGap((content as { lost: number | null }).lost, idOf(id));
    else this.notes.see(content as SeenEvent);
    if (type !== 'init' && idOf(id) !== (content as SeenEvent).id)
      this.notes.noteOddity(`${id} with ${data}`);
    this.#cursor = id;
    return true;
  }

  /** What is no answer to go on with: the connection broke, or a status says why. */
  async #meet(status: number | undefined, body: unknown, retryAfterMs: number | undefined): Promise<void> {
    const { notes } = this;
    if (status === undefined) notes.breaks += 1;
    else if (status === 503 || status === 429) notes.refusals += 1;
    else if (status === 410) notes.ending = JSON.stringify(body);
    else notes.noteOddity(`${status} ${JSON.stringify(body)}`);
    await this.#patience.pause(retryAfterMs);
  }
}
