/** What administration takes and gives. */

import { type Static, Type } from '@sinclair/typebox';
import { maxReasonLength } from '../core/deed-reasons.ts';
import { listPage, RoomParams } from './common.ts';
import { sessionStates } from './session.ts';

export const AdminSessionsQuery = Type.Object(
  {
    room: Type.Optional(Type.String({ description: 'Only those of this room' })),
    ...listPage,
  },
  { additionalProperties: false },
);

export const Reason = Type.String({
  description: `One line of at most ${maxReasonLength} characters: for those whom it concerns, and for the audit log`,
});

const time = (description: string) => Type.Integer({ description: `${description}, in ms since 1970` });

export const AdminSession = Type.Object(
  {
    sessionId: Type.String({ format: 'uuid' }),
    user: Type.Union([Type.Object({ id: Type.String(), name: Type.String() }), Type.Null()]),
    name: Type.String(),
    room: Type.String(),
    delivery: Type.String({ enum: ['pull', 'push'] }),
    state: Type.String({ enum: [...sessionStates] }),
    address: Type.Union([Type.String(), Type.Null()], {
      description: 'Where it was created, or first heard of after a restart; null: in the server itself',
    }),
    createdAt: time('When it was created'),
    lastInbound: time('The last accepted request'),
    lastOutbound: time('When the client last took bytes'),
    streams: Type.Integer({ description: 'How many streams are open' }),
    lag: Type.Object(
      { bytes: Type.Integer(), events: Type.Integer() },
      { description: 'What is queued for its streams, and how far the last of them is behind' },
    ),
  },
  { title: 'AdminSession', description: 'A session, as an operator sees it' },
);
export type AdminSession = Static<typeof AdminSession>;

export const AdminSessionsAnswer = Type.Object(
  {
    sessions: Type.Array(AdminSession),
    total: Type.Integer({ description: 'How many there are in all' }),
  },
  {
    title: 'AdminSessionsAnswer',
    examples: [
      {
        sessions: [
          {
            sessionId: '4a2c1f5e-9f3b-4c5d-8e6f-0a1b2c3d4e5f',
            user: null,
            name: 'Ada',
            room: 'lobby',
            delivery: 'push',
            state: 'joined',
            address: '192.0.2.7',
            createdAt: 1763712000000,
            lastInbound: 1763712000456,
            lastOutbound: 1763712000456,
            streams: 1,
            lag: { bytes: 0, events: 0 },
          },
        ],
        total: 1,
      },
    ],
  },
);

export const AdminSessionParams = Type.Object({
  sessionId: Type.String({ description: 'As `listSessions` has it' }),
});

export const RemoveQuery = Type.Object({ reason: Type.Optional(Reason) }, { additionalProperties: false });

export const AnnounceBody = Type.Object(
  { message: Type.String({ description: 'The text, by the rules of a message' }) },
  { additionalProperties: false, title: 'AnnounceBody', examples: [{ message: 'We close at noon.' }] },
);

export const RedactParams = Type.Object({
  ...RoomParams.properties,
  id: Type.Integer({
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Of a message or announcement',
  }),
});

export const RedactQuery = Type.Object({ reason: Type.Optional(Reason) }, { additionalProperties: false });
