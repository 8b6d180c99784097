/** What reading a room takes and gives. */

import { type Static, Type } from '@sinclair/typebox';
import { CursorText, PageLimit } from './common.ts';
import { ChatRoomEvent } from './events.ts';

const After = Type.String({
  description: 'A cursor: what comes after it; `0` is the very first event',
  examples: ['7f3a-42'],
});
const Before = Type.String({ description: 'A cursor: what comes before it', examples: ['7f3a-42'] });

export const UpdatesQuery = Type.Object(
  {
    after: Type.Optional(After),
    limit: Type.Optional(PageLimit),
    wait: Type.Optional(
      Type.Number({ minimum: 0, maximum: 25, default: 0, description: 'Seconds to wait for an event' }),
    ),
  },
  { additionalProperties: false },
);

const page = {
  events: Type.Array(ChatRoomEvent),
  cursor: CursorText,
  more: Type.Boolean({ description: 'Whether there are events beyond the cursor' }),
  lost: Type.Optional(
    Type.Union([Type.Integer(), Type.Null()], {
      description: 'How many events are out of reach; null: unknown',
    }),
  ),
  users: Type.Optional(Type.Array(Type.String(), { description: 'The roster just before the first event' })),
};

const pageExample = {
  events: [
    { id: 42, type: 'join', timestamp: 1763712000123, name: 'Ada' },
    { id: 43, type: 'message', timestamp: 1763712000456, name: 'Ada', message: 'hello', key: 'c1' },
  ],
  cursor: '7f3a-43',
  more: false,
};

/** A page of events. `lost` and `users` are there after a gap only. */
export const EventsAnswer = Type.Object(page, {
  title: 'EventsAnswer',
  description: 'A page of events; `lost` and `users` are there after a gap only',
  examples: [pageExample],
});

/** What a poll gives: beside a page, what is told to this client alone. */
export const UpdatesAnswer = Type.Object(
  {
    ...page,
    notices: Type.Optional(
      Type.Array(Type.Unknown(), { description: 'What the server tells this client alone, outside the log' }),
    ),
  },
  {
    title: 'UpdatesAnswer',
    description: 'A page of events, and what is for this client alone',
    examples: [pageExample, { ...pageExample, lost: 120, users: ['Bob'] }],
  },
);

export const SubscribeQuery = Type.Object(
  {
    after: Type.Optional(After),
    liveness: Type.Optional(
      Type.String({
        enum: ['stream', 'ping'],
        description: 'What keeps the session alive: the stream while its bytes drain, or requests alone',
      }),
    ),
  },
  { additionalProperties: false },
);

export const FeedQuery = Type.Object(
  {
    after: Type.Optional(After),
    last: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10_000,
        default: 0,
        description: 'Begins with so many of the newest events',
      }),
    ),
  },
  { additionalProperties: false },
);

export const HistoryQuery = Type.Object(
  {
    before: Type.Optional(Before),
    after: Type.Optional(After),
    limit: Type.Optional(PageLimit),
  },
  { additionalProperties: false },
);

export const RoomAnswer = Type.Object(
  {
    name: Type.String(),
    members: Type.Integer({ description: 'How many are in it' }),
    closed: Type.Optional(Type.String({ description: 'That nobody may come in, and why; in lists only' })),
  },
  { title: 'RoomAnswer', examples: [{ name: 'lobby', members: 2 }] },
);
export type RoomAnswer = Static<typeof RoomAnswer>;
export const RoomsAnswer = Type.Object(
  { rooms: Type.Array(RoomAnswer) },
  { title: 'RoomsAnswer', examples: [{ rooms: [{ name: 'lobby', members: 2 }] }] },
);
export type RoomsAnswer = Static<typeof RoomsAnswer>;
