/**
 * Takes the framing off a stream: chunks of HTTP, frames of a WebSocket, or nothing. It copies nothing: `payload` is
 * called with where the payload lies in the buffer that was read.
 */

export type Payload = (buffer: Buffer, start: number, end: number) => void;

export interface Framing {
  /** @throws Error if this is no such framing */
  take(buffer: Buffer, start: number, end: number, payload: Payload): void;
  /** Whether the last frame has come. */
  readonly isEnded: boolean;
}

const lineFeed = 10;
const carriageReturn = 13;

export class ChunkFraming implements Framing {
  isEnded = false;
  /** Bytes left of the chunk, with the line end behind it in `#trailer`. */
  #left = 0;
  #trailer = 0;
  #size = 0;

  take(buffer: Buffer, start: number, end: number, payload: Payload): void {
    let at = start;
    while (at < end) {
      if (this.#left > 0) {
        const to = Math.min(end, at + this.#left);
        this.#left -= to - at;
        payload(buffer, at, to);
        at = to;
        if (this.#left === 0) this.#trailer = 2;
      } else if (this.#trailer > 0) {
        this.#trailer--;
        at++;
      } else {
        this.#readSize(buffer[at++] as number);
      }
    }
  }

  #readSize(byte: number): void {
    if (byte === carriageReturn) return;
    if (byte !== lineFeed) {
      this.#size = this.#size * 16 + hexDigit(byte);
      return;
    }
    this.#left = this.#size;
    this.isEnded = this.#size === 0;
    this.#size = 0;
  }
}

/** What a server sends: frames that are not masked. */
export class WebSocketFraming implements Framing {
  isEnded = false;
  #left = 0;
  #header = 0;
  #isLength = 0;

  take(buffer: Buffer, start: number, end: number, payload: Payload): void {
    let at = start;
    while (at < end) {
      if (this.#left > 0 && this.#isLength === 0 && this.#header === 0) {
        const to = Math.min(end, at + this.#left);
        this.#left -= to - at;
        payload(buffer, at, to);
        at = to;
      } else {
        this.#readHeader(buffer[at++] as number);
      }
    }
  }

  #readHeader(byte: number): void {
    if (this.#header === 0) {
      if (byte === 0x88) this.isEnded = true;
      this.#header = 1;
    } else if (this.#isLength > 0) {
      this.#left = this.#left * 256 + byte;
      this.#isLength--;
      if (this.#isLength === 0) this.#header = 0;
    } else {
      this.#left = byte < 126 ? byte : 0;
      this.#isLength = byte === 126 ? 2 : byte === 127 ? 8 : 0;
      if (this.#isLength === 0) this.#header = 0;
    }
  }
}

export class NoFraming implements Framing {
  readonly isEnded = false;

  take(buffer: Buffer, start: number, end: number, payload: Payload): void {
    payload(buffer, start, end);
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  if (letter >= 97 && letter <= 102) return letter - 87;
  throw new Error(`Expected the size of a chunk; got the byte ${byte}.`);
}
