/**
 * Server-sent events out of text, as the HTML standard reads an event stream (§9.2.6). Comments carry no
 * event; whoever wants to know that the connection lives watches the bytes.
 */

export interface SseEvent {
  readonly type: string;
  readonly data: string;
  /** The last id seen on the stream so far; empty before the first. */
  readonly lastEventId: string;
}

/** A line or an event longer than this is no chat room: the parser throws. A roster of 2,000 takes 300 kB. */
const maxBufferedChars = 8 * 1024 * 1024;

export class SseParser {
  readonly #onEvent: (event: SseEvent) => void;
  readonly #onRetry: (ms: number) => void;
  #rest = '';
  /** The text before ended in CR: a line feed that follows belongs to it. */
  #afterCarriageReturn = false;
  #type = '';
  #data: string[] = [];
  #dataChars = 0;
  #lastEventId = '';

  constructor(onEvent: (event: SseEvent) => void, onRetry: (ms: number) => void) {
    this.#onEvent = onEvent;
    this.#onRetry = onRetry;
  }

  /** Takes the next piece of text, cut anywhere. What stands unfinished at the end of a stream is void. */
  push(text: string): void {
    if (text === '') return;
    const piece = this.#afterCarriageReturn && text.startsWith('\n') ? text.slice(1) : text;
    const lines = (this.#rest + piece).split(/\r\n|\r|\n/);
    this.#afterCarriageReturn = piece.endsWith('\r');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
    if (this.#rest.length + this.#dataChars > maxBufferedChars) {
      throw new Error(`An event is longer than ${maxBufferedChars} characters.`);
    }
  }

  #line(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const raw = colon < 0 ? '' : line.slice(colon + 1);
    const value = raw.startsWith(' ') ? raw.slice(1) : raw;
    switch (field) {
      case 'event':
        this.#type = value;
        break;
      case 'data':
        this.#data.push(value);
        this.#dataChars += value.length;
        break;
      case 'id':
        if (!value.includes('\0')) this.#lastEventId = value;
        break;
      case 'retry':
        if (/^[0-9]+$/.test(value)) this.#onRetry(Number(value));
        break;
    }
  }

  #dispatch(): void {
    const type = this.#type || 'message';
    const data = this.#data;
    this.#type = '';
    this.#data = [];
    this.#dataChars = 0;
    if (data.length > 0) this.#onEvent({ type, data: data.join('\n'), lastEventId: this.#lastEventId });
  }
}
