/** Where the server is reached, and what it says. */

import { host, origin, proxyAddress } from '../network-types.ts';
import { choice, list, optional, orOff, path, wholeNumber } from '../option-types.ts';
import type { OptionVisitor } from './option.ts';

const none: readonly string[] = Object.freeze([]);

export function reachOptions(option: OptionVisitor) {
  return {
    host: option('HOST', host, '127.0.0.1', 'The address to listen on; 0.0.0.0 or :: for all of them.'),
    port: option('PORT', wholeNumber(0, 65_535), '3000', 'The port to listen on; 0 takes any free one.'),
    publicUrl: option(
      'PUBLIC_URL',
      optional(origin),
      '',
      'How the world reaches this server, if not by the host that requests name.',
    ),
    trustProxy: option(
      'TRUST_PROXY',
      orOff(list(proxyAddress, 'addresses or networks of proxies, never everybody'), none, 'trust nobody'),
      'off',
      'The proxies whose X-Forwarded-* headers count.',
    ),
    tlsCert: option(
      'TLS_CERT',
      optional(path),
      '',
      'The certificate by which the server speaks HTTPS itself, with those that lead to its authority; read again when it changes.',
    ),
    tlsKey: option('TLS_KEY', optional(path), '', 'The private key of TLS_CERT.'),
    tlsClientCa: option(
      'TLS_CLIENT_CA',
      optional(path),
      '',
      'The authorities whose certificates of clients are trusted, for AUTH=certificate; without it clients are asked for none.',
    ),
    logLevel: option(
      'LOG_LEVEL',
      choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
      'info',
      'The least severe level that is logged.',
    ),
  };
}
