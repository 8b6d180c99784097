import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientCertificate, type ClientCertificateOptions } from '../../src/auth/client-certificate.ts';
import type { Certificate } from '../../src/core/authenticator.ts';
import { authenticatorContract, credentials, refusalOf } from '../contract/authenticator-contract.ts';
import { FakeClock } from '../support/fake-clock.ts';

const clock = new FakeClock();
const day = 24 * 3_600_000;
const fingerprint = 'AB:CD';
const adas: Certificate = {
  isTrusted: true,
  subject: 'CN=Ada,O=Example',
  commonName: 'Ada',
  names: [
    { type: 'dns', value: 'ada.example.org' },
    { type: 'email', value: 'ada@example.org' },
    { type: 'email', value: 'countess@example.org' },
    { type: 'uri', value: 'https://example.org/ada' },
  ],
  fingerprint,
  validFrom: clock.wall() - day,
  validTo: clock.wall() + day,
};
const claims = { subject: adas.subject, fingerprint, names: adas.names };

function authenticator(options: Partial<ClientCertificateOptions> = {}): ClientCertificate {
  return new ClientCertificate({ user: 'subject', maxNameLength: 32, clock, ...options });
}

const having = (changes: Partial<Certificate>) => credentials({ certificate: { ...adas, ...changes } });

authenticatorContract('certificate', async () => ({
  authenticator: authenticator(),
  right: { certificate: adas },
  admission: {
    name: 'Ada',
    user: { id: 'certificate:CN=Ada,O=Example', name: 'Ada', claims, expiresAt: adas.validTo },
  },
  wrong: [
    [having({ isTrusted: false }), 'permission-denied'],
    [having({ validTo: clock.wall() }), 'permission-denied'],
    [having({ validFrom: clock.wall() + 1 }), 'permission-denied'],
    [having({ subject: '' }), 'permission-denied'],
    [having({ subject: 'x'.repeat(512) }), 'permission-denied'],
    [having({ names: [{ type: 'uri', value: 'x'.repeat(4096) }] }), 'permission-denied'],
    [having({ commonName: 'A<b>' }), 'invalid-name'],
    [having({ commonName: null }), 'invalid-name'],
  ],
  nothing: { name: 'Ada', password: 'correct horse', headers: { authorization: 'Bearer x' } },
  secrets: [],
}));

test('the user is what CERTIFICATE_USER says, and the name is the common name', async () => {
  for (const [user, id] of [
    ['subject', 'CN=Ada,O=Example'],
    ['fingerprint', fingerprint],
    ['san:email', 'ada@example.org'],
    ['san:dns', 'ada.example.org'],
    ['san:uri', 'https://example.org/ada'],
  ] as const) {
    const admission = await authenticator({ user }).authenticate(having({}));
    assert.deepEqual([admission?.user?.id, admission?.name], [`certificate:${id}`, 'Ada']);
  }
});

test('without a common name it is that of the alternative name, if that is the user', async () => {
  for (const [user, name] of [
    ['san:email', 'ada'],
    ['san:dns', 'ada.example.org'],
  ] as const) {
    const admission = await authenticator({ user }).authenticate(having({ commonName: null }));
    assert.equal(admission?.name, name);
  }
});

test('a refusal says what is wrong with the certificate', async () => {
  for (const [changes, user, said] of [
    [{ validTo: clock.wall() }, 'subject', /^Your certificate has expired \(2026-01-01\)\.$/],
    [{ validFrom: clock.wall() + day }, 'subject', /^Your certificate is not valid before 2026-01-02\.$/],
    [{ isTrusted: false }, 'subject', /^Your certificate is of no authority that is trusted here, or/],
    [{ names: [] }, 'san:email', /^Your certificate has no e-mail address \(SAN email\)\.$/],
    [{ commonName: null }, 'subject', /^Expected a common name \(CN\) in your certificate; it has none\.$/],
    [
      { commonName: 'ada@example.org' },
      'subject',
      /^The common name \(CN\) of your certificate is no name\. A name has letters, .+ this one has "@"\.$/,
    ],
    [
      { commonName: null },
      'san:uri',
      /^The address \(SAN URI\) of your certificate is no name\. A name has letters, .+ this one has ":"\.$/,
    ],
  ] as const) {
    const { message } = await refusalOf(authenticator({ user }).authenticate(having(changes)));
    assert.match(message, said);
  }
});
