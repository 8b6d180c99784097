/** Bans and closed rooms, as administration takes and gives them. */

import { type Static, Type } from '@sinclair/typebox';
import { maxBanSeconds } from '../core/ban-request.ts';
import { banKinds } from '../core/restriction.ts';
import { Reason } from './admin.ts';
import { listPage } from './common.ts';

const optionalText = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

const banExample = {
  id: 'q8wY2nXy1y4uZ0mS3vT5aB',
  kind: 'name',
  value: 'Mallory',
  room: null,
  reason: 'Spam',
  createdAt: 1763712000000,
  until: 1763798400000,
};

export const Ban = Type.Object(
  {
    id: Type.String({ description: 'To lift it by' }),
    kind: Type.String({ enum: [...banKinds] }),
    value: Type.String({ description: 'The id of a user, a name, an address or a range of addresses' }),
    room: optionalText('Null: all rooms'),
    reason: optionalText('Told to those whom it hits'),
    createdAt: Type.Integer({ description: 'In ms since 1970' }),
    until: Type.Union([Type.Integer(), Type.Null()], {
      description: 'When it ends, in ms since 1970; null: when it is lifted',
    }),
  },
  { title: 'Ban', examples: [banExample] },
);
export type Ban = Static<typeof Ban>;

export const BanBody = Type.Object(
  {
    kind: Type.String({ enum: [...banKinds] }),
    value: Type.String({
      description:
        'The id of a user; a name, with all that look the same; an IP address, of IPv6 with its /64, or a range (CIDR)',
    }),
    room: Type.Optional(Type.String({ description: 'From this room only; else from all' })),
    seconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: maxBanSeconds,
        description: 'For so long; else until it is lifted',
      }),
    ),
    reason: Type.Optional(Reason),
  },
  {
    additionalProperties: false,
    title: 'BanBody',
    examples: [{ kind: 'name', value: 'Mallory', seconds: 86_400, reason: 'Spam' }],
  },
);

export const BansQuery = Type.Object(listPage, { additionalProperties: false });

export const BansAnswer = Type.Object(
  {
    bans: Type.Array(Ban),
    total: Type.Integer({ description: 'How many there are in all' }),
  },
  { title: 'BansAnswer', examples: [{ bans: [banExample], total: 1 }] },
);

export const BanParams = Type.Object({ id: Type.String({ description: 'As `listBans` has it' }) });

export const ClosureBody = Type.Object(
  { reason: Type.Optional(Reason) },
  { additionalProperties: false, title: 'ClosureBody', examples: [{ reason: 'Maintenance' }] },
);
