/** What the forms and links of the plain pages carry. */

import { Type } from '@sinclair/typebox';

// An address may have more in it, which others have added.
export const PlainQuery = Type.Object({
  after: Type.Optional(Type.String()),
  before: Type.Optional(Type.String()),
  from: Type.Optional(Type.String()),
});

const Key = Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }));

export const JoinForm = Type.Object(
  {
    name: Type.Optional(Type.String()),
    password: Type.Optional(Type.String()),
    key: Type.Optional(Type.String({ pattern: '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' })),
    message: Type.Optional(Type.String()),
    messageKey: Key,
  },
  { additionalProperties: false },
);

export const SendForm = Type.Object(
  { message: Type.String(), key: Key, after: Type.Optional(Type.String()) },
  { additionalProperties: false },
);
