/** What a page says of an error: words for whoever looks at it, where the domain's are meant for programs. */

import type { ChatError } from '../../core/errors.ts';
import { retrySeconds } from '../errors.ts';
import { strings } from './strings.ts';

/** @param requestId under which the server's log has more */
export function wordsOf(error: ChatError, requestId: string): string {
  const sentence = sentenceOf(error, requestId);
  const seconds = retrySeconds(error);
  return seconds === undefined || sentence.includes('Try again')
    ? sentence
    : `${sentence} ${strings.later(seconds)}`;
}

/** Why somebody is outside who was inside. */
export function endingWords(error: ChatError): string {
  const { reason, endingDetail } = error.extras;
  const text = strings.ended[reason ?? ''] ?? strings.endedSomehow;
  return endingDetail === undefined ? text : `${text} ${strings.endedWhy(endingDetail)}`;
}

function sentenceOf(error: ChatError, requestId: string): string {
  switch (error.code) {
    case 'session-gone':
      return endingWords(error);
    case 'name-in-use':
      return `${error.message} ${strings.ifItIsYou}`;
    case 'rate-limited':
      return error.extras.limit?.option === 'AUTH' ? strings.tooManyLogins : strings.tooMuch;
    case 'payload-too-large':
      return strings.tooLong;
    case 'key-reused':
      return strings.keyReused;
    case 'internal':
      return strings.fault(requestId);
    default:
      return error.message;
  }
}
