/** The events of a room as they go over the wire. A type test holds them equal to the core's. */

import { Type } from '@sinclair/typebox';

const base = {
  id: Type.Integer({ minimum: 1, description: 'Contiguous per room: one more than the event before' }),
  timestamp: Type.Integer({ description: 'Milliseconds since 1970, set by the server' }),
};

const at = 1763712000123;

export const JoinEvent = Type.Object(
  { ...base, type: Type.Literal('join'), name: Type.String() },
  {
    title: 'JoinEvent',
    description: 'Somebody came into the room',
    examples: [{ id: 42, type: 'join', timestamp: at, name: 'Ada' }],
  },
);
export const LeaveEvent = Type.Object(
  { ...base, type: Type.Literal('leave'), name: Type.String() },
  {
    title: 'LeaveEvent',
    description: 'Somebody left the room',
    examples: [{ id: 44, type: 'leave', timestamp: at, name: 'Ada' }],
  },
);
const text = {
  message: Type.String({ description: 'Plain text; empty once it is redacted' }),
};
const redacted = Type.Optional(Type.Literal(true, { description: 'Its text was removed' }));

export const MessageEvent = Type.Object(
  {
    ...base,
    type: Type.Literal('message'),
    name: Type.String(),
    ...text,
    key: Type.Optional(Type.String({ description: 'What the sender gave to tell his own sends apart' })),
    redacted,
  },
  {
    title: 'MessageEvent',
    description: 'A member said something',
    examples: [
      { id: 43, type: 'message', timestamp: at, name: 'Ada', message: 'hello', key: 'c1' },
      { id: 43, type: 'message', timestamp: at, name: 'Ada', message: '', key: 'c1', redacted: true },
    ],
  },
);
export const AnnouncementEvent = Type.Object(
  { ...base, type: Type.Literal('announcement'), ...text, redacted },
  {
    title: 'AnnouncementEvent',
    description: 'Whoever runs the server said something, in nobody’s name',
    examples: [{ id: 45, type: 'announcement', timestamp: at, message: 'We close at noon.' }],
  },
);
export const RedactionEvent = Type.Object(
  {
    ...base,
    type: Type.Literal('redaction'),
    target: Type.Integer({ minimum: 1, description: 'The id of the event whose text was removed' }),
  },
  {
    title: 'RedactionEvent',
    description: 'An earlier event has no text any more',
    examples: [{ id: 46, type: 'redaction', timestamp: at, target: 43 }],
  },
);

export const ChatRoomEvent = Type.Union(
  [JoinEvent, LeaveEvent, MessageEvent, AnnouncementEvent, RedactionEvent],
  {
    title: 'ChatRoomEvent',
    description:
      'What happened in a room. More types may come: pass over those you do not know, but count their ids',
  },
);
