/** What an operator says about what he does: to those whom it concerns, and in the audit log. */

import { ChatError } from './errors.ts';
import { quote } from './quote.ts';

export const maxReasonLength = 200;

const refused = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

/**
 * Checks a reason and gives its text; undefined if there is none.
 * @throws ChatError `invalid-message`, saying what was expected and what came
 */
export function validateReason(input: string | undefined): string | undefined {
  const text = input?.trim() ?? '';
  if (text === '') return undefined;
  const { length } = [...text];
  if (length > maxReasonLength) {
    throw invalid(`A reason has at most ${maxReasonLength} characters; this one has ${length}.`);
  }
  const found = refused.exec(text)?.[0];
  if (found === undefined) return text;
  throw invalid(`A reason is one line of text without control characters; this one has ${quote(found)}.`);
}

function invalid(detail: string): ChatError {
  return new ChatError('invalid-message', detail);
}
