/** The certificate, and which HTTP a browser would speak: what is agreed on before the first request. */

import { isIP } from 'node:net';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { troubleOf } from '../chat/trouble.ts';
import { type Finding, findingsOf } from './finding.ts';
import type { Line } from './line.ts';
import { isThisMachine } from './this-machine.ts';

const timeoutMs = 6000;
const soonDays = 14;
const dayMs = 24 * 3600 * 1000;
const recipes = 'docs/proxies.md has recipes';

export async function checkTls({ origin }: Line): Promise<Finding[]> {
  const { protocol, hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  const http = findingsOf('HTTP version');
  if (protocol === 'http:') {
    if (isThisMachine(hostname)) return [http.ok('HTTP/1.1, within this machine.')];
    return [
      findingsOf('certificate').warning(
        'There is no TLS: everybody on the way reads along, passwords too.',
        `Set TLS_CERT and TLS_KEY (docs/tls.md), or put a proxy in front: ${recipes}.`,
      ),
    ];
  }
  let socket: TLSSocket;
  try {
    socket = await shaken(host, Number(port || 443));
  } catch (error) {
    return [findingsOf('certificate').problem(`No TLS connection: ${troubleOf(error)}.`)];
  }
  try {
    const certificate = certificateFinding(socket, host);
    if (socket.alpnProtocol === 'h2') return [certificate, http.ok('HTTP/2.')];
    return [
      certificate,
      http.warning(
        'Only HTTP/1.1: a browser has six connections to a host, and each stream takes one.',
        `Have the proxy speak HTTP/2: ${recipes}. Parlor itself does not.`,
      ),
    ];
  } finally {
    socket.destroy();
  }
}

function shaken(host: string, port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      // An address is no name of a server.
      ...(isIP(host) === 0 && { servername: host }),
      ALPNProtocols: ['h2', 'http/1.1'],
      // What is wrong is to be seen.
      rejectUnauthorized: false,
    });
    // Not `setTimeout` of the socket, which begins anew with each byte.
    const late = () => socket.destroy(new DOMException('late', 'TimeoutError'));
    const timer = setTimeout(late, timeoutMs);
    socket.on('secureConnect', () => resolve(socket));
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error('it hung up'));
    });
    socket.on('error', reject);
  });
}

function certificateFinding(socket: TLSSocket, host: string): Finding {
  const { ok, warning, problem } = findingsOf('certificate');
  const certificate = socket.getPeerCertificate(true);
  const until = new Date(certificate.valid_to);
  const day = Number.isNaN(until.getTime()) ? 'an unknown day' : until.toISOString().slice(0, 10);
  const days = Math.floor((until.getTime() - Date.now()) / dayMs);
  // Typed as an error; it is a code.
  const code = socket.authorizationError === undefined ? '' : String(socket.authorizationError);
  if (socket.authorized) {
    if (days < soonDays) {
      return warning(`The certificate ends on ${day}, in ${days} days.`, 'See to its renewal.');
    }
    return ok(`The certificate is for ${host}, trusted here, and good until ${day}.`);
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return problem(
      `The certificate has expired, or one that it rests on; its own last day is ${day}.`,
      'Renew it; Parlor and most proxies then read it again, some when they are reloaded (docs/tls.md).',
    );
  }
  if (code === 'CERT_NOT_YET_VALID') {
    return problem(
      'The certificate is not valid yet.',
      'Compare the clocks of the server and of this machine.',
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return problem(
      `The certificate is for another name than ${host}: for ${namesOf(certificate)}.`,
      'Take a certificate with that name, or the address that it is for.',
    );
  }
  if (code === 'DEPTH_ZERO_SELF_SIGNED_CERT') {
    return problem(
      'The certificate is signed by itself: browsers warn of it, and programs refuse it.',
      'Take one of Let’s Encrypt, say (docs/proxies.md); to try things, NODE_EXTRA_CA_CERTS=FILE trusts it.',
    );
  }
  const isAlone =
    certificate.issuerCertificate === undefined || certificate.issuerCertificate === certificate;
  if (isAlone && code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE') {
    return problem(
      'The server sends its own certificate alone, without those between it and an authority that is known here.',
      'Give TLS_CERT, or the proxy, the whole chain (fullchain.pem); NODE_EXTRA_CA_CERTS=FILE trusts an authority of your own.',
    );
  }
  return problem(
    `The certificate is signed by nobody who is known here (${code}).`,
    'NODE_EXTRA_CA_CERTS=FILE trusts an authority of your own.',
  );
}

function namesOf({ subjectaltname = '', subject }: PeerCertificate): string {
  const names = subjectaltname.replaceAll(/DNS:|IP Address:/g, '');
  const common = subject?.CN;
  return names || (Array.isArray(common) ? common.join(', ') : (common ?? 'nobody'));
}
