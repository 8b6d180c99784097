/** The rooms and the figures of the server, as administration gives them. */

import { type Static, Type } from '@sinclair/typebox';
import { overloadCauses } from '../core/observer.ts';

const integer = (description: string) => Type.Integer({ description });

export const AdminRoom = Type.Object(
  {
    name: Type.String(),
    members: Type.Integer(),
    streams: integer('Open ones, of members and of the feed'),
    sessions: integer('Those that this process serves, reserved ones too'),
    events: integer('How many are kept'),
    bytes: integer('What they take'),
    closed: Type.Union(
      [
        Type.Object({
          since: integer('In ms since 1970'),
          reason: Type.Union([Type.String(), Type.Null()]),
        }),
        Type.Null(),
      ],
      { description: 'Null: it is open' },
    ),
  },
  { title: 'AdminRoom', description: 'A room, as an operator sees it' },
);
export type AdminRoom = Static<typeof AdminRoom>;

export const AdminRoomsAnswer = Type.Object(
  { rooms: Type.Array(AdminRoom) },
  {
    title: 'AdminRoomsAnswer',
    examples: [
      {
        rooms: [
          { name: 'lobby', members: 2, streams: 1, sessions: 2, events: 43, bytes: 4300, closed: null },
        ],
      },
    ],
  },
);

export const StatsAnswer = Type.Object(
  {
    now: integer('In ms since 1970'),
    startedAt: integer('In ms since 1970'),
    version: Type.String(),
    status: Type.String({ description: 'As of `/readyz`' }),
    sessions: Type.Object({ pull: Type.Integer(), push: Type.Integer(), reserved: Type.Integer() }),
    rooms: integer('Those in memory'),
    members: Type.Integer(),
    streams: Type.Integer(),
    polls: integer('Those that wait'),
    counters: Type.Object(
      {
        messages: Type.Integer(),
        events: Type.Integer(),
        deliveries: integer('Events given to clients, by streams and by polls'),
        created: Type.Integer(),
        ended: Type.Integer(),
        refused: integer('Requests answered with a problem'),
        gaps: Type.Integer(),
      },
      { description: 'Since the process began; they only rise' },
    ),
    lag: Type.Object(
      { bytes: Type.Integer(), events: Type.Integer() },
      { description: 'What is queued for all streams, and how far the last of them is behind' },
    ),
    store: Type.Object({
      status: Type.String({ description: 'starting, ready or away' }),
      trouble: Type.Union([Type.String(), Type.Null()], { description: 'Why it is away, if that is known' }),
      network: Type.Union(
        [
          Type.Object({
            reconnects: integer('Connections that were lost and made anew'),
            lagEvents: integer('Committed events that this process knows of and has not heard yet'),
            lagMs: integer('For how long it has been behind, with the room where that is longest'),
            waiting: integer('Operations without an answer yet'),
            operations: integer('All that were asked for'),
            roundTrips: integer('What they went in'),
          }),
          Type.Null(),
        ],
        { description: 'Null unless the store is reached through a network' },
      ),
    }),
    memory: Type.Object({
      rss: integer('0: no descriptor is left to ask for it by'),
      heapUsed: Type.Integer(),
    }),
    loopDelayMs: Type.Object(
      { mean: Type.Number(), p99: Type.Number() },
      { description: 'How late the event loop was since somebody has asked before' },
    ),
    overload: Type.Union(
      [
        Type.Object({
          cause: Type.String({ enum: [...overloadCauses], description: 'What there is too much of' }),
          since: integer('In ms since 1970'),
        }),
        Type.Null(),
      ],
      { description: 'Why nobody new is let in, and since when; null: all are' },
    ),
    cpu: Type.Object({ userMs: Type.Integer(), systemMs: Type.Integer() }),
  },
  { title: 'StatsAnswer', description: 'The figures of this process' },
);
export type StatsAnswer = Static<typeof StatsAnswer>;
