/** What sslscan sees of a port that speaks TLS. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { searchPath } from './needs.ts';

export interface Found {
  readonly protocols: readonly string[];
  /** With their protocols: `TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256`. */
  readonly ciphers: readonly string[];
  readonly faults: readonly string[];
}

/** Asks on the loopback for a host of this name. */
export async function scanTls(name: string, port: number): Promise<Found> {
  const env = { PATH: searchPath };
  const options = ['--xml=-', '--no-colour', '--show-sigs'];
  const { stdout } = await promisify(execFile)(
    'sslscan',
    [...options, `--sni-name=${name}`, `127.0.0.1:${port}`],
    { env },
  );
  const all = (pattern: RegExp) => [...stdout.matchAll(pattern)].map(([, ...groups]) => groups.join(' '));
  const faults = [
    ...all(/<(heartbleed) sslversion="([^"]+)" vulnerable="1"/g),
    ...all(/<(compression) supported="1"/g),
    ...all(/<(renegotiation) supported="1" secure="0"/g),
    ...all(/<connection-signature-algorithm sslversion="([^"]+)" name="([^"]*(?:sha1|md5)[^"]*)"/gi),
  ];
  return {
    protocols: all(/<protocol type="(ssl|tls)" version="([\d.]+)" enabled="1"/g),
    ciphers: all(/<cipher status="\w+" sslversion="([^"]+)" .*? cipher="([^"]+)"/g),
    faults,
  };
}

/** Which of what was found is weak. */
export function weaknessesOf({ protocols, ciphers, faults }: Found): string[] {
  return [
    ...protocols.filter((protocol) => !/^tls 1\.[23]$/.test(protocol)),
    // Forward secrecy and authenticated encryption: no RC4, 3DES, CBC, export, NULL or anonymous one has both.
    ...ciphers.filter(
      (cipher) =>
        !/^TLSv1\.3 TLS_(?:AES_\d+_GCM|CHACHA20_POLY1305)_SHA\d+$/.test(cipher) &&
        !/^TLSv1\.2 ECDHE-(?:ECDSA|RSA)-(?:AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)$/.test(cipher),
    ),
    ...faults,
  ];
}
