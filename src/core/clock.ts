/**
 * Time as an argument. Wall time stamps events and nothing else; everything that measures how long
 * something took or may take uses monotonic time, so that a stepped clock changes nothing [SES-7].
 */

/** Something that will happen later, or again and again, until it is cancelled. */
export interface Timer {
  /** Idempotent. */
  cancel(): void;
}

/** What time it is. */
export interface Time {
  /** Milliseconds since 1970, as the machine believes; may jump. */
  wall(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
}

export interface Clock extends Time {
  /** Calls back once after `delayMs`. Does not keep the process alive. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls back every `periodMs` until cancelled. Does not keep the process alive. */
  every(periodMs: number, callback: () => void): Timer;
}
