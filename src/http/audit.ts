/** What an operator does leaves a line in the audit log, and so does what he may have done. */

import type { FastifyRequest } from 'fastify';
import { maxReasonLength } from '../core/deed-reasons.ts';
import { isUnavailable } from '../core/errors.ts';
import type { AdminDeed } from '../core/observer.ts';
import { quote } from '../core/quote.ts';
import type { Services } from './services.ts';

type Deed = Omit<AdminDeed, 'address'>;

type Audited = <T>(
  request: FastifyRequest,
  deed: Deed,
  act: () => Promise<T>,
  outcome: (answer: T) => Partial<Deed> | undefined,
) => Promise<T>;

/**
 * Carries acts out and tells of them once they are done. If one is refused as `unavailable` it is told too, as uncertain:
 * the store may have it for all that it has answered.
 * @returns what takes the act as it is asked for, and what is to be told beside that of its answer; undefined: nothing was done
 */
export function auditing({ observer }: Services): Audited {
  return async ({ ip: address }, deed, act, outcome) => {
    try {
      const answer = await act();
      const done = outcome(answer);
      if (done) observer.administered?.({ address, ...deed, ...done });
      return answer;
    } catch (error) {
      if (isUnavailable(error)) observer.administered?.({ address, ...deed, isUncertain: true });
      throw error;
    }
  };
}

/** The reason that an operator has given, as the audit log has it; nothing if there is none. */
export function auditedReason(reason: string | null | undefined): Pick<Deed, 'reason'> {
  const text = reason?.trim();
  return text ? { reason: quote(text, maxReasonLength) } : {};
}
