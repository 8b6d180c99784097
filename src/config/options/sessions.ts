/** How long sessions last, how many there may be, and how much each may do. */

import {
  bytes,
  choice,
  countPerMinute,
  duration,
  optional,
  orOff,
  rateLimit,
  wholeNumber,
} from '../option-types.ts';
import type { OptionVisitor } from './option.ts';

const noLimit = Number.POSITIVE_INFINITY;
const million = 1_000_000;

export function sessionOptions(option: OptionVisitor) {
  return {
    sessionTimeoutMs: option(
      'SESSION_TIMEOUT',
      orOff(duration('seconds', 0.05, 604_800), null, 'sessions never expire by idleness'),
      '60',
      'After how many seconds without a sign of life a session ends.',
    ),
    reaperIntervalMs: option(
      'REAPER_INTERVAL',
      duration('seconds', 0.01, 3600),
      '5',
      'Every how many seconds idle sessions are looked for.',
    ),
    heartbeatMs: option(
      'HEARTBEAT',
      duration('seconds', 0.05, 3600),
      '15',
      'After how many seconds of silence a stream carries a heartbeat; a quarter of SESSION_TIMEOUT at most.',
    ),
    liveness: option(
      'LIVENESS',
      choice('stream', 'ping'),
      'stream',
      'What keeps a push session alive: its stream as long as it drains, or only its own requests.',
    ),
    maxSessions: option(
      'MAX_SESSIONS',
      orOff(wholeNumber(1, 10 * million), noLimit, 'no limit'),
      '20000',
      'How many sessions there may be at once.',
    ),
    maxMembers: option(
      'MAX_MEMBERS',
      orOff(wholeNumber(1, 10 * million), noLimit, 'no limit'),
      '2000',
      'How many sessions a room may have.',
    ),
    maxStreamsPerSession: option(
      'MAX_STREAMS_PER_SESSION',
      orOff(wholeNumber(1, 1000), noLimit, 'no limit'),
      '8',
      'How many open streams and waiting polls a session may have; one more ends the oldest.',
    ),
    maxStreamsPerIp: option(
      'MAX_STREAMS_PER_IP',
      orOff(wholeNumber(1, million), noLimit, 'no limit'),
      '256',
      'How many open streams and waiting polls a client address (IPv6: its /64) may have.',
    ),
    maxLoopDelayMs: option(
      'MAX_LOOP_DELAY',
      orOff(duration('seconds', 0.01, 60), null, 'however late'),
      '1',
      'How many seconds late the event loop may be before nobody new is let in.',
    ),
    maxMemoryBytes: option(
      'MAX_MEMORY',
      optional(orOff(bytes('16MiB', '1024GiB'), Number.POSITIVE_INFINITY, 'however much')),
      '',
      'How many bytes of memory the process may take before nobody new is let in; unless set, 85 % of what machine and container give, and of the heap of Node.',
    ),
    maxMessageBytes: option(
      'MAX_MESSAGE_BYTES',
      bytes('1', '64KiB'),
      '1024',
      'How many bytes of UTF-8 a message may have.',
    ),
    maxNameLength: option(
      'MAX_NAME_LENGTH',
      wholeNumber(1, 128),
      '32',
      'How many characters (code points) a name may have.',
    ),
    sendLimit: option(
      'SEND_LIMIT',
      orOff(rateLimit(), null, 'no limit'),
      '20/10',
      'How many messages a session may send in how many seconds.',
    ),
    updatesLimit: option(
      'UPDATES_LIMIT',
      orOff(rateLimit(), null, 'no limit'),
      '30/10',
      'How often a session may poll, ping or open a stream in how many seconds; a long poll over it is held, not refused.',
    ),
    createLimit: option(
      'CREATE_LIMIT',
      orOff(rateLimit(), null, 'no limit'),
      '120/60',
      'How many sessions a client address may create in how many seconds.',
    ),
    readLimit: option(
      'READ_LIMIT',
      orOff(rateLimit(), null, 'no limit'),
      '120/10',
      'How often a client address may read rooms, history and feeds, or come with an unknown credential.',
    ),
    floodStrikes: option(
      'FLOOD_STRIKES',
      orOff(countPerMinute(10_000), null, 'nobody is shown out for it'),
      '20',
      'How many refused messages within a minute end a session as flooding.',
    ),
    slowClientBytes: option(
      'SLOW_CLIENT_BYTES',
      bytes('4KiB', '64MiB'),
      '256KiB',
      'How many bytes may be queued for one connection.',
    ),
    slowClientMs: option(
      'SLOW_CLIENT_SECONDS',
      duration('seconds', 0.1, 3600),
      '10',
      'After how many seconds in which a connection took nothing its stream ends as slow.',
    ),
  };
}
