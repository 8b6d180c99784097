/** Why a session or a stream ended, and what its client should do about it. */

import { ChatError } from './errors.ts';

/** What a client does after an ending. */
type Action = 'stop' | 'create' | 'reconnect';

/** Every reason for an ending, with what the client should do and when it happens. */
export const endings = {
  destroyed: { action: 'stop', happensWhen: 'the client destroyed its session' },
  'taken-over': { action: 'stop', happensWhen: 'the same user logged in elsewhere' },
  removed: { action: 'stop', happensWhen: 'an operator showed the client out' },
  revoked: { action: 'stop', happensWhen: 'the permission to be here was withdrawn' },
  flooding: { action: 'stop', happensWhen: 'too many sends were refused in a minute' },
  superseded: { action: 'stop', happensWhen: 'the session opened too many streams; the oldest ends' },
  expired: {
    action: 'create',
    happensWhen:
      'nothing was heard from the client for SESSION_TIMEOUT, or what vouched for its user is over',
  },
  failed: { action: 'create', happensWhen: 'a fault of the server in serving this session' },
  slow: { action: 'reconnect', happensWhen: 'the connection took no bytes for SLOW_CLIENT_SECONDS' },
  shutdown: { action: 'reconnect', happensWhen: 'the server is stopping' },
  unavailable: {
    action: 'reconnect',
    happensWhen: 'the stream is refused, or cannot go on, for a passing reason',
  },
} as const satisfies Record<string, { action: Action; happensWhen: string }>;

export type EndReason = keyof typeof endings;

/** The reasons for which a whole session ends; the others end one stream only. */
export type SessionEndReason = Extract<
  EndReason,
  'destroyed' | 'taken-over' | 'removed' | 'revoked' | 'flooding' | 'expired' | 'failed'
>;

/** What a client is told at the end of a stream. */
export interface Ending {
  readonly reason: EndReason;
  readonly action: Action;
  /** Whether connecting again with the same credential makes sense. */
  readonly reconnect: boolean;
  /** What whoever ended it says about it: text for the client. */
  readonly detail?: string;
}

/** The ending for a reason, as it goes over the wire. */
export function endingOf(reason: EndReason, detail?: string): Ending {
  const { action } = endings[reason];
  return { reason, action, reconnect: action === 'reconnect', ...(detail === undefined ? {} : { detail }) };
}

/** The refusal of a session that is over, with why and what to do, if that is still known. */
export function sessionGone(ending: Ending | undefined): ChatError {
  if (!ending) return new ChatError('session-gone', 'There is no such session: it has ended, or never was.');
  const { reason, action, detail } = ending;
  return new ChatError(
    'session-gone',
    `Your session has ended: ${reason}${detail === undefined ? '' : ` (${detail})`}.`,
    { reason, action, ...(detail === undefined ? {} : { endingDetail: detail }) },
  );
}
