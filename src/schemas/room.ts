/** What reading a room takes and gives. */

import { type Static, Type } from '@sinclair/typebox';
import { CursorText, PageLimit } from './common.ts';
import { ChatRoomEvent } from './events.ts';

export const UpdatesQuery = Type.Object(
  {
    after: Type.Optional(CursorText),
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

/** A page of events. `lost` and `users` are there after a gap only. */
export const EventsAnswer = Type.Object(page);

/** What a poll gives: beside a page, what is told to this client alone. */
export const UpdatesAnswer = Type.Object({
  ...page,
  notices: Type.Optional(
    Type.Array(Type.Unknown(), { description: 'What the server tells this client alone, outside the log' }),
  ),
});

export const SubscribeQuery = Type.Object(
  {
    after: Type.Optional(CursorText),
    liveness: Type.Optional(Type.String({ enum: ['stream', 'ping'] })),
  },
  { additionalProperties: false },
);

export const FeedQuery = Type.Object(
  {
    after: Type.Optional(CursorText),
    last: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000, default: 0 })),
  },
  { additionalProperties: false },
);

export const HistoryQuery = Type.Object(
  {
    before: Type.Optional(CursorText),
    after: Type.Optional(CursorText),
    limit: Type.Optional(PageLimit),
  },
  { additionalProperties: false },
);

export const RoomAnswer = Type.Object({
  name: Type.String(),
  members: Type.Integer(),
  closed: Type.Optional(Type.String({ description: 'That nobody may come in, and why; in lists only' })),
});
export type RoomAnswer = Static<typeof RoomAnswer>;
export const RoomsAnswer = Type.Object({ rooms: Type.Array(RoomAnswer) });
export type RoomsAnswer = Static<typeof RoomsAnswer>;
