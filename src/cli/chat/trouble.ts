/** Why a server could not be reached, in a sentence for who typed its address. */

import { codeOf } from '../../core/errors.ts';
import { safeLine } from './safe-text.ts';

const sentences: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'its name cannot be looked up at the moment',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to this host',
  ENETUNREACH: 'there is no way to this network',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_SOCKET: 'it hung up without an answer; maybe it is to be spoken to by https://',
  EPROTO: 'it speaks no TLS; maybe it is to be spoken to by http://',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks no TLS; maybe it is to be spoken to by http://',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it speaks no TLS; maybe it is to be spoken to by http://',
  HPE_HEADER_OVERFLOW: 'the head of its answer is larger than 16 kB',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself; NODE_EXTRA_CA_CERTS=FILE trusts it',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is signed by nobody known; NODE_EXTRA_CA_CERTS=FILE trusts its signer',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is signed by nobody known; NODE_EXTRA_CA_CERTS=FILE trusts its signer',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is signed by nobody known; NODE_EXTRA_CA_CERTS=FILE trusts its signer',
};

/** What the other end says of the handshake, which codes tell not at all or at great length. */
const alerts: readonly (readonly [RegExp, string])[] = [
  [/alert protocol version/, 'it speaks no TLS that is still safe (1.2 or later)'],
  [
    /alert certificate required|alert handshake failure/,
    'it breaks off the TLS handshake; maybe it wants a certificate of whoever calls',
  ],
];

/** @param error what `fetch` threw */
export function troubleOf(error: unknown): string {
  const cause = deepest(error);
  if (cause instanceof Error && cause.name === 'TimeoutError') return 'it does not answer';
  const code = codeOf(cause) ?? '';
  const alert = cause instanceof Error && alerts.find(([said]) => said.test(cause.message));
  if (alert) return alert[1];
  const known = Object.hasOwn(sentences, code) ? sentences[code] : undefined;
  if (known !== undefined) return known;
  // What it sent is no HTTP: TLS, often.
  if (code.startsWith('HPE_')) return 'what it answers is no HTTP; maybe it is to be spoken to by https://';
  const message = cause instanceof Error ? cause.message : String(cause);
  return safeLine(message.replace(/\s+/g, ' ').replace(/\.$/, '')) + (code === '' ? '' : ` (${code})`);
}

/** `fetch` wraps what happened; where a name has several addresses, there are several of it. */
function deepest(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return deepest(error.errors[0]);
  if (error instanceof Error && error.cause !== undefined) return deepest(error.cause);
  return error;
}
