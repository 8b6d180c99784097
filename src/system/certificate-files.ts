/** The files by which a server speaks TLS: read together, and checked before anything is done with them. */

import { constants, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { codeOf } from '../core/errors.ts';
import { quote } from '../core/quote.ts';
import { whyUnreadable } from '../core/unreadable.ts';

export interface CertificatePaths {
  /** The server's certificate, and those between it and the authority's. */
  readonly cert: string;
  readonly key: string;
  /** The authorities whose certificates of clients are trusted; null: clients are asked for none. */
  readonly clientCa: string | null;
}

export interface CertificateFiles {
  /** What they say, to tell whether they have changed. */
  readonly texts: string;
  readonly context: SecureContextOptions;
  /** In wall milliseconds. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** More than the bundle with which a system comes. */
const maxBytes = 2 ** 20;
const pemCertificate = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

// Forward secrecy and authenticated encryption only. The keys of a connection never change hands in its middle.
const rules: SecureContextOptions = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
};

/** @throws Error in one line that says which option names what cannot be used, and why */
export async function readCertificateFiles(paths: CertificatePaths): Promise<CertificateFiles> {
  const [certText, keyText, caText] = await Promise.all([
    read('TLS_CERT', paths.cert),
    read('TLS_KEY', paths.key),
    paths.clientCa === null ? null : read('TLS_CLIENT_CA', paths.clientCa),
  ]);
  const [certificate] = certificatesIn('TLS_CERT', paths.cert, certText);
  const key = privateKeyIn(paths.key, keyText);
  // The first is the server's own, as TLS wants it.
  if (!certificate?.checkPrivateKey(key)) {
    throw new Error(
      `TLS_KEY: the key in ${quote(paths.key)} is not that of the first certificate in ${quote(paths.cert)} (TLS_CERT).`,
    );
  }
  const ca = paths.clientCa === null ? [] : certificatesIn('TLS_CLIENT_CA', paths.clientCa, caText ?? '');
  const context = {
    ...rules,
    cert: certText,
    key: keyText,
    ...(ca.length > 0 ? { ca: ca.map(String) } : {}),
  };
  try {
    createSecureContext(context);
  } catch (error) {
    throw new Error(`TLS_CERT: ${quote(paths.cert)} cannot be used (${reasonOf(error)}).`);
  }
  return {
    texts: [certText, keyText, caText].join('\0'),
    context,
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
  };
}

async function read(option: string, path: string): Promise<string> {
  const unreadable = (why: string) => new Error(`${option}: ${quote(path)} cannot be read (${why}).`);
  try {
    const status = await stat(path);
    // What is no file may never end, or not be there a second time.
    if (!status.isFile()) throw unreadable('it is no file');
    if (status.size > maxBytes) throw unreadable(`it has more than ${maxBytes} bytes`);
    return await readFile(path, 'utf8');
  } catch (error) {
    throw codeOf(error) === undefined ? error : unreadable(whyUnreadable(path, error, process.cwd()));
  }
}

function certificatesIn(option: string, path: string, text: string): readonly X509Certificate[] {
  const blocks = text.match(pemCertificate);
  if (!blocks) throw new Error(`${option}: ${quote(path)} has no certificate in PEM.`);
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new Error(
        `${option}: certificate ${index + 1} in ${quote(path)} cannot be understood (${reasonOf(error)}).`,
      );
    }
  });
}

function privateKeyIn(path: string, text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    // Nothing of what came may be told.
    throw new Error(`TLS_KEY: expected ${quote(path)} to have a private key in PEM, without a passphrase.`);
  }
}

/** What OpenSSL says, without its numbers. */
function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'reason' in error) return String(error.reason);
  return error instanceof Error ? error.message : String(error);
}
