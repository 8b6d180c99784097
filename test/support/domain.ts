/** The whole domain on a memory store and a fake clock: what `plugin.ts` puts together, without HTTP. */

import type { User } from '../../src/core/authenticator.ts';
import type { Created, CreateRequest } from '../../src/core/create-request.ts';
import type { EndReason, SessionEndReason } from '../../src/core/endings.ts';
import { ChatError, type ErrorCode, type RateLimit } from '../../src/core/errors.ts';
import type { HistoryLimits } from '../../src/core/event-log.ts';
import type { ChatRoomEvent } from '../../src/core/events.ts';
import type { Hooks } from '../../src/core/hooks.ts';
import { ReaperTask } from '../../src/core/reaper-task.ts';
import { Restrictions } from '../../src/core/restrictions.ts';
import { Rooms, type RoomsOptions } from '../../src/core/rooms.ts';
import { type RegistryLimits, SessionRegistry } from '../../src/core/session-registry.ts';
import type { Store } from '../../src/core/store.ts';
import { Passes } from '../../src/delivery/passes.ts';
import { StreamSet } from '../../src/delivery/stream-set.ts';
import { MemoryStore } from '../../src/stores/memory-store.ts';
import { skeleton } from '../../src/system/skeleton.ts';
import { systemTokens } from '../../src/system/system-tokens.ts';
import { FakeClock } from './fake-clock.ts';

export const timeoutMs = 60_000;
export const intervalMs = 5_000;

export interface DomainOptions {
  readonly hooks?: Hooks;
  readonly limits?: Partial<RegistryLimits>;
  readonly rooms?: Partial<RoomsOptions>;
  readonly history?: Partial<HistoryLimits>;
  /** Stands before the memory store. */
  readonly wrap?: (store: Store) => Store;
  /** The store of another domain that this one shares: as a second process. */
  readonly shares?: Store;
  /** Whether `wrap` stands before bans and closed rooms too. */
  readonly wrapsRestrictions?: boolean;
}

/** A session as the observer saw it. */
export interface Seen {
  readonly sessionId: string;
  readonly name: string;
  readonly ended: SessionEndReason[];
}

export interface Domain {
  readonly clock: FakeClock;
  readonly store: Store;
  readonly rooms: Rooms;
  readonly restrictions: Restrictions;
  readonly registry: SessionRegistry;
  readonly reaper: ReaperTask;
  readonly streams: StreamSet;
  /** What failed unnoticed, as `doing`. */
  readonly faults: string[];
  /** All sessions that were ever created, in order. */
  readonly seen: readonly Seen[];
  readonly streamsEnded: readonly (EndReason | 'closed')[];
  create(name: string, request?: Partial<CreateRequest>): Promise<Created>;
  /** What a room's log has. */
  events(room?: string): Promise<readonly ChatRoomEvent[]>;
  users(room?: string): Promise<readonly string[]>;
}

const unlimited: RegistryLimits = {
  maxSessions: 1000,
  maxNameLength: 32,
  maxMessageBytes: 1024,
  maxStreams: 8,
  send: null,
  updates: null,
  floodStrikes: null,
  timeoutMs,
};

export function openDomain(options: DomainOptions = {}): Domain {
  const clock = new FakeClock();
  const history: HistoryLimits = {
    events: 10_000,
    bytes: 1 << 24,
    ageMs: Number.POSITIVE_INFINITY,
    ...options.history,
  };
  const memory = new MemoryStore({ clock, history, maxTotalBytes: Number.POSITIVE_INFINITY });
  const store = options.wrap?.(memory) ?? memory;
  const faults: string[] = [];
  const seen: Seen[] = [];
  const byId = new Map<string, Seen>();
  const streamsEnded: (EndReason | 'closed')[] = [];
  const observer = {
    sessionCreated({ sessionId, name }: { sessionId: string; name: string }) {
      const session: Seen = { sessionId, name, ended: [] };
      seen.push(session);
      byId.set(sessionId, session);
    },
    sessionResumed(session: { sessionId: string; name: string }) {
      observer.sessionCreated(session);
    },
    sessionEnded({ sessionId }: { sessionId: string }, reason: SessionEndReason) {
      const session = byId.get(sessionId);
      if (!session) throw new Error('A session ended that was never created.');
      session.ended.push(reason);
    },
    streamEnded(_room: string, reason: EndReason | 'closed') {
      streamsEnded.push(reason);
    },
    fault(_error: unknown, doing: string) {
      faults.push(doing);
    },
  };
  const rooms = new Rooms({
    names: '*',
    maxRooms: 100,
    maxMembers: 1000,
    history,
    maxTotalBytes: Number.POSITIVE_INFINITY,
    unloadAfterMs: timeoutMs,
    store,
    clock,
    observer,
    ...options.rooms,
  });
  const limits = { ...unlimited, ...options.limits };
  const restrictions = new Restrictions({
    store: options.shares ?? (options.wrapsRestrictions ? store : memory),
    clock,
    tokens: systemTokens,
    skeleton,
    maxNameLength: 32,
    requireRoom: (name) => rooms.requireRoom(name),
    observer,
  });
  const opened = restrictions.open();
  const registry = new SessionRegistry({
    restrictions,
    rooms,
    store,
    clock,
    tokens: systemTokens,
    skeleton,
    hooks: options.hooks ?? {},
    observer,
    limits,
  });
  const reaper = new ReaperTask({
    registry,
    rooms,
    store,
    clock,
    observer,
    limits: [],
    intervalMs,
    timeoutMs: limits.timeoutMs,
  });
  const streams = new StreamSet({
    clock,
    passes: new Passes(clock),
    heartbeatMs: 15_000,
    slowMs: 10_000,
    maxPerAddress: Number.POSITIVE_INFINITY,
  });
  return {
    clock,
    store,
    rooms,
    restrictions,
    registry,
    reaper,
    streams,
    faults,
    seen,
    streamsEnded,
    async create(name, request) {
      await opened;
      return registry.create({
        room: 'lobby',
        name,
        user: null,
        delivery: 'pull',
        held: undefined,
        createKey: null,
        isAborted: () => false,
        ...request,
      });
    },
    async events(room = 'lobby') {
      const { log } = await rooms.open(room);
      return log.snapshot().events.map((entry) => entry.event);
    },
    async users(room = 'lobby') {
      return (await rooms.open(room)).log.roster.names();
    },
  };
}

export function user(id: string, name = id): User {
  return { id, name, claims: {} };
}

export function perWindow(option: string, count: number, seconds: number): RateLimit {
  return { option, count, seconds };
}

/** For `assert.rejects` and `assert.throws`: a ChatError of this code, and of this reason if one is given. */
export function refused(code: ErrorCode, reason?: string): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof ChatError)) throw error;
    if (error.code !== code || (reason !== undefined && error.extras.reason !== reason)) {
      throw new Error(`Expected ${code} ${reason ?? ''}, got ${error.code} ${error.extras.reason ?? ''}.`, {
        cause: error,
      });
    }
    return true;
  };
}

/** What a client that only reads the log knows of a sequence of events: `+Ada`, `-Ada`, `Ada: hello`, `! announced`, `x43`. */
export function told(events: readonly ChatRoomEvent[]): string[] {
  return events.map(tell);
}

function tell(event: ChatRoomEvent): string {
  switch (event.type) {
    case 'join':
      return `+${event.name}`;
    case 'leave':
      return `-${event.name}`;
    case 'message':
      return `${event.name}: ${event.message}`;
    case 'announcement':
      return `! ${event.message}`;
    case 'redaction':
      return `x${event.target}`;
  }
}
