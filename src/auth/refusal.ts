/** How a service refuses somebody, as its JSON says it. */

import { ChatError } from '../core/errors.ts';

const maxReasonLength = 200;

/** The refusal with the service's own reason, if it gives one that can be shown. */
export function refusalOf(reason: unknown, usual: string, code: unknown = undefined): ChatError {
  const text = typeof reason === 'string' ? reason.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, ' ').trim() : '';
  const sentence = text === '' ? usual : [...text].slice(0, maxReasonLength).join('');
  return new ChatError(code === 'credentials-required' ? code : 'permission-denied', sentence);
}
