/** What is said when the server has ended a stay. */

import type { Ending } from '../../client/index.ts';
import { safeLine } from './safe-text.ts';

const sentences: Readonly<Record<string, string>> = {
  destroyed: 'The stay was ended elsewhere.',
  'taken-over': 'You joined this room somewhere else.',
  removed: 'You were removed from the room.',
  revoked: 'You may no longer be in this room.',
  flooding: 'You were shown out for sending too much at once.',
  superseded: 'This stay is used in too many places at once.',
  'room-not-found': 'This room is no longer there.',
};

export function endingText({ reason = '', detail }: Ending): string {
  if (Object.hasOwn(sentences, reason)) {
    const sentence = sentences[reason] ?? '';
    return reason === 'removed' && detail ? `${sentence} “${safeLine(detail)}”` : sentence;
  }
  const why = detail ?? reason;
  return `Your stay in the room has ended${why === '' ? '.' : `: ${safeLine(why)}`}`;
}
