import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { certificateOf } from '../../src/http/given-certificate.ts';
import { Authority, type Wanted } from '../support/certificates.ts';
import { has } from '../support/needs.ts';

test('what a certificate says is read as it was meant, however it was written', async (t) => {
  if (!has(t, 'openssl')) return;
  const authority = await Authority.create(t);
  const read = async (wanted: Wanted) => {
    const { texts } = await authority.issue('somebody', wanted);
    return certificateOf(new X509Certificate(texts.cert), true);
  };
  const plain = await read({ subject: '/O=Example, Inc./CN=Zoë', names: 'DNS:Ada.Example.org,IP:127.0.0.1' });
  assert.equal(plain.subject, 'CN=Zoë,O=Example\\, Inc.');
  assert.equal(plain.commonName, 'Zoë');
  assert.deepEqual(plain.names, [{ type: 'dns', value: 'ada.example.org' }]);
  assert.match(plain.fingerprint, /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  assert.ok(plain.validTo - plain.validFrom === 24 * 3_600_000);

  // One value that is written as if it were two.
  const sly = await read({
    names:
      '@names\n[names]\nURI.1=https://x/?a, email:eve@example.org\nemail.1=Ada@EXAMPLE.org\nURI.2=https://x/\\"',
  });
  assert.deepEqual(sly.names, [
    { type: 'uri', value: 'https://x/?a, email:eve@example.org' },
    { type: 'email', value: 'Ada@example.org' },
    { type: 'uri', value: 'https://x/"' },
  ]);
  const two = await read({ subject: '/CN=Ada/CN=Bob' });
  assert.deepEqual([two.subject, two.commonName, two.names], ['CN=Bob,CN=Ada', null, []]);
  const nameless = await read({ subject: '/O=Example' });
  assert.deepEqual([nameless.subject, nameless.commonName], ['O=Example', null]);
});
