/** The events of a room as they go over the wire. A type test holds them equal to the core's. */

import { Type } from '@sinclair/typebox';

const base = {
  id: Type.Integer({ minimum: 1, description: 'Contiguous per room: one more than the event before' }),
  timestamp: Type.Integer({ description: 'Milliseconds since 1970, set by the server' }),
};

export const JoinEvent = Type.Object({ ...base, type: Type.Literal('join'), name: Type.String() });
export const LeaveEvent = Type.Object({ ...base, type: Type.Literal('leave'), name: Type.String() });
const text = {
  message: Type.String({ description: 'Plain text; empty once it is redacted' }),
};
const redacted = Type.Optional(Type.Literal(true, { description: 'Its text was removed' }));

export const MessageEvent = Type.Object({
  ...base,
  type: Type.Literal('message'),
  name: Type.String(),
  ...text,
  key: Type.Optional(Type.String({ description: 'What the sender gave to tell his own sends apart' })),
  redacted,
});
export const AnnouncementEvent = Type.Object({
  ...base,
  type: Type.Literal('announcement'),
  ...text,
  redacted,
});
export const RedactionEvent = Type.Object({
  ...base,
  type: Type.Literal('redaction'),
  target: Type.Integer({ minimum: 1, description: 'The id of the event whose text was removed' }),
});

export const ChatRoomEvent = Type.Union([
  JoinEvent,
  LeaveEvent,
  MessageEvent,
  AnnouncementEvent,
  RedactionEvent,
]);
