/**
 * Pull: one waiting `getUpdates`. Members on pull cost nothing per event; the room calls only those that
 * wait, and what they get is read from the log.
 */

import type { RoomListener } from '../core/callback-adapter.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Position } from '../core/cursor.ts';
import { type Ending, endings, sessionGone } from '../core/endings.ts';
import type { Reading } from '../core/event-log.ts';
import { endingDetailOf } from '../core/restriction-words.ts';
import type { Restrictions } from '../core/restrictions.ts';
import type { Session } from '../core/session.ts';
import { maxAnswerBytes } from './reading-json.ts';
import type { Reader, StreamSet } from './stream-set.ts';

export interface PollQuery {
  /** Undefined: since the session's previous call without it. */
  readonly after: Position | undefined;
  readonly limit: number;
  /** How long to wait for an event; 0 answers at once. */
  readonly waitMs: number;
  /** A `HEAD` request never joins, waits or moves a position [SES-3]. */
  readonly isHead: boolean;
  /**
   * Whose waiting polls and streams are counted together; asked for only if it waits.
   * @throws ChatError `permission-denied` if that is banned by now
   */
  address(): string;
  /** Calls back when the caller hangs up. Returns what stops that. */
  onHangUp(callback: () => void): () => void;
}

export interface PollContext {
  readonly clock: Clock;
  readonly streams: StreamSet;
}

/**
 * The whole of `getUpdates`. What can be answered at once is answered without a promise: an empty poll is the
 * commonest request there is.
 * @throws ChatError `session-gone`, `permission-denied`, `rate-limited`, `unavailable`
 */
export function getUpdates(
  session: Session,
  query: PollQuery,
  context: PollContext,
): Reading | Promise<Reading> {
  const asked = session.authorize('getUpdates');
  return asked
    ? asked.then(() => answerAllowed(session, query, context))
    : answerAllowed(session, query, context);
}

function answerAllowed(session: Session, query: PollQuery, context: PollContext): Reading | Promise<Reading> {
  const joins = !session.isJoined && !query.isHead;
  if (joins || (query.waitMs > 0 && !query.isHead)) return joinAndWait(session, query, context);
  session.requireUpdate();
  session.touch();
  const start = startOf(session, query);
  const reached = session.chatRoom.reach(start);
  if (reached) return reached.then(() => read(session, query, start, query.limit));
  return read(session, query, start, query.limit);
}

async function joinAndWait(session: Session, query: PollQuery, context: PollContext): Promise<Reading> {
  const deadline = context.clock.monotonic() + query.waitMs;
  const isHeldUp = await holdForRoom(session, query, context, deadline);
  if (!isHeldUp) await session.join();
  session.touch();
  // Kept while it waits: another poll of the session may move the position meanwhile.
  const start = startOf(session, query);
  await session.chatRoom.reach(start);
  const reading = read(session, query, start, isHeldUp ? 0 : query.limit);
  if (isHeldUp) return reading;
  const restMs = deadline - context.clock.monotonic();
  if (query.waitMs === 0 || restMs <= 0 || reading.events.length > 0 || reading.gap || session.hasNotices)
    return reading;
  const isCutShort = await new PollCallbackAdapter(session, context, query).wait(restMs);
  // What he may can have changed while it waited.
  await session.authorize('getUpdates');
  session.touch();
  return read(session, query, start, isCutShort ? 0 : query.limit);
}

function startOf({ position }: Session, query: PollQuery): Position {
  return query.after ?? position;
}

/**
 * Reads the log from a position on; a client that gives none has the one moved that is kept for it.
 * @param limit 0 answers with no events, and moves nothing
 */
function read(session: Session, query: PollQuery, start: Position, limit: number): Reading {
  const reading = session.chatRoom.log.since(start, { events: limit, bytes: maxAnswerBytes });
  if (query.after === undefined && !query.isHead && limit > 0) session.moveTo(reading.cursor);
  return reading;
}

/**
 * Counts against UPDATES_LIMIT. A long poll over it is held, not refused; but one that would end before there is
 * room for it is refused, or a tiny `wait` would be a way around the limit.
 * @returns whether the request is to be answered at once, with no events
 */
async function holdForRoom(
  session: Session,
  query: PollQuery,
  context: PollContext,
  deadline: number,
): Promise<boolean> {
  // Again after each hold: other polls of the session may have held for the same room.
  for (let refusal = session.usage.takeUpdate(); refusal; refusal = session.usage.takeUpdate()) {
    const holdMs = refusal.extras.retryAfterMs ?? 0;
    if (context.clock.monotonic() + holdMs > deadline) throw refusal;
    if (await new PollCallbackAdapter(session, context, query).hold(holdMs)) return true;
  }
  return false;
}

class PollCallbackAdapter implements Reader, RoomListener {
  readonly isActive = true;
  readonly isStream = false;
  readonly reachedAt = undefined;
  readonly #session: Session;
  readonly #context: PollContext;
  readonly #query: PollQuery;
  // While it waits.
  #address = '';
  #settle: ((why: Ending | 'event' | 'notice' | 'late' | 'hung-up') => void) | undefined;

  constructor(session: Session, context: PollContext, query: PollQuery) {
    this.#session = session;
    this.#context = context;
    this.#query = query;
  }

  /** Resolves at the next event or notice, and as `hold`. */
  async wait(ms: number): Promise<boolean> {
    this.#session.chatRoom.listen(this);
    try {
      return await this.hold(ms);
    } finally {
      this.#session.chatRoom.unlisten(this);
    }
  }

  /**
   * Resolves after `ms`, when superseded, at shutdown, and when the caller hangs up [SES-11].
   * @returns whether the request is to be answered at once, with no events
   * @throws ChatError `session-gone`, `rate-limited`
   */
  async hold(ms: number): Promise<boolean> {
    const { clock, streams } = this.#context;
    const address = this.#query.address();
    streams.admit(address);
    this.#address = address;
    let timer: Timer | undefined;
    let forgetHangUp: (() => void) | undefined;
    try {
      this.#session.plug(this);
      const why = await new Promise<Ending | 'event' | 'notice' | 'late' | 'hung-up'>((resolve) => {
        this.#settle = resolve;
        timer = clock.after(ms, () => resolve('late'));
        forgetHangUp = this.#query.onHangUp(() => resolve('hung-up'));
        streams.addPoll(this);
      });
      if (typeof why === 'string') return why === 'hung-up';
      // Superseded or shut down is answered by no events, the end of the session by its reason [SES-11].
      if (endings[why.reason].action !== 'reconnect' && why.reason !== 'superseded') throw sessionGone(why);
      return true;
    } finally {
      timer?.cancel();
      forgetHangUp?.();
      streams.deletePoll(this);
      streams.dismiss(address);
      this.#session.unplug(this);
    }
  }

  replaced(): void {
    this.deliver();
  }

  deliver(): void {
    this.#settle?.('event');
  }

  /** It is answered with what waits. */
  notify(): boolean {
    this.#settle?.('notice');
    return false;
  }

  fail(): void {
    void this.#session.destroy('failed');
  }

  /** As a stream of a member who is at another address than when he came. */
  restrictionsChanged(restrictions: Restrictions): void {
    const hit = restrictions.hitting({ room: this.#session.room, address: this.#address });
    if (hit) void this.#session.destroy('removed', endingDetailOf(hit));
  }

  end(ending: Ending): void {
    this.#settle?.(ending);
  }
}
