/**
 * The one table of what is counted and how it is called on the wire: names in base units, counters ending in `_total`. Each
 * is read from plain numbers when somebody asks. What is measured in buckets stands in `histograms.ts`.
 */

import { overloadCauses } from '../core/observer.ts';
import type { LoopDelay } from './loop-delay.ts';
import { heapBytes, residentBytes } from './memory.ts';
import type { RoomFigures, Snapshot } from './snapshot.ts';
import type { MetricSources } from './sources.ts';

/** What a family is read from. */
export interface Reading {
  readonly sources: MetricSources;
  readonly now: Snapshot;
  readonly loopDelay: LoopDelay;
}

type Sample = readonly [value: number, labels?: Readonly<Record<string, string>>];

export interface Family {
  readonly type: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  read(reading: Reading): Iterable<Sample>;
}

const states = ['starting', 'ready', 'store-away', 'draining'];
const storeStates = ['starting', 'ready', 'away'];
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
  'ADMIN_TOKEN',
];

export const families: readonly Family[] = [
  one(
    'gauge',
    'parlor_build_info',
    'Always 1: which Parlor runs, on which Node.',
    ['version', 'node'],
    ({ sources }) => [[1, { version: sources.version, node: process.version }]],
  ),
  one(
    'gauge',
    'parlor_state',
    '1 for how the server stands, as /readyz says it, 0 for the others.',
    ['state'],
    ({ sources }) => states.map((state) => [sources.state() === state ? 1 : 0, { state }]),
  ),

  one(
    'gauge',
    'parlor_members',
    'Members whose sessions this process serves, by the delivery they asked for.',
    ['room', 'delivery'],
    ({ now }) =>
      byRoom(now, ({ pull, push }) => [
        [pull, { delivery: 'pull' }],
        [push, { delivery: 'push' }],
      ]),
  ),
  one(
    'gauge',
    'parlor_roster_names',
    'Names in the room, wherever their sessions are served.',
    ['room'],
    ({ now }) => byRoom(now, ({ roster }) => [[roster]]),
  ),
  one(
    'gauge',
    'parlor_streams',
    'Open streams, of members and of readers of the feed.',
    ['room', 'kind'],
    ({ now }) =>
      byRoom(now, ({ memberStreams, feedStreams }) => [
        [memberStreams, { kind: 'member' }],
        [feedStreams, { kind: 'feed' }],
      ]),
  ),
  one('gauge', 'parlor_history_events', 'Events that are kept.', ['room'], ({ now }) =>
    byRoom(now, ({ events }) => [[events]]),
  ),
  one('gauge', 'parlor_history_bytes', 'What the events that are kept take.', ['room'], ({ now }) =>
    byRoom(now, ({ bytes }) => [[bytes]]),
  ),
  one('gauge', 'parlor_rooms', 'Rooms in memory.', [], ({ now }) => [[now.rooms]]),
  one(
    'gauge',
    'parlor_sessions',
    'Sessions that this process serves; reserved ones have not joined yet.',
    ['state'],
    ({ now }) => [
      [now.sessions.pull + now.sessions.push, { state: 'joined' }],
      [now.sessions.reserved, { state: 'reserved' }],
    ],
  ),
  one('gauge', 'parlor_polls_waiting', 'Polls that wait for an event.', [], ({ now }) => [[now.polls]]),
  one(
    'gauge',
    'parlor_limit',
    'How many there may be, by the option that says so.',
    ['option'],
    ({ sources }) => Object.entries(sources.limits).map(([option, limit]) => [limit, { option }]),
  ),

  one(
    'counter',
    'parlor_events_total',
    'Events that were committed, in rooms that this process has in use.',
    ['type'],
    ({ sources }) => each(sources.counters.byType, 'type'),
  ),
  one(
    'counter',
    'parlor_deliveries_total',
    'Events given to clients: each as often as there were clients to get it.',
    ['delivery'],
    ({ sources: { counters } }) => [
      [counters.events, { delivery: 'push' }],
      [counters.polled, { delivery: 'pull' }],
    ],
  ),
  one(
    'gauge',
    'parlor_streams_behind',
    'Streams that have not been written everything yet.',
    [],
    ({ now }) => [[now.streams.behind]],
  ),
  one('gauge', 'parlor_streams_blocked', 'Streams whose connection takes no more for now.', [], ({ now }) => [
    [now.streams.blocked],
  ]),
  one(
    'gauge',
    'parlor_stream_lag_events',
    'How many events the last of the streams is behind.',
    [],
    ({ now }) => [[now.streams.lag.events]],
  ),
  one(
    'gauge',
    'parlor_stream_queued_bytes',
    'What this process has queued for all streams together.',
    [],
    ({ now }) => [[now.streams.lag.bytes]],
  ),
  one(
    'counter',
    'parlor_streams_opened_total',
    'Streams that were opened: new ones, and those that go on from a cursor.',
    ['start'],
    ({ sources }) => each(sources.counters.streamsOpened, 'start'),
  ),
  one(
    'counter',
    'parlor_streams_ended_total',
    'Streams that have ended, by the reason; closed: the connection went away by itself.',
    ['reason'],
    ({ sources }) => each(sources.counters.streamsEnded, 'reason'),
  ),
  one('counter', 'parlor_gaps_total', 'Gaps that clients were told.', [], ({ sources }) => [
    [sources.counters.gaps],
  ]),
  one(
    'counter',
    'parlor_gap_events_total',
    'Events that clients were told they had lost, where it is known how many.',
    [],
    ({ sources }) => [[sources.counters.lostEvents]],
  ),

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

  one('gauge', 'parlor_store_state', '1 for how the store is, 0 for the others.', ['state'], ({ sources }) =>
    storeStates.map((state) => [sources.store.status === state ? 1 : 0, { state }]),
  ),
  one(
    'gauge',
    'parlor_store_lag_events',
    'Committed events that this process knows of and has not heard yet (Redis).',
    [],
    ({ now }) => ofStore(now, ({ lagEvents }) => lagEvents),
  ),
  one(
    'gauge',
    'parlor_store_lag_seconds',
    'For how long it has been behind with the room where that is longest (Redis).',
    [],
    ({ now }) => ofStore(now, ({ lagMs }) => lagMs / 1000),
  ),
  one(
    'gauge',
    'parlor_store_operations_waiting',
    'Operations without an answer yet (Redis).',
    [],
    ({ now }) => ofStore(now, ({ waiting }) => waiting),
  ),
  one(
    'counter',
    'parlor_store_operations_total',
    'Operations that the store was asked for (Redis).',
    [],
    ({ now }) => ofStore(now, ({ operations }) => operations),
  ),
  one('counter', 'parlor_store_round_trips_total', 'What the operations went in (Redis).', [], ({ now }) =>
    ofStore(now, ({ roundTrips }) => roundTrips),
  ),
  one(
    'counter',
    'parlor_store_reconnects_total',
    'Connections to the store that were lost and made anew (Redis).',
    [],
    ({ now }) => ofStore(now, ({ reconnects }) => reconnects),
  ),

  one(
    'gauge',
    'parlor_event_loop_delay_seconds',
    'How late the event loop was since the scrape before.',
    ['statistic'],
    ({ loopDelay }) => [
      [loopDelay.median / 1000, { statistic: 'median' }],
      [loopDelay.p99 / 1000, { statistic: 'p99' }],
      [loopDelay.max / 1000, { statistic: 'max' }],
    ],
  ),
  one(
    'gauge',
    'parlor_overloaded',
    'Whether nobody new is let in, because of a late event loop or short memory.',
    ['cause'],
    ({ sources }) => overloadCauses.map((cause) => [sources.overload.cause === cause ? 1 : 0, { cause }]),
  ),
  one('counter', 'process_cpu_seconds_total', 'CPU time of the process, of all its threads.', [], () => {
    const { user, system } = process.cpuUsage();
    return [[(user + system) / 1e6]];
  }),
  one('gauge', 'process_resident_memory_bytes', 'Memory of the process.', [], () => [[residentBytes()]]),
  one('gauge', 'nodejs_heap_used_bytes', 'What objects take of the heap.', [], () => [[heapBytes()]]),
  one('gauge', 'process_start_time_seconds', 'When the process began, since 1970.', [], () => [
    [performance.timeOrigin / 1000],
  ]),
  one('gauge', 'process_open_fds', 'Descriptors that are open.', [], ({ now }) =>
    now.openDescriptors === undefined ? [] : [[now.openDescriptors]],
  ),
  one('gauge', 'process_max_fds', 'Descriptors that may be open.', [], ({ sources }) => [
    [sources.maxDescriptors],
  ]),
];

function one(
  type: Family['type'],
  name: string,
  help: string,
  labels: readonly string[],
  read: Family['read'],
): Family {
  return { type, name, help, labels, read };
}

function byRoom(now: Snapshot, samplesOf: (figures: RoomFigures) => readonly Sample[]): Sample[] {
  return [...now.byRoom].flatMap(([room, figures]) =>
    samplesOf(figures).map(([value, labels]): Sample => [value, { room, ...labels }]),
  );
}

function each(counts: Readonly<Record<string, number>>, label: string): Sample[] {
  return Object.entries(counts).map(([key, count]) => [count, { [label]: key }]);
}

/** Nothing, unless the store tells of itself. */
function ofStore(now: Snapshot, read: (figures: NonNullable<Snapshot['store']>) => number): Sample[] {
  return now.store ? [[read(now.store)]] : [];
}
