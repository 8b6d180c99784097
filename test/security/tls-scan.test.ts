/** What a scanner finds out about the server's TLS, and that it would find what is weak. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { Authority, Pair } from '../support/certificates.ts';
import { has, searchPath } from '../support/needs.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { startServer } from '../support/test-server.ts';

const run = promisify(execFile);

interface Found {
  readonly protocols: readonly string[];
  /** With their protocols: `TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256`. */
  readonly ciphers: readonly string[];
  readonly faults: readonly string[];
}

/** What sslscan sees on a port of the loopback. */
async function scan(port: number): Promise<Found> {
  const env = { PATH: searchPath };
  const options = ['--xml=-', '--no-colour', '--show-sigs'];
  const { stdout } = await run('sslscan', [...options, `127.0.0.1:${port}`], { env });
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
function weaknessesOf({ protocols, ciphers, faults }: Found): string[] {
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
    const found = await scan(server.port);
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
  const weaknesses = weaknessesOf(await scan(address.port)).join('\n');
  for (const weak of [/^tls 1\.0$/m, /^tls 1\.1$/m, /^TLSv1\.2 AES128-SHA$/m, /^TLSv1\.2 AECDH-/m]) {
    assert.match(weaknesses, weak);
  }
});
