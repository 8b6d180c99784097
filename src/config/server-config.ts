/** What a server of its own must have, and an application that has Parlor as a plugin sees to by itself. */

import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';

/** @throws ConfigError if members are told by certificates, and nobody is asked for one */
export function requireClientAuthority({ auth, tlsClientCa }: Config): void {
  if (tlsClientCa !== null || auth.every(({ type }) => type !== 'certificate')) return;
  throw new ConfigError('AUTH: certificate expects TLS_CLIENT_CA beside TLS_CERT and TLS_KEY; got none.');
}
