/** What `create`, `getSession` and the members' other operations take and give. */

import { type Static, Type } from '@sinclair/typebox';
import { loginWays } from '../core/authenticator.ts';
import type { Session } from '../core/session.ts';
import { CursorText } from './common.ts';

/** In the order that a session goes through them. */
export const sessionStates = [
  'reserved',
  'joining',
  'joined',
  'destroyed',
] as const satisfies readonly Session['state'][];

export const CreateBody = Type.Object(
  {
    name: Type.Optional(Type.String({ description: 'The name to be known by' })),
    password: Type.Optional(Type.String({ description: 'Where it takes one: see `getLogin`' })),
    delivery: Type.Optional(
      Type.String({
        enum: ['pull', 'push'],
        default: 'pull',
        description: 'How events will be had. With `push` the first `subscribe` joins',
      }),
    ),
    credential: Type.Optional(
      Type.String({
        enum: ['cookie', 'bearer'],
        default: 'cookie',
        description: 'What proves the session from then on',
      }),
    ),
  },
  {
    additionalProperties: false,
    title: 'CreateBody',
    examples: [{ name: 'Ada' }, { name: 'Ada', delivery: 'push', credential: 'bearer' }],
  },
);

const heartbeat = Type.Number({
  description: 'Seconds of silence after which a stream carries a heartbeat',
});

const sessionId = Type.String({
  format: 'uuid',
  description: 'Public: it grants nothing, and stands in logs',
});
const timeout = Type.Union([Type.Number(), Type.Null()], {
  description: 'Seconds of idleness after which it ends; null: it does not',
});
const delivery = Type.String({ enum: ['pull', 'push'] });
const maxMessageBytes = Type.Integer({ description: 'Of a message, in UTF-8' });

const exampleId = '4a2c1f5e-9f3b-4c5d-8e6f-0a1b2c3d4e5f';

export const CreateAnswer = Type.Object(
  {
    sessionId,
    name: Type.String({ description: 'The name as it is shown' }),
    room: Type.String(),
    delivery,
    cursor: CursorText,
    timeout,
    heartbeat,
    maxMessageBytes,
    token: Type.Optional(Type.String({ description: 'The secret, only with `credential: bearer`' })),
  },
  {
    title: 'CreateAnswer',
    examples: [
      {
        sessionId: exampleId,
        name: 'Ada',
        room: 'lobby',
        delivery: 'pull',
        cursor: '7f3a-41',
        timeout: 60,
        heartbeat: 15,
        maxMessageBytes: 1024,
      },
    ],
  },
);
export type CreateAnswer = Static<typeof CreateAnswer>;

/** What it takes to come in. */
export const LoginAnswer = Type.Object(
  {
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
  },
  { title: 'LoginAnswer', examples: [{ takes: ['password'], given: false, maxNameLength: 32 }] },
);
export type LoginAnswer = Static<typeof LoginAnswer>;

export const SessionAnswer = Type.Object(
  {
    sessionId,
    user: Type.Union([Type.Object({ id: Type.String(), name: Type.String() }), Type.Null()], {
      description: 'As an authenticator vouched for; null: nobody did',
    }),
    name: Type.String(),
    room: Type.String(),
    delivery,
    state: Type.String({ enum: [...sessionStates], description: 'What it may do: only who joined speaks' }),
    createdAt: Type.Integer({ description: 'Milliseconds since 1970' }),
    lastInbound: Type.Integer({ description: 'The last accepted request, in milliseconds since 1970' }),
    lastOutbound: Type.Integer({
      description: 'When the client last took bytes, in milliseconds since 1970',
    }),
    timeout,
    heartbeat,
    maxMessageBytes,
  },
  {
    title: 'SessionAnswer',
    examples: [
      {
        sessionId: exampleId,
        user: null,
        name: 'Ada',
        room: 'lobby',
        delivery: 'pull',
        state: 'joined',
        createdAt: 1763712000000,
        lastInbound: 1763712000456,
        lastOutbound: 1763712000456,
        timeout: 60,
        heartbeat: 15,
        maxMessageBytes: 1024,
      },
    ],
  },
);

export const UsersAnswer = Type.Object(
  {
    users: Type.Array(Type.String(), { description: 'The roster at the cursor' }),
    cursor: CursorText,
  },
  { title: 'UsersAnswer', examples: [{ users: ['Ada', 'Bob'], cursor: '7f3a-43' }] },
);

export const SendBody = Type.Object(
  {
    message: Type.String({ description: 'Plain text of at most MAX_MESSAGE_BYTES' }),
    key: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{1,64}$',
        description: 'The same again says nothing twice: send it again after a 503, or no answer',
      }),
    ),
  },
  { additionalProperties: false, title: 'SendBody', examples: [{ message: 'hello', key: 'c1' }] },
);

export const SendAnswer = Type.Object(
  {
    id: Type.Integer({ description: 'Of the event' }),
    timestamp: Type.Integer({ description: 'Of the event, in milliseconds since 1970' }),
  },
  { title: 'SendAnswer', examples: [{ id: 43, timestamp: 1763712000456 }] },
);
