/** How a client reaches this server. */

import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config/config.ts';
import { isPlainHost } from './plain-host.ts';

/** Without a slash at the end, and fit to be pasted into a shell. */
export function addressOf(request: FastifyRequest, config: Config): string {
  if (config.publicUrl !== null) return config.publicUrl;
  const host = isPlainHost(request.host) ? request.host : ownAddress(request);
  return `${request.protocol}://${host}`;
}

/** Where the request arrived: for clients that give no name of a host, or one that belongs into no shell. */
function ownAddress({ socket: { localAddress = 'localhost', localPort } }: FastifyRequest): string {
  return `${isIPv6(localAddress) ? `[${localAddress}]` : localAddress}:${localPort}`;
}
