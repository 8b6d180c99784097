/** What a scanner finds out about the server's TLS, and that it would find what is weak. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { Authority, Pair } from '../support/certificates.ts';
import { has } from '../support/needs.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { startServer } from '../support/test-server.ts';
import { scanTls, weaknessesOf } from '../support/tls-scan.ts';

const run = promisify(execFile);

/** A pair on RSA, as some authorities still give. */
async function rsaPair(t: TestContext): Promise<Pair> {
  const pair = new Pair(join(temporaryFolder(t), 'rsa'));
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const files = ['-keyout', pair.key, '-out', pair.cert];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names, ...files]);
  return pair;
}

const isMissing = (t: TestContext) => !has(t, 'openssl') || !has(t, 'sslscan');

test('a scanner finds TLS 1.2 and 1.3, and no weak cipher, on keys of both kinds', async (t) => {
  if (isMissing(t)) return;
  for (const { cert, key } of [await (await Authority.create(t)).server(), await rsaPair(t)]) {
    const server = await startServer({ TLS_CERT: cert, TLS_KEY: key });
    t.after(() => server.close());
    const found = await scanTls('localhost', server.port);
    assert.deepEqual(weaknessesOf(found), []);
    assert.deepEqual(found.protocols, ['tls 1.2', 'tls 1.3']);
    assert.equal(found.ciphers.length, 6, found.ciphers.join());
    t.diagnostic(found.ciphers.join(', '));
  }
});

test('the scanner sees what is weak where it is', async (t) => {
  if (isMissing(t)) return;
  const ciphers = 'ALL:aNULL:@SECLEVEL=0';
  const server = createServer({ ...(await rsaPair(t)).texts, ciphers, minVersion: 'TLSv1' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const weaknesses = weaknessesOf(await scanTls('localhost', address.port)).join('\n');
  for (const weak of [/^tls 1\.0$/m, /^tls 1\.1$/m, /^TLSv1\.2 AES128-SHA$/m, /^TLSv1\.2 AECDH-/m]) {
    assert.match(weaknesses, weak);
  }
});
