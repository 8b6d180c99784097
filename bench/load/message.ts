/**
 * What the load generator says: a text that carries who said it, how many he had said before, and when, so that what
 * comes out of a stream proves itself. `~` stands nowhere else in what a server sends.
 */

const tag = /~(\d+)\.(\d+)\.(\d+)~/g;

export interface Tag {
  readonly publisher: number;
  /** Counts the publisher's messages from 0. */
  readonly sequence: number;
  /** Microseconds on the clock of `nowMicros`. */
  readonly sentAt: number;
}

/** Microseconds of this process, monotonic. */
export function nowMicros(): number {
  return performance.now() * 1000;
}

/** @param bytes how long the text is, if the tag leaves room */
export function messageText({ publisher, sequence, sentAt }: Tag, bytes: number): string {
  return `~${publisher}.${sequence}.${Math.floor(sentAt)}~`.padEnd(bytes, 'x');
}

/** The tags in the text of an event. */
export function tagsOf(text: string): Tag[] {
  return [...text.matchAll(tag)].map(([, publisher, sequence, sentAt]) => ({
    publisher: Number(publisher),
    sequence: Number(sequence),
    sentAt: Number(sentAt),
  }));
}

/** Stands in a message after which a stream's proof begins. */
export function markerText(number: number): string {
  return `^marker-${number}^`;
}
