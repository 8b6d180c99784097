/** A single sign-on on the same host as the chat: whoever follows its link has its cookie, and comes back. */

import { createServer } from 'node:http';
import type { TestContext } from 'node:test';
import { listening } from './listening.ts';
import { adasClaims, hmac, secret } from './tokens.ts';

export interface SignOn {
  /** What the chat is to be configured with. */
  readonly options: Readonly<Record<string, string>>;
  /** Where those came from who have signed in. */
  readonly returns: string[];
  /** Of the tokens that it gives from now on. */
  claims: Readonly<Record<string, unknown>>;
}

export async function signOn(t: TestContext): Promise<SignOn> {
  const returns: string[] = [];
  const server = createServer(({ url = '/' }, response) => {
    const back = new URL(url, 'http://sign-on').searchParams.get('return') ?? '';
    returns.push(back);
    const token = hmac({ alg: 'HS256' }, adasClaims(Date.now(), { ...on.claims }));
    // Cookies do not tell ports apart.
    response.writeHead(303, { location: back, 'set-cookie': `SSO=${token}; Path=/; HttpOnly` }).end();
  });
  const url = await listening(t, server);
  const on = {
    options: {
      AUTH: 'jwt',
      JWT_SECRET: secret,
      AUTH_TOKENS: 'cookie:SSO',
      LOGIN_URL: `${url}/login?return={url}`,
    },
    returns,
    claims: {},
  };
  return on;
}
