/** What the door asks somebody for, by what the server judges by. Without DOM. */

import type { RoomApi } from '../../client/api.ts';
import type { Login } from '../../client/wire.ts';

export interface Asked {
  readonly name: boolean;
  /** `later`: once the server says that it wants one. */
  readonly password: 'never' | 'later' | 'always';
  /** A token or a certificate came along: there is nothing to type. */
  readonly isGiven: boolean;
  /** What would come along with somebody who had it. */
  readonly missing: 'token' | 'certificate' | undefined;
}

/**
 * @param login undefined if the server does not say
 * @param isRefused what came along was not good enough
 */
export function askedBy(login: Login | undefined, isRefused: boolean): Asked {
  const { takes = ['anything'], given = false } = login ?? {};
  const has = (...ways: readonly string[]) => takes.some((way) => ways.includes(way));
  const isGiven = given && !isRefused;
  const isPasswordSure = !has('name', 'anything');
  return {
    name: !isGiven && has('name', 'password', 'anything'),
    password: isGiven || !has('password', 'anything') ? 'never' : isPasswordSure ? 'always' : 'later',
    isGiven,
    missing: isGiven ? undefined : has('token') ? 'token' : has('certificate') ? 'certificate' : undefined,
  };
}

/** What it takes to come in; undefined if the server does not say. */
export async function loginAt(api: Pick<RoomApi, 'getLogin'>): Promise<Login | undefined> {
  const answer = await api.getLogin();
  return answer.ok ? answer.body : undefined;
}
