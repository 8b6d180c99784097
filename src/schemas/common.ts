/** Shapes that several operations share. Every rule on text is the domain's: schemas check shapes only. */

import { Type } from '@sinclair/typebox';
import { type ErrorCode, errorCodes } from '../core/errors.ts';
import { defaultPageLimit, maxPageLimit } from './page-limits.ts';

export const RoomParams = Type.Object({
  room: Type.String({ description: 'The name of the room', examples: ['lobby'] }),
});

export const CursorText = Type.String({
  title: 'Cursor',
  description: 'A position in the log of the room, `epoch-id`; opaque',
  examples: ['7f3a-42'],
});

const codes = Object.keys(errorCodes).filter((code): code is ErrorCode => code in errorCodes);

/** RFC 9457 problem details. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: '`about:blank`: `code` tells problems apart' }),
    title: Type.String({ description: 'The phrase of the status' }),
    status: Type.Integer({ description: 'As of the answer' }),
    detail: Type.String({ description: 'What was expected and what came' }),
    code: Type.String({ enum: codes, description: 'Stable; for programs' }),
    requestId: Type.String({ description: 'Stands in the logs of the server too' }),
    reason: Type.Optional(Type.String({ description: 'Why the session ended, with `session-gone`' })),
    action: Type.Optional(Type.String({ description: 'What to do about it: stop, create or reconnect' })),
    endingDetail: Type.Optional(
      Type.String({ description: 'What whoever ended the session said about it, with `session-gone`' }),
    ),
    limit: Type.Optional(Type.String({ description: 'Which limit was exceeded, with `rate-limited`' })),
    errors: Type.Optional(
      Type.Array(Type.Object({ path: Type.String(), expected: Type.String(), received: Type.String() }), {
        description: 'What is wrong with each member of a request of the wrong shape',
      }),
    ),
  },
  {
    $id: 'Problem',
    title: 'Problem',
    description: 'What is wrong (RFC 9457)',
  },
);

/** `limit` of everything that returns a page. */
export const PageLimit = Type.Integer({
  minimum: 1,
  maximum: maxPageLimit,
  default: defaultPageLimit,
  description: 'How many at the most',
});

/** Of lists that are given page by page. */
export const listPage = {
  offset: Type.Optional(Type.Integer({ minimum: 0, default: 0, description: 'Passes over so many' })),
  limit: Type.Optional(PageLimit),
};
