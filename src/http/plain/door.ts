/** What the form asks for through which one joins, by what the server judges by. */

import type { FastifyRequest } from 'fastify';
import { ChatError } from '../../core/errors.ts';
import type { LoginAnswer } from '../../schemas/session.ts';
import { loginOf } from '../login-routes.ts';
import { addressOf } from '../own-address.ts';
import type { Services } from '../services.ts';

export interface PlainDoor {
  readonly asksName: boolean;
  readonly asksPassword: boolean;
  /** A token or a certificate came along: there is nothing to type. */
  readonly isGiven: boolean;
  /** What would come along with somebody who had it. */
  readonly missing: 'token' | 'certificate' | undefined;
  /** Where one signs in. */
  readonly signIn: string | undefined;
}

/**
 * @param needsPassword the server has asked for one
 * @param isRefused what came along was not good enough
 */
export function doorOf(
  request: FastifyRequest<{ Params: { room: string } }>,
  services: Services,
  { needsPassword, isRefused }: { readonly needsPassword: boolean; readonly isRefused: boolean },
): PlainDoor {
  const { takes, given, signIn } = soundLoginOf(request, services);
  const has = (...ways: readonly string[]) => takes.some((way) => ways.includes(way));
  const isGiven = given && !isRefused;
  const back = `${addressOf(request, services.config)}/plain/${request.params.room}`;
  return {
    asksName: !isGiven && has('name', 'password', 'anything'),
    asksPassword: !isGiven && (has('name', 'anything') ? needsPassword : has('password')),
    isGiven,
    missing: isGiven ? undefined : has('token') ? 'token' : has('certificate') ? 'certificate' : undefined,
    signIn: isGiven ? undefined : signIn?.replaceAll('{url}', encodeURIComponent(back)),
  };
}

function soundLoginOf(request: FastifyRequest, services: Services): LoginAnswer {
  try {
    return loginOf(request, services);
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    // A token that was sent twice: it is told to whoever joins with it, not in the place of this page.
    return { takes: [...services.authenticators.ways], given: false, maxNameLength: 0 };
  }
}
