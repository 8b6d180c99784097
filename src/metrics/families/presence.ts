/** Who and what is there: rooms, members, sessions, streams and what is kept. */

import type { RoomFigures, Snapshot } from '../snapshot.ts';
import { type Family, one, type Sample } from './family.ts';

export const presenceFamilies: readonly Family[] = [
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
];

function byRoom(now: Snapshot, samplesOf: (figures: RoomFigures) => readonly Sample[]): Sample[] {
  return [...now.byRoom].flatMap(([room, figures]) =>
    samplesOf(figures).map(([value, labels]): Sample => [value, { room, ...labels }]),
  );
}
