/**
 * Every route of the server, and what it answers to whom. A new route needs a line here: `routes.test.ts` compares with
 * what the server has registered.
 */

import { hash } from 'node:crypto';

/** Those who ask. The admin route of a session is asked about the member's. */
export const visitors = [
  'nobody',
  'member',
  'other member',
  'member elsewhere',
  'admin',
  'wrong admin',
  'dead session',
] as const;
export type Visitor = (typeof visitors)[number];

/** How a secret is sent: an operator's counts as a bearer only. */
export type Carrier = 'bearer' | 'cookie';

/** Who may read rooms. */
export type Feed = 'public' | 'members';

/** What happens where somebody is let in: at most something of his own, or also something of others. */
type Effect = 'none' | 'own' | 'others';

export interface Line {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As it is registered. */
  readonly url: string;
  /** With `ID` for the member's sessionId. */
  readonly path: string;
  readonly body?: unknown;
  readonly effect: Effect;
  readonly expected: (visitor: Visitor, carrier: Carrier, feed: Feed) => number;
}

type Expected = Line['expected'];
type More = Partial<Pick<Line, 'effect' | 'body' | 'path'>>;

const anybody =
  (status: number): Expected =>
  () =>
    status;

const isMember = (visitor: Visitor): boolean => visitor === 'member' || visitor === 'other member';

/** The room's members; `nobody` and whoever comes with what is no live token of this room get other answers. */
const members =
  (status: number, none = 401, dead = 410): Expected =>
  (visitor) =>
    isMember(visitor) ? status : visitor === 'nobody' ? none : dead;

/** As FEED says. */
const readers =
  (status: number): Expected =>
  (visitor, carrier, feed) =>
    feed === 'public' ? status : members(status)(visitor, carrier, feed);

const operator =
  (status: number): Expected =>
  (visitor, carrier) =>
    visitor === 'admin' && carrier === 'bearer' ? status : 401;

function line(route: string, expected: Expected, { effect = 'none', body, path }: More = {}): Line {
  const [method, url = ''] = route.split(' ');
  return {
    method: method as Line['method'],
    url,
    path: path ?? url.replace(':room', 'lobby').replace(':sessionId', 'ID'),
    effect,
    expected,
    ...(body === undefined ? {} : { body }),
  };
}

/** Of a user who never comes. */
export const somebodysBan = { kind: 'user', value: 'somebody' } as const;
/** It is made of whom the ban hits. */
const somebodysBanId = hash('sha256', JSON.stringify(['user', 'somebody', null]), 'base64url').slice(0, 22);

export const routeTable: readonly Line[] = [
  line('POST /v1/rooms/:room/session', anybody(201), { effect: 'own', body: { name: 'Newcomer' } }),
  line('GET /v1/rooms/:room/session', members(200)),
  line('DELETE /v1/rooms/:room/session', members(204), { effect: 'own' }),
  line('POST /v1/rooms/:room/session/ping', members(204)),
  line('GET /v1/rooms/:room/session/users', members(200)),
  line('GET /v1/rooms/:room/session/updates', members(200)),
  line('POST /v1/rooms/:room/session/messages', members(201), { effect: 'own', body: { message: 'hello' } }),
  line('GET /v1/rooms/:room/session/events', members(200)),
  line('GET /v1/rooms/:room/feed', readers(200)),
  line('GET /v1/rooms/:room/history', readers(200)),
  line('GET /v1/rooms/:room', readers(200)),
  // What a door asks for, also of who is outside.
  line('GET /v1/rooms/:room/login', anybody(200)),
  line('GET /v1/rooms', anybody(200)),

  line('GET /v1/admin/sessions', operator(200)),
  line('DELETE /v1/admin/sessions/:sessionId', operator(204), { effect: 'others' }),
  line('GET /v1/admin/rooms/:room/history', operator(200)),
  line('PUT /v1/admin/rooms/:room/closure', operator(204), { effect: 'others', body: {} }),
  line('DELETE /v1/admin/rooms/:room/closure', operator(204), { effect: 'others' }),
  line('GET /v1/admin/rooms', operator(200)),
  line('GET /v1/admin/stats', operator(200)),
  line('GET /v1/admin/bans', operator(200)),
  line('POST /v1/admin/bans', operator(201), { effect: 'others', body: somebodysBan }),
  line('DELETE /v1/admin/bans/:id', operator(204), {
    effect: 'others',
    path: `/v1/admin/bans/${somebodysBanId}`,
  }),

  line('POST /v1/admin/rooms/:room/announcements', operator(201), {
    effect: 'others',
    body: { message: 'hello' },
  }),
  // After somebody has come, he speaks.
  line('DELETE /v1/admin/rooms/:room/messages/:id', operator(200), {
    effect: 'others',
    path: '/v1/admin/rooms/lobby/messages/2',
  }),

  line('GET /livez', anybody(200)),
  line('GET /readyz', anybody(200)),
  line('GET /openapi.json', anybody(200)),
  line('GET /metrics', operator(200)),
  line('GET /docs', anybody(200)),
  line('GET /docs/', anybody(200)),

  line('GET /plain', anybody(303)),
  line('GET /plain/', anybody(303)),
  line('GET /plain/:room', anybody(200)),
  line('GET /plain/:room/log', members(200, 403)),
  line('GET /plain/:room/news', members(200, 403)),
  line('POST /plain/:room/join', anybody(303), { effect: 'own', body: { name: 'Newcomer' } }),
  line('POST /plain/:room/send', members(303, 403), { effect: 'own', body: { message: 'hello' } }),
  // Whoever is outside is sent to where he would be after leaving.
  line('POST /plain/:room/leave', anybody(303), { effect: 'own' }),
  line('GET /plain/:room/join', anybody(303)),
  line('GET /plain/:room/send', anybody(303)),
  line('GET /plain/:room/leave', anybody(303)),

  line('GET /', anybody(200)),
  line('GET /:room', anybody(200)),
  line('GET /manifest/:room', anybody(200)),
  line('GET /admin', anybody(200)),
  line('GET /admin/', anybody(200)),
  line('GET /embed.js', anybody(200)),
  line('GET /embed', anybody(200)),
  line('GET /embed/', anybody(200)),
  line('GET /embed/:room', anybody(200)),
  line('GET /assets/*', anybody(404), { path: '/assets/none.js' }),
  line('GET /static/*', anybody(200), { path: '/static/icon.svg' }),
];
