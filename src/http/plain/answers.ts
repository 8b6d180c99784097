/** Which page answers what: gathers what it shows. Those for refusals ask no store, wait for nothing and count nothing. */

import type { FastifyRequest } from 'fastify';
import { formatCursor, type Position } from '../../core/cursor.ts';
import type { ChatError } from '../../core/errors.ts';
import type { EventLog } from '../../core/event-log.ts';
import { wordsOf as wordsOfHit } from '../../core/restriction-words.ts';
import type { Session } from '../../core/session.ts';
import { addressKey } from '../client-address.ts';
import { retrySeconds } from '../errors.ts';
import type { Services } from '../services.ts';
import { doorOf } from './door.ts';
import { noRoomPage, type Page } from './layout.ts';
import { lastName } from './name-cookie.ts';
import { endingWords, wordsOf } from './problem-words.ts';
import {
  frameNotice,
  framePage,
  insidePage,
  leavePage,
  newsPage,
  outsidePage,
  type RoomPlace,
  type Typed,
  wordPage,
} from './room-pages.ts';
import { strings } from './strings.ts';
import { memberView, uncountedView } from './views.ts';
import { hadCookie, isOutside, refusedSession } from './visitor.ts';

type RoomRequest = FastifyRequest<{ Params: { room: string } }>;

interface Positions {
  readonly after: Position | undefined;
  readonly before: Position | undefined;
}

const refreshSeconds = 5;
// Beside a page that stays as it is.
const quietSeconds = 15;

export class PlainAnswers {
  readonly #services: Services;
  readonly #stylesheet: string;

  constructor(services: Services, stylesheet: string) {
    this.#services = services;
    this.#stylesheet = stylesheet;
  }

  /** Differs from page to page: else a browser takes an address for the one that it shows already, and asks nobody. */
  mark(): string {
    return this.#services.clock.wall().toString(36);
  }

