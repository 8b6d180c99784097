/** What Redis answers, as text: whatever does not fit is the store's fault, or damage. */

/** What Redis answers: text, whole numbers, and lists of them. */
export type Reply = string | number | null | readonly Reply[];

/** An answer that no script of this version gives. */
export class MalformedReply extends Error {
  override readonly name = 'MalformedReply';
}

/** Where a room stood after a batch. */
export interface Mark {
  /** Empty if nothing is known of the room. */
  readonly epoch: string;
  readonly head: number;
  /** The number of its latest publication. */
  readonly pub: number;
}

export function textOf(reply: Reply | undefined): string {
  if (typeof reply !== 'string')
    throw new MalformedReply(`Redis answered ${typeof reply} where text was expected.`);
  return reply;
}

export function listOf(reply: Reply | undefined): readonly Reply[] {
  if (!Array.isArray(reply))
    throw new MalformedReply(`Redis answered ${typeof reply} where a list was expected.`);
  return reply;
}

export function numberOf(reply: Reply | undefined): number {
  const number = Number(textOf(reply));
  if (!Number.isSafeInteger(number))
    throw new MalformedReply('Redis answered text where a number was expected.');
  return number;
}

/** A limit for the script, which knows no infinity. */
export function limitText(limit: number): string {
  return `${Math.min(limit, Number.MAX_SAFE_INTEGER)}`;
}
