/** What `create`, `getSession` and the members' other operations take and give. */

import { type Static, Type } from '@sinclair/typebox';
import { loginWays } from '../core/authenticator.ts';
import { CursorText } from './common.ts';

export const CreateBody = Type.Object(
  {
    name: Type.Optional(Type.String({ description: 'The name to be known by' })),
    password: Type.Optional(Type.String()),
    delivery: Type.Optional(Type.String({ enum: ['pull', 'push'], default: 'pull' })),
    credential: Type.Optional(Type.String({ enum: ['cookie', 'bearer'], default: 'cookie' })),
  },
  { additionalProperties: false },
);

const heartbeat = Type.Number({
  description: 'Seconds of silence after which a stream carries a heartbeat',
});

export const CreateAnswer = Type.Object({
  sessionId: Type.String({ format: 'uuid' }),
  name: Type.String({ description: 'The name as it is shown' }),
  room: Type.String(),
  delivery: Type.String(),
  cursor: CursorText,
  timeout: Type.Union([Type.Number(), Type.Null()], {
    description: 'Seconds of idleness after which it ends',
  }),
  heartbeat,
  maxMessageBytes: Type.Integer(),
  token: Type.Optional(Type.String({ description: 'The secret, only with `credential: bearer`' })),
});
export type CreateAnswer = Static<typeof CreateAnswer>;

/** What it takes to come in. */
export const LoginAnswer = Type.Object({
  takes: Type.Array(Type.String({ enum: [...loginWays] }), {
    description:
      'What is judged by, in this order: a name alone, a name with its password, a token, a client certificate, or anything that is given',
  }),
  given: Type.Boolean({
    description: 'Whether this request brought a token or a certificate along: `create` needs nothing else',
  }),
  maxNameLength: Type.Integer({ description: 'In code points' }),
  refusal: Type.Optional(
    Type.String({
      description: 'Why nobody comes in, or nobody from this address; not there if somebody may',
    }),
  ),
  signIn: Type.Optional(
    Type.String({
      description: 'Where one signs in (LOGIN_URL); `{url}` stands for the address to come back to',
    }),
  ),
});
export type LoginAnswer = Static<typeof LoginAnswer>;

export const SessionAnswer = Type.Object({
  sessionId: Type.String({ format: 'uuid' }),
  user: Type.Union([Type.Object({ id: Type.String(), name: Type.String() }), Type.Null()]),
  name: Type.String(),
  room: Type.String(),
  delivery: Type.String(),
  state: Type.String(),
  createdAt: Type.Integer({ description: 'Milliseconds since 1970' }),
  lastInbound: Type.Integer({ description: 'The last accepted request, in milliseconds since 1970' }),
  lastOutbound: Type.Integer({ description: 'When the client last took bytes, in milliseconds since 1970' }),
  timeout: Type.Union([Type.Number(), Type.Null()]),
  heartbeat,
  maxMessageBytes: Type.Integer(),
});

export const UsersAnswer = Type.Object({
  users: Type.Array(Type.String(), { description: 'The roster at the cursor' }),
  cursor: CursorText,
});

export const SendBody = Type.Object(
  {
    message: Type.String({ description: 'The text' }),
    key: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' })),
  },
  { additionalProperties: false },
);

export const SendAnswer = Type.Object({ id: Type.Integer(), timestamp: Type.Integer() });
