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
  #isAfterCr = false;
  #type = '';
  /** With a line feed after each line. */
  #data = '';
  #lastEventId = '';

  constructor(onEvent: (event: SseEvent) => void, onRetry: (ms: number) => void) {
    this.#onEvent = onEvent;
    this.#onRetry = onRetry;
  }

  /** Takes the next piece of text, cut anywhere. What stands unfinished at the end of a stream is void. */
  push(text: string): void {
    if (text === '') return;
    const piece = this.#isAfterCr && text.startsWith('\n') ? text.slice(1) : text;
    const lines = (this.#rest + piece).split(/\r\n?|\n/);
    this.#isAfterCr = piece.endsWith('\r');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
    if (this.#rest.length + this.#data.length > maxBufferedChars) {
      throw new Error(`longer than ${maxBufferedChars} characters`);
    }
  }

  #line(line: string): void {
    // Of a comment the field is empty, as of an empty line.
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?/s.exec(line) ?? [];
    if (line === '') this.#dispatch();
    else if (field === 'event') this.#type = value;
    else if (field === 'data') this.#data += `${value}\n`;
    else if (field === 'id' && !value.includes('\0')) this.#lastEventId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.#onRetry(Number(value));
  }

  #dispatch(): void {
    const type = this.#type || 'message';
    const data = this.#data;
    this.#type = '';
    this.#data = '';
    if (data !== '') this.#onEvent({ type, data: data.slice(0, -1), lastEventId: this.#lastEventId });
  }
}
