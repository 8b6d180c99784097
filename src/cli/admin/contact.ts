/** Which server is administered, and by which token, which is never an argument: others see those. */

import type { Config } from '../../config/config.ts';
import type { Arguments } from '../arguments.ts';
import { webAddress } from '../chat/address.ts';
import { ask, canAsk } from '../chat/ask.ts';
import { notLetIn } from '../chat/exit-codes.ts';
import { readToken, soundToken } from '../chat/login-token.ts';
import { Failure, UsageError } from '../failure.ts';
import { ownConfig } from '../own-config.ts';
import { AdminApi } from './admin-api.ts';

/**
 * @param options `url` and `token-file`, where they were given
 * @throws Failure, UsageError if there is no address or no token
 */
export async function contact({ url, 'token-file': path }: Arguments['options']): Promise<AdminApi> {
  const server = url === undefined ? ownUrl(ownConfig()) : givenUrl(url);
  return new AdminApi(server, await tokenFor(server, path));
}

/** @throws UsageError that says what was expected and what came */
export function givenUrl(text: string): string {
  const { origin, pathname } = webAddress(
    text,
    '--url: expected the address of a server, such as https://chat.example.org',
    '',
  );
  // As the address of the page is, which may have been copied.
  return origin + pathname.replace(/\/+$/, '').replace(/\/admin$/, '');
}

/**
 * Where the server is that is started in the same folder with the same environment.
 * @throws Failure if nobody can know
 */
export function ownUrl({
  publicUrl,
  host,
  port,
  tlsCert,
}: Pick<Config, 'publicUrl' | 'host' | 'port' | 'tlsCert'>): string {
  if (publicUrl !== null) return publicUrl;
  if (port === 0) throw new UsageError('Expected --url URL, as PORT is 0: any free one.');
  // One that listens on all addresses does so on this one, too.
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${tlsCert === null ? 'http' : 'https'}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

async function tokenFor(server: string, path: string | undefined): Promise<string> {
  if (path !== undefined) return readToken(path);
  const { ADMIN_TOKEN: given = '' } = process.env;
  // Then nothing else of the configuration need be in order.
  if (given.trim() !== '') return soundToken('ADMIN_TOKEN', given);
  const { adminToken } = ownConfig();
  if (adminToken !== null) return adminToken;
  const places = 'ADMIN_TOKEN of the environment or of .env, or --token-file PATH';
  if (!canAsk()) throw new Failure(`Expected the token of ${server} in ${places}; got none.`, notLetIn);
  return soundToken('what you typed', await ask(`ADMIN_TOKEN of ${server}: `, true));
}
