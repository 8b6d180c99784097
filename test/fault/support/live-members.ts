/**
 * Members who are there, each in a way of his own: by polling, by polls that wait, by an open stream, by pings.
 * Each keeps what he saw, and what he was refused.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient, type WireEvent } from '../../support/api-client.ts';
import type { SseReader } from '../../support/sse-reader.ts';

export type WayOfLife = 'polling' | 'waiting' | 'streaming' | 'pinging';

export const waysOfLife: readonly WayOfLife[] = ['polling', 'waiting', 'streaming', 'pinging'];

interface MemberOptions {
  readonly room?: string;
  /** How often he polls, or may ping. */
  readonly everyMs: number;
  /** Whether each request goes over a connection of its own; if not, they are kept for the next one. */
  readonly isOneShot?: boolean;
}

/** How long a poll waits, in seconds. */
export const pollWait = 1;

export class LiveMember {
  readonly client: ApiClient;
  readonly way: WayOfLife;
  /** What he saw of his room, in the order in which it came. */
  readonly events: WireEvent[] = [];
  /** Refusals, and ends of his stream: there should be none. */
  readonly complaints: string[] = [];
  /** What polls took that waited for nothing, in milliseconds. */
  readonly emptyWaitsMs: number[] = [];
  reader: SseReader | undefined;
  readonly #everyMs: number;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #stopping = new AbortController();
  #living: Promise<void> = Promise.resolve();

  private constructor(url: string, way: WayOfLife, { room, everyMs, isOneShot = false }: MemberOptions) {
    this.client = new ApiClient(url, room);
    this.way = way;
    this.#everyMs = everyMs;
    this.#headers = isOneShot ? { connection: 'close' } : {};
  }

  static async join(url: string, name: string, way: WayOfLife, options: MemberOptions): Promise<LiveMember> {
    const member = new LiveMember(url, way, options);
    const isPush = way === 'streaming' || way === 'pinging';
    const claim = { name, delivery: isPush ? 'push' : 'pull' };
    const { status, body } = await member.client.create(claim, member.#headers);
    if (status !== 201) throw new Error(`create answered ${status}: ${JSON.stringify(body)}`);
    // A stream is open, and its member has joined, before anything else happens.
    const reader = isPush ? await member.#subscribe() : undefined;
    const living = reader ? member.#read(reader) : member.#poll(body.cursor);
    member.#living = living.catch((error) => member.#complain(String(error)));
    return member;
  }

  /** Stops being there, without a word. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.reader?.close();
    await this.#living;
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #poll(start: string): Promise<void> {
    const { signal } = this.#stopping;
    const wait = this.way === 'waiting' ? { wait: pollWait } : {};
    for (let after = start; !this.#isStopped; ) {
      const asked = performance.now();
      const { status, body } = await this.client.updates({ after, ...wait }, signal);
      if (status !== 200) return this.#complain(`a poll got ${status}: ${JSON.stringify(body)}`);
      this.events.push(...body.events);
      after = body.cursor;
      if (this.way === 'polling') await delay(this.#everyMs, undefined, { signal });
      else if (body.events.length === 0) this.emptyWaitsMs.push(performance.now() - asked);
    }
  }

  async #subscribe(): Promise<SseReader> {
    const reader = await this.client.subscribe(this.way === 'pinging' ? '?liveness=ping' : '');
    this.reader = reader;
    await reader.expect('init');
    this.#take((await reader.expect('join')).data);
    if (this.way === 'pinging') this.#ping(reader);
    return reader;
  }

  async #read(reader: SseReader): Promise<void> {
    for (let event = await reader.next(); event; event = await reader.next()) {
      if (event.type === 'bye') this.#complain(`the stream said bye: ${event.data}`);
      else this.#take(event.data);
    }
    this.#complain('the stream ended');
  }

  /** Pings when bytes arrive and his last request is old enough. */
  #ping(reader: SseReader): void {
    let lastAt = performance.now();
    reader.response.on('data', () => {
      if (performance.now() - lastAt < this.#everyMs || this.#isStopped) return;
      lastAt = performance.now();
      this.client.call('POST', '/session/ping', undefined, this.#headers).then(
        ({ status, body }) => {
          if (status !== 204) this.#complain(`a ping got ${status}: ${JSON.stringify(body)}`);
        },
        (error) => this.#complain(`a ping failed: ${error}`),
      );
    });
  }

  #take(data: string): void {
    this.events.push(JSON.parse(data));
  }

  #complain(what: string): void {
    if (!this.#isStopped) this.complaints.push(`${this.way}: ${what}`);
  }
}
