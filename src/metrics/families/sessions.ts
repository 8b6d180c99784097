/** Who comes and goes, and what is refused or fails. */

import { each, type Family, one } from './family.ts';

/** Whose refusals are there from the start: a rate needs a first zero. */
const limitOptions = [
  'CREATE_LIMIT',
  'READ_LIMIT',
  'SEND_LIMIT',
  'UPDATES_LIMIT',
  'MAX_MEMBERS',
  'MAX_ROOMS',
  'MAX_SESSIONS',
  'MAX_STREAMS_PER_IP',
  'MAX_LOOP_DELAY',
  'MAX_MEMORY',
  'AUTH',
  'ADMIN_TOKEN',
];

export const sessionFamilies: readonly Family[] = [
  one('counter', 'parlor_sessions_created_total', 'Sessions that were created here.', [], ({ sources }) => [
    [sources.counters.sessionsCreated],
  ]),
  one(
    'counter',
    'parlor_sessions_resumed_total',
    'Sessions of before a restart, or of another instance, that came here.',
    [],
    ({ sources }) => [[sources.counters.sessionsResumed]],
  ),
  one(
    'counter',
    'parlor_sessions_ended_total',
    'Sessions that have ended, by the reason; expired: the reaper has ended them.',
    ['reason'],
    ({ sources }) => each(sources.counters.sessionsEnded, 'reason'),
  ),
  one(
    'counter',
    'parlor_problems_total',
    'Requests answered with a problem, by its code.',
    ['code'],
    ({ sources }) => each(sources.counters.problems, 'code'),
  ),
  one(
    'counter',
    'parlor_refusals_total',
    'Requests refused because a limit was reached, by the option that sets it.',
    ['limit'],
    ({ sources: { counters } }) => {
      const known = new Map([...limitOptions.map((option) => [option, 0] as const), ...counters.refusals]);
      return [...known].map(([limit, count]) => [count, { limit }]);
    },
  ),
  one(
    'counter',
    'parlor_admin_tokens_wrong_total',
    'Requests that came with a wrong ADMIN_TOKEN.',
    [],
    ({ sources }) => [[sources.counters.wrongAdminTokens]],
  ),
  one(
    'counter',
    'parlor_notifications_dropped_total',
    'Beginnings and ends of sessions that SESSION_WEBHOOK could not be told.',
    [],
    ({ sources }) => [[sources.counters.notificationsDropped]],
  ),
  one(
    'counter',
    'parlor_faults_total',
    'Failures that nobody waited for; the log has each.',
    [],
    ({ sources }) => [[sources.counters.faults]],
  ),
];