  /** @throws ChatError as `getUpdates` */
  async inside(request: RoomRequest, session: Session, positions: Positions): Promise<Page> {
    const place = this.#place(request);
    const view = await memberView(request, session, `/plain/${place.room}`, positions, this.#services);
    return insidePage({
      ...place,
      typed: this.#typed(request),
      notice: undefined,
      name: session.name,
      head: headOf(session.chatRoom.log),
      view,
      mark: this.mark(),
    });
  }

  /**
   * @param gone why a stay has ended, if one has
   * @param from which form led here
   * @throws ChatError `rate-limited`, `unavailable`
   */
  async outside(request: RoomRequest, gone: ChatError | undefined, from: string | undefined): Promise<Page> {
    const { config, rooms, readLimit, restrictions, clock } = this.#services;
    const place = this.#place(request);
    let log: EventLog | undefined;
    const hit = restrictions.hitting({ room: place.room, address: request.ip });
    if (!hit && config.feed === 'public') {
      readLimit.take(addressKey(request.ip), clock.monotonic());
      ({ log } = await rooms.open(place.room));
    }
    const why = hit && wordsOfHit(hit);
    const notice = why ?? (gone ? endingWords(gone) : noticeFrom(from, lastName(request) !== ''));
    return this.#outsidePage(request, notice, log, false);
  }

  /** @throws ChatError as `getUpdates` */
  async frame(request: RoomRequest, session: Session, positions: Positions): Promise<Page> {
    const place = this.#place(request);
    const view = await memberView(request, session, `/plain/${place.room}/log`, positions, this.#services);
    return framePage({
      ...place,
      view,
      head: headOf(session.chatRoom.log),
      refreshSeconds: this.#within(refreshSeconds),
    });
  }

  /** @throws ChatError as `getUpdates` */
  async news(request: RoomRequest, session: Session, { after }: Positions): Promise<Page> {
    const place = this.#place(request);
    const positions = { after, before: after };
    const view = await memberView(request, session, `/plain/${place.room}/log`, positions, this.#services);
    return newsPage(place, view, this.#within(quietSeconds));
  }

  refusedFrame(request: RoomRequest, error: ChatError): Page {
    if (error.code === 'room-not-found') return this.#noRoom();
    const place = this.#place(request);
    const seconds = retrySeconds(error);
    return frameNotice(place, memberWords(error, request.id), {
      joinsAgain: isOutside(error),
      refreshSeconds: seconds === undefined ? undefined : Math.max(seconds, refreshSeconds),
    });
  }

  /** The page as it would be, with what was typed and why it was refused. */
  refused(request: RoomRequest, error: ChatError): Page {
    switch (error.code) {
      case 'room-not-found':
        return this.#noRoom();
      case 'cross-origin':
      case 'method-not-allowed':
        return wordPage(this.#place(request), wordsOf(error, request.id));
      default:
        return this.#refusedRoom(request, error);
    }
  }

  /** Somebody wanted to leave and has, but that is not certain yet. */
  refusedLeave(request: RoomRequest, error: ChatError): Page {
    if (error.code !== 'unavailable') return this.refused(request, error);
    return leavePage(this.#place(request), wordsOf(error, request.id));
  }

  #refusedRoom(request: RoomRequest, error: ChatError): Page {
    const { rooms, config, restrictions } = this.#services;
    const place = this.#place(request);
    const isJoining = request.routeOptions.url?.endsWith('/join') ?? false;
    const session = refusedSession(request, place.room, this.#services);
    // From a banned address nobody sees what is in the room.
    const hit = restrictions.hitting({ room: place.room, address: request.ip });
    const isStill = session ? true : !isJoining && hadCookie(request, place.room);
    const isInside = !hit && isStill && !isOutside(error);
    const words = hit ? wordsOfHit(hit) : (isJoining ? wordsOf : memberWords)(error, request.id);
    if (!isInside) {
      const log = !hit && config.feed === 'public' ? rooms.find(place.room)?.log : undefined;
      const isUnknown = isJoining && error.code === 'credentials-required';
      return this.#outsidePage(request, words, log, isUnknown);
    }
    const log = session?.chatRoom.log;
    return insidePage({
      ...place,
      typed: this.#typed(request, error),
      notice: words,
      name: session?.name,
      head: log && headOf(log),
      view: session && log && uncountedView(log, `/plain/${place.room}`, session),
      mark: this.mark(),
    });
  }

  #outsidePage(
    request: RoomRequest,
    notice: string | undefined,
    log: EventLog | undefined,
    isUnknown: boolean,
  ): Page {
    const place = this.#place(request);
    return outsidePage({
      ...place,
      typed: this.#typed(request),
      notice,
      isCalm: notice === strings.hasLeft,
      door: doorOf(request, this.#services, {
        needsPassword: isUnknown || textIn(request.body, 'password') !== '',
        isRefused: isUnknown,
      }),
      view: log && uncountedView(log, undefined, undefined),
    });
  }

  /** Read from a body that may have been refused for its shape. */
  #typed(request: RoomRequest, error?: ChatError): Typed {
    const { tokens } = this.#services;
    const isSending = request.routeOptions.url?.endsWith('/send') ?? false;
    const key = textIn(request.body, isSending ? 'key' : 'messageKey');
    const createKey = isSending ? '' : textIn(request.body, 'key');
    return {
      name: textIn(request.body, 'name') || lastName(request),
      message: textIn(request.body, 'message'),
      createKey: createKey || tokens.id(),
      key: key === '' || error?.code === 'key-reused' ? tokens.id() : key,
    };
  }

  #place(request: RoomRequest): RoomPlace {
    return { room: request.params.room, stylesheet: this.#stylesheet };
  }

  #noRoom(): Page {
    return noRoomPage(this.#stylesheet, '/plain');
  }

  /** So many seconds, or less, where a reader would be taken for gone between two of them. */
  #within(seconds: number): number {
    const timeoutMs = this.#services.config.sessionTimeoutMs ?? Number.POSITIVE_INFINITY;
    return Math.min(seconds, Math.max(1, Math.floor(timeoutMs / 3000)));
  }
}

function noticeFrom(form: string | undefined, keepsCookies: boolean): string | undefined {
  if (form === 'join' && !keepsCookies) return strings.cookiesNeeded;
  return form === 'leave' ? strings.hasLeft : undefined;
}

/** Where a session is needed: these the domain puts in words for programs. */
function memberWords(error: ChatError, requestId: string): string {
  if (error.code === 'credentials-required') return strings.joinFirst;
  return error.code === 'permission-denied' ? strings.notAllowed : wordsOf(error, requestId);
}

function headOf(log: EventLog): string {
  return formatCursor(log.headCursor);
}

function textIn(body: unknown, field: string): string {
  const fields: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {};
  const value = fields[field];
  return typeof value === 'string' ? value : '';
}
