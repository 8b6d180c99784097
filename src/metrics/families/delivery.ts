/** What is said and delivered, and how far streams are behind. */

import { each, type Family, one } from './family.ts';

export const deliveryFamilies: readonly Family[] = [
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
];
