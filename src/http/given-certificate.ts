/** The certificate by which a client has proved on its connection who it is. */

import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import type { AlternativeName, Certificate } from '../core/authenticator.ts';

// Of whoever speaks for others the certificate is his own, not theirs; and what he says of theirs is only said.
const marksOfProxies = ['x-forwarded-for', 'forwarded', 'via'];

const types: ReadonlyMap<string, AlternativeName['type']> = new Map([
  ['email', 'email'],
  ['DNS', 'dns'],
  ['URI', 'uri'],
]);
// As Node writes them: what could be taken for another stands in quotes, as JSON has it.
const oneName = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/** Undefined if there is none, or if another passed the request on. */
export function givenCertificate({ raw, headers }: FastifyRequest): Certificate | undefined {
  if (!(raw.socket instanceof TLSSocket)) return undefined;
  if (marksOfProxies.some((name) => headers[name] !== undefined)) return undefined;
  const certificate = raw.socket.getPeerX509Certificate();
  return certificate && certificateOf(certificate, raw.socket.authorized);
}

/** @param isTrusted as the handshake has found */
export function certificateOf(certificate: X509Certificate, isTrusted: boolean): Certificate {
  const { subject, subjectAltName, fingerprint256, validFrom, validTo } = certificate;
  // Several are an array, and none of them is the name.
  const commonName: unknown = certificate.toLegacyObject().subject?.CN;
  return {
    isTrusted,
    // As RFC 4514 has it: the nearest first. What has a meaning in it is escaped already.
    subject: (subject ?? '').split('\n').reverse().join(','),
    commonName: typeof commonName === 'string' ? commonName : null,
    names: namesIn(subjectAltName ?? ''),
    fingerprint: fingerprint256,
    validFrom: Date.parse(validFrom),
    validTo: Date.parse(validTo),
  };
}

function namesIn(text: string): readonly AlternativeName[] {
  const names: AlternativeName[] = [];
  oneName.lastIndex = 0;
  while (oneName.lastIndex < text.length) {
    const [, kind = '', written = ''] = oneName.exec(text) ?? [];
    // What is not understood may have meant anything: then there are none.
    if (kind === '') return [];
    const type = types.get(kind);
    if (type) names.push({ type, value: textOf(type, written) });
  }
  return names;
}

/** The same, however it is written: hosts know no capitals. */
function textOf(type: AlternativeName['type'], written: string): string {
  const value = written.startsWith('"') ? String(JSON.parse(written)) : written;
  switch (type) {
    case 'dns':
      return value.toLowerCase();
    case 'email':
      return value.replace(/@.*$/s, (host) => host.toLowerCase());
    case 'uri':
      return value;
  }
}
