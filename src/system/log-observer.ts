/** What happens to sessions and streams, as log lines: never message text, names only at debug. */

import type { RoomObserver } from '../core/observer.ts';

type Write = { (fields: object, message: string): void; (message: string): void };

/** What lines are written to: a logger of pino, or of a Fastify application. */
export interface Log {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  child(fields: Record<string, unknown>, options: { readonly level: 'info' }): Log;
}

/** What is logged of an error answer. */
interface LoggedProblem {
  readonly requestId: string;
  readonly code: string;
  readonly status: number;
  /** Why the session ended that was asked for. */
  readonly reason?: string;
  /** The option whose limit was reached. */
  readonly limit?: string;
}

/** What was asked, without a word of the client's. */
interface LoggedRequest {
  readonly method?: string;
  readonly route?: string;
  readonly sessionId?: string;
}

export function logObserver(log: Log): RoomObserver {
  // That a store is ready at the start is no news: the server says that it is open.
  let isAway = false;
  // The audit log is written whatever else is.
  const audit = log.child({ audit: true }, { level: 'info' });
  return {
    sessionCreated({ sessionId, name, room }) {
      log.info({ sessionId, room: room.name }, 'session created');
      log.debug({ sessionId, member: name }, 'session has a name');
    },
    sessionResumed({ sessionId, room }) {
      log.info({ sessionId, room: room.name }, 'session resumed');
    },
    sessionEnded({ sessionId, room, ...ended }, reason) {
      const { delivery, createdAt, lastInbound, lastOutbound, endedAt, sent } = ended;
      log.info(
        {
          sessionId,
          room: room.name,
          reason,
          delivery,
          seconds: secondsOf(endedAt - createdAt),
          // Since the last accepted request, and since bytes were last taken.
          inboundSeconds: secondsOf(endedAt - lastInbound),
          outboundSeconds: secondsOf(endedAt - lastOutbound),
          bytes: sent.bytes,
          events: sent.events,
        },
        'session ended',
      );
    },
    streamOpened(room, isResumed) {
      log.debug({ room, isResumed }, 'stream opened');
    },
    streamEnded(room, reason) {
      if (reason === 'slow') log.warn({ room }, 'stream ended as slow');
      else log.debug({ room, reason }, 'stream ended');
    },
    gapTold(room, lost) {
      log.debug({ room, lost }, 'gap told');
    },
    storeStatus(status, why) {
      if (status === 'away') log.error({ why }, 'the store is away: nothing can be committed');
      else if (isAway) log.info('the store is back');
      isAway = status === 'away';
    },
    logReplaced(room, isLost) {
      if (isLost) log.warn({ room }, 'the store has lost what was said in a room: its log begins anew');
      else log.warn({ room }, 'more of a room was missed than is kept');
    },
    storeReconnected(why) {
      log.warn({ why }, 'a connection to the store was lost and is back');
    },
    storeRisk(line) {
      log.warn(line);
    },
    closingsLost(count) {
      log.warn(
        { sessions: count },
        'sessions have ended that the store still has: after a restart they are there until they expire',
      );
    },
    notificationsDropped(count) {
      log.warn({ notifications: count }, 'SESSION_WEBHOOK was not told of some sessions');
    },
    overload(cause, { loopDelayMs, rssBytes, heapBytes }) {
      const strain = { loopDelayMs: Math.round(loopDelayMs), rssBytes, heapBytes };
      if (cause) log.warn({ cause, ...strain }, 'overloaded: nobody new is let in');
      else log.info(strain, 'no longer overloaded');
    },
    administered({ act, ...deed }) {
      audit.info(deed, `administration: ${act}`);
    },
    fault(error, doing) {
      log.error({ err: error, doing }, 'fault');
    },
  };
}

/**
 * Error answers as log lines, each with the id that the client got: faults as errors, refusals at debug, for
 * whoever likes can have any number of them, and a server that is full has no time to write.
 */
export function logProblems(
  log: Log,
): (problem: LoggedProblem, thrown: unknown, asked?: LoggedRequest) => void {
  return ({ requestId, code, status, reason, limit }, thrown, asked = {}) => {
    // Without the detail, which may quote what the client sent.
    const told = {
      requestId,
      code,
      status,
      ...asked,
      ...(reason === undefined ? {} : { reason }),
      ...(limit === undefined ? {} : { limit }),
    };
    if (code === 'internal') log.error({ err: thrown, ...told }, 'request failed');
    else log.debug(told, 'request refused');
  };
}

function secondsOf(ms: number): number {
  return Math.max(0, Math.round(ms) / 1000);
}
