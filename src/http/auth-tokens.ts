/** What `create` is given for the authenticators beside name and password: its bearer, and what `AUTH_TOKENS` names. */

import type { FastifyRequest } from 'fastify';
import type { TokenPlace } from '../config/auth-types.ts';
import type { Credentials } from '../core/authenticator.ts';
import { ChatError } from '../core/errors.ts';
import { cookieReader } from './cookies.ts';

type Given = Pick<Credentials, 'headers' | 'cookies' | 'query'>;

/** @throws ChatError `invalid-request` for one that was sent twice: one of them may be somebody else's */
export function givenTokens(request: FastifyRequest, places: readonly TokenPlace[]): Given {
  const cookie = cookieReader(request);
  const { authorization } = request.headers;
  const query = request.query as Readonly<Record<string, unknown>>;
  const named = (from: TokenPlace['from'], read: (name: string) => unknown): Record<string, string> => {
    const names = places.filter((place) => place.from === from).map(({ name }) => name);
    return Object.fromEntries(names.flatMap((name) => textOf(from, name, read(name))));
  };
  return {
    headers: {
      ...named('header', (name) => headerOf(request, name)),
      ...(authorization === undefined ? {} : { authorization }),
    },
    cookies: named('cookie', cookie),
    query: named('query', (name) => (Object.hasOwn(query, name) ? query[name] : undefined)),
  };
}

/** Of one that was sent twice, Node makes one text with a comma in it, or drops the second. */
function headerOf({ headers, raw: { rawHeaders } }: FastifyRequest, name: string): unknown {
  const isOf = (text: string, index: number) => index % 2 === 0 && text.toLowerCase() === name;
  return rawHeaders.filter(isOf).length > 1 ? rawHeaders : headers[name];
}

function textOf(from: string, name: string, value: unknown): readonly (readonly [string, string])[] {
  if (value === undefined || value === '') return [];
  if (typeof value === 'string') return [[name, value]];
  throw new ChatError('invalid-request', `The ${from} ${name} was sent twice.`);
}
