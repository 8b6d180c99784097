/** What is told to one client alone, outside the log, and waits until the client is there to take it. */

// More than these, and the client is not there: the oldest are dropped.
const maxWaiting = 16;
// Of JSON. What waits for a session is a quarter of a million at most.
const maxChars = 16_384;

/**
 * A notice as it goes over the wire.
 * @throws TypeError if JSON cannot say it, RangeError if it is too long
 */
export function encodeNotice(data: unknown): string {
  const json: string | undefined = JSON.stringify(data);
  if (json === undefined) throw new TypeError(`Expected a notice that JSON can say; got ${typeof data}.`);
  if (json.length > maxChars) {
    throw new RangeError(`Expected a notice of at most ${maxChars} characters of JSON; got ${json.length}.`);
  }
  return json;
}

export class Notices {
  #waiting: string[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(notice: string): void {
    this.#waiting.push(notice);
    if (this.#waiting.length > maxWaiting) this.#waiting.shift();
  }

  /** Gives what waits, oldest first, and forgets it. */
  take(): readonly string[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }
}
