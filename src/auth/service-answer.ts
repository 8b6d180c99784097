/** What a service answers about somebody, and how it refuses him, as its JSON says it. */

import { maxReasonLength } from '../core/deed-reasons.ts';
import { ChatError } from '../core/errors.ts';

interface ServiceAnswer {
  readonly accept: boolean;
  /** Whatever else it says. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** @throws Error if it does not say whether somebody is accepted */
export function serviceAnswerOf(answer: unknown): ServiceAnswer {
  const { accept, ...members }: Readonly<Record<string, unknown>> =
    typeof answer === 'object' && answer !== null ? { ...answer } : {};
  if (typeof accept !== 'boolean') throw new Error('expected accept to be true or false');
  return { accept, members };
}

/** The refusal with the service's own reason, if it gives one that can be shown. */
export function refusalOf(reason: unknown, usual: string, code: unknown = undefined): ChatError {
  const text = typeof reason === 'string' ? reason.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, ' ').trim() : '';
  const sentence = text === '' ? usual : [...text].slice(0, maxReasonLength).join('');
  return new ChatError(code === 'credentials-required' ? code : 'permission-denied', sentence);
}
