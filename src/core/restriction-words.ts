/** What somebody is told whom a restriction hits. */

import { ChatError } from './errors.ts';
import type { Restriction } from './restriction.ts';

/** Why a session ends that it hits: what the operator said, or what is to be said of the room. */
export function endingDetailOf({ kind, reason }: Restriction): string | undefined {
  return reason ?? (kind === 'room' ? 'The room was closed.' : undefined);
}

/** The refusal of whoever wants in, or reads: one sentence with until when and why. */
export function refusalOf(restriction: Restriction): ChatError {
  return new ChatError('permission-denied', wordsOf(restriction));
}

/** As one sentence. */
export function wordsOf(restriction: Restriction): string {
  const { room, until, reason } = restriction;
  // A reason is text of the operator's, checked when it was given.
  const why = reason === null ? '' : ` (${reason})`;
  if (restriction.kind === 'room') return `The room ${room} is closed${why}.`;
  const where = room === null ? '' : ` from the room ${room}`;
  const end =
    until === null ? '' : ` until ${new Date(until).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return `${whoOf(restriction)} banned${where}${end}${why}.`;
}

function whoOf({ kind, value }: Restriction): string {
  switch (kind) {
    case 'name':
      return `The name ${value} is`;
    case 'address':
      return 'Your address is';
    default:
      return 'You are';
  }
}
