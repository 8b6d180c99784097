/** Reads an SSE stream off a real socket, event by event. */

import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { StringDecoder } from 'node:string_decoder';
import { noteEvent } from './true-answers.ts';

export interface SseEvent {
  /** `message` if the stream names none. */
  readonly type: string;
  readonly id: string | undefined;
  readonly data: string;
}

export interface SseOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: http.Agent;
}

export class SseReader {
  readonly response: IncomingMessage;
  /** Everything that came, as it came. */
  raw = '';
  comments = 0;
  retry: number | undefined;
  /** The id of the last event that had one: what to resume from. */
  lastEventId: string | undefined;
  readonly #events: SseEvent[] = [];
  #rest = '';
  #isEnded = false;
  /** Not what a test streams by itself. */
  readonly #isOfRoom: boolean;
  #wake: (() => void) | undefined;

  private constructor(url: string, response: IncomingMessage) {
    this.response = response;
    this.#isOfRoom = /\/v1\/rooms\/[^/]+\/(session\/events|feed)/.test(url);
    const decoder = new StringDecoder('utf8');
    response.on('data', (bytes: Buffer) => this.#take(decoder.write(bytes)));
    const end = () => {
      this.#isEnded = true;
      this.#wake?.();
    };
    response.on('close', end);
    response.on('error', end);
  }

  /** Opens a stream; resolves with the head of the answer, whatever its status. */
  static open(url: string, { headers = {}, agent }: SseOptions = {}): Promise<SseReader> {
    return new Promise((resolve, reject) => {
      const { get, Agent } = url.startsWith('https:') ? https : http;
      const request = get(url, { headers, agent: agent ?? new Agent() }, (response) =>
        resolve(new SseReader(url, response)),
      );
      request.on('error', reject);
    });
  }

  get status(): number {
    return this.response.statusCode ?? 0;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The next event, or undefined at the end of the stream. */
  async next(): Promise<SseEvent | undefined> {
    while (this.#events.length === 0) {
      if (this.#isEnded) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#events.shift();
  }

  /** The next event, which must be of this type. */
  async expect(type: string): Promise<SseEvent> {
    const event = await this.next();
    if (event?.type !== type) {
      throw new Error(`Expected an event ${type}; got ${event ? `${event.type} ${event.data}` : 'the end'}.`);
    }
    return event;
  }

  /** Everything up to the end of the stream. */
  async rest(): Promise<SseEvent[]> {
    const events: SseEvent[] = [];
    for (let event = await this.next(); event; event = await this.next()) events.push(event);
    return events;
  }

  /** Stops reading from the socket, as a stalled client does. */
  pause(): void {
    this.response.pause();
  }

  resume(): void {
    this.response.resume();
  }

  /** Cuts the connection. */
  close(): void {
    this.response.destroy();
  }

  #take(text: string): void {
    this.raw += text;
    this.#rest += text;
    for (let end = this.#rest.indexOf('\n\n'); end >= 0; end = this.#rest.indexOf('\n\n')) {
      this.#block(this.#rest.slice(0, end));
      this.#rest = this.#rest.slice(end + 2);
    }
    this.#wake?.();
  }

  #block(block: string): void {
    let type = 'message';
    let id: string | undefined;
    const data: string[] = [];
    for (const line of block.split('\n')) {
      const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      if (line.startsWith(':')) this.comments += 1;
      else if (field === 'event') type = value;
      else if (field === 'id') id = value;
      else if (field === 'data') data.push(value);
      else if (field === 'retry') this.retry = Number(value);
    }
    if (id !== undefined) this.lastEventId = id;
    if (data.length > 0) {
      const event = { type, id, data: data.join('\n') };
      this.#events.push(event);
      if (this.#isOfRoom) noteEvent(event);
    }
  }
}
