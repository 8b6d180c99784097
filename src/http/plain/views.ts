/** What of a room's log the pages show. */

import type { FastifyRequest } from 'fastify';
import { formatCursor, type Position } from '../../core/cursor.ts';
import type { EventLog, Reading } from '../../core/event-log.ts';
import { hasText } from '../../core/events.ts';
import type { Session } from '../../core/session.ts';
import { getUpdates } from '../../delivery/poll-callback-adapter.ts';
import { addressKey } from '../client-address.ts';
import type { Services } from '../services.ts';
import { type LogView, seenOf } from './log.ts';

interface LogQuery {
  /** What the reader has seen. */
  readonly after: Position | undefined;
  /** Where the page ends; undefined for the newest. */
  readonly before: Position | undefined;
}

const pageOfMember = { events: 100, bytes: 128 * 1024 };
/** Among these events are the last messages that a guest sees. */
const pageOfGuest = { events: 100, bytes: 32 * 1024 };
const maxGuestMessages = 20;

/**
 * Polls as a pull client does, and gives the page of the log that is asked for.
 * @throws ChatError as `getUpdates`
 */
export async function memberView(
  request: FastifyRequest,
  session: Session,
  path: string,
  query: LogQuery,
  services: Services,
): Promise<LogView> {
  const { log: before } = session.chatRoom;
  const { gap } = await getUpdates(
    session,
    {
      after: query.after ?? before.headCursor,
      limit: 1,
      waitMs: 0,
      isHead: request.method === 'HEAD',
      address: () => addressKey(request.ip),
      onHangUp: () => () => {},
    },
    services,
  );
  const { log } = session.chatRoom;
  const shown = log.before(query.before, pageOfMember);
  const last = lastOf(shown);
  return {
    path,
    roster: log.roster,
    shown,
    seenId: seenOf(query.after, gap),
    lost: gap ? gap.lost : shown.gap ? shown.gap.lost : undefined,
    ownName: session.name,
    since: query.before === undefined ? undefined : log.headId - last,
    end: formatCursor({ epoch: log.epoch, id: last }),
  };
}

/** For whom no poll is counted: a guest, or a member whose request was refused. */
export function uncountedView(log: EventLog, path: string | undefined, member: Session | undefined): LogView {
  return {
    path,
    roster: log.roster,
    shown: member ? log.before(undefined, pageOfMember) : lastMessages(log),
    seenId: undefined,
    lost: undefined,
    ownName: member?.name,
    since: undefined,
    end: formatCursor(log.headCursor),
  };
}

/** Who has come and gone is no news at the door: the roster says who is there. */
function lastMessages(log: EventLog): Reading {
  const shown = log.before(undefined, pageOfGuest);
  const messages = shown.events.filter(({ event }) => hasText(event));
  return { ...shown, events: messages.slice(-maxGuestMessages) };
}

function lastOf({ events, cursor }: Reading): number {
  return events.at(-1)?.event.id ?? cursor.id;
}
