/** The files by which a Redis over TLS is trusted, and by which it trusts this server. */

import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { quote } from '../../core/quote.ts';
import { whyUnreadable } from '../../core/unreadable.ts';
import type { RedisAddress } from './address.ts';

/** Paths; null: not given. */
export interface TlsFiles {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

/**
 * An address with what stands in the files. They are read once: a renewed certificate is taken by a restart.
 * @throws Error in one line that says which option names what cannot be used
 */
export async function withTlsFiles(address: RedisAddress, files: TlsFiles): Promise<RedisAddress> {
  const { tls, host = '' } = address.connection;
  if (!tls) return address;
  const [ca, cert, key] = await Promise.all([
    read('STORE_CA', files.ca),
    read('STORE_CERT', files.cert),
    read('STORE_KEY', files.key),
  ]);
  if (ca) check('STORE_CA', files.ca, { ca: ca.text });
  if (cert && key) check('STORE_CERT', files.cert, { cert: cert.text, key: key.text });
  const given = {
    // Node names a host to the other side only if told to; an address is no name.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca ? { ca: ca.text } : {}),
    ...(cert && key ? { cert: cert.text, key: key.text } : {}),
  };
  return { ...address, connection: { ...address.connection, tls: { ...tls, ...given } } };
}

async function read(option: string, path: string | null): Promise<{ text: string } | undefined> {
  if (path === null) return undefined;
  try {
    return { text: await readFile(path, 'utf8') };
  } catch (error) {
    throw new Error(
      `${option}: ${quote(path)} cannot be read (${whyUnreadable(path, error, process.cwd())}).`,
    );
  }
}

/** OpenSSL takes a text without any certificate for an empty list of authorities. */
function check(
  option: string,
  path: string | null,
  context: { ca?: string; cert?: string; key?: string },
): void {
  const why = (() => {
    if (context.ca !== undefined && !context.ca.includes('-----BEGIN CERTIFICATE-----'))
      return 'no certificate in PEM';
    try {
      createSecureContext(context);
      return undefined;
    } catch (error) {
      // Nothing of what came may be told: it may be a key.
      return error instanceof Error && 'reason' in error ? String(error.reason) : 'not what TLS takes';
    }
  })();
  if (why !== undefined) throw new Error(`${option}: ${quote(path ?? '')} cannot be used (${why}).`);
}
