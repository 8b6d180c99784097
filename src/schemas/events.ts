/** The events of a room as they go over the wire. A type test holds them equal to the core's. */

import { Type } from '@sinclair/typebox';

const base = {
  id: Type.Integer({ minimum: 1, description: 'Contiguous per room: one more than the event before' }),
  timestamp: Type.Integer({ description: 'Milliseconds since 1970, set by the server' }),
};

export const JoinEvent = Type.Object({ ...base, type: Type.Literal('join'), name: Type.String() });
export const LeaveEvent = Type.Object({ ...base, type: Type.Literal('leave'), name: Type.String() });
export const MessageEvent = Type.Object({
  ...base,
  type: Type.Literal('message'),
  name: Type.String(),
  message: Type.String(),
  key: Type.Optional(Type.String({ description: 'What the sender gave to tell his own sends apart' })),
});

export const ChatRoomEvent = Type.Union([JoinEvent, LeaveEvent, MessageEvent]);
