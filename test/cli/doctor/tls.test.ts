import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import https from 'node:https';
import { describe, it, type TestContext } from 'node:test';
import { Line } from '../../../src/cli/doctor/line.ts';
import { checkPlainHttp } from '../../../src/cli/doctor/plain-http-check.ts';
import { Authority, type Wanted } from '../../support/certificates.ts';
import { runCli } from '../../support/cli.ts';
import { listening } from '../../support/listening.ts';
import { has } from '../../support/needs.ts';
import { startServer } from '../../support/test-server.ts';
import { passOn } from './faulty-proxy.ts';
import { faultsOf, findings, sentence } from './findings.ts';

const proxied = { TRUST_PROXY: '127.0.0.1' };

async function secure(
  t: TestContext,
  pair: { readonly texts: https.ServerOptions },
  {
    protocol = 'https',
    options = {},
  }: { protocol?: string; options?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const server = await startServer({ ...proxied, ...options });
  t.after(() => server.close());
  const listener = passOn(server.url, {
    request: ({ headers }) => {
      headers['x-forwarded-proto'] = protocol;
    },
  });
  const url = await listening(t, https.createServer(pair.texts, listener));
  return url.replace('http:', 'https:');
}

describe('parlor doctor and TLS', () => {
  it('finds nothing wrong behind a proxy with a certificate that is trusted, and goes in there', async (t) => {
    if (!has(t, 'openssl')) return;
    const authority = await Authority.create(t);
    const url = await secure(t, await authority.server('server', { days: 60 }));
    const env = { NODE_EXTRA_CA_CERTS: authority.cert };
    const { code, stdout, stderr } = await runCli(['doctor', url, '--name', 'Doc', '--json'], { env });
    const all = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([code, stderr], [0, '']);
    // The proxy speaks no HTTP/2.
    assert.deepEqual(faultsOf(all), ['warning HTTP version']);
    assert.match(sentence(all, 'ok', 'cookie'), /with __Host- and Secure/);
    sentence(all, 'ok', 'message');
  });

  it('finds certificates that are no good, and goes on without going in', async (t) => {
    if (!has(t, 'openssl')) return;
    const authority = await Authority.create(t);
    const wanted: Record<string, [Wanted, RegExp]> = {
      stranger: [{ days: 60 }, /sends its own certificate alone/],
      soon: [{ days: 3 }, /ends on \d{4}-\d\d-\d\d, in [23] days/],
      expired: [{ days: -1 }, /has expired/],
      other: [
        { days: 60, names: 'DNS:other.example.org' },
        /for another name than 127\.0\.0\.1: for other\.example\.org/,
      ],
    };
    const env = { NODE_EXTRA_CA_CERTS: authority.cert };
    for (const [name, [how, expected]] of Object.entries(wanted)) {
      const pair = await authority.server(name, how);
      const url = await secure(t, pair);
      if (name === 'stranger') {
        const all = await findings(url, { name: 'Doc' });
        assert.match(sentence(all, 'problem', 'certificate'), expected);
        assert.match(sentence(all, 'untried', 'member'), /not trusted/);
        sentence(all, 'ok', 'buffering');
        continue;
      }
      const { stdout } = await runCli(['doctor', url, '--json'], { env });
      const [, certificate = ''] = stdout.split('\n');
      assert.match(JSON.parse(certificate).seen, expected, name);
    }
    const alone = await secure(t, authority);
    assert.match(sentence(await findings(alone), 'problem', 'certificate'), /signed by itself/);
  });

  it('tells of a certificate that is no good also where no Parlor answers', async (t) => {
    if (!has(t, 'openssl')) return;
    const authority = await Authority.create(t);
    const { texts } = await authority.server('stranger', { days: 60 });
    const other = https.createServer(texts, (_, response) => response.end('welcome'));
    const all = await findings((await listening(t, other)).replace('http:', 'https:'));
    assert.deepEqual(faultsOf(all).slice(0, 2), ['problem address', 'problem certificate']);
    assert.match(sentence(all, 'problem', 'certificate'), /its own certificate alone/);
  });

  it('says why a handshake is broken off', async (t) => {
    if (!has(t, 'openssl')) return;
    const authority = await Authority.create(t);
    const { texts } = await authority.server();
    const wanting: [https.ServerOptions, RegExp][] = [
      [{ requestCert: true, rejectUnauthorized: true }, /maybe it wants a certificate/],
      [
        { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' },
        /maybe it wants a certificate/,
      ],
      [
        { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
        /no TLS that is still safe/,
      ],
    ];
    for (const [options, expected] of wanting) {
      const server = https.createServer({ ...texts, ca: authority.texts.cert, ...options });
      const all = await findings((await listening(t, server)).replace('http:', 'https:'));
      assert.match(sentence(all, 'problem', 'address'), expected);
    }
  });

  it('names an authority that is not known, where the whole chain is sent', async (t) => {
    if (!has(t, 'openssl')) return;
    const authority = await Authority.create(t);
    const pair = await authority.server('whole', { days: 60 });
    writeFileSync(pair.cert, readFileSync(pair.cert, 'utf8') + readFileSync(authority.cert, 'utf8'));
    const all = await findings(await secure(t, pair));
    assert.match(sentence(all, 'problem', 'certificate'), /signed by nobody who is known here/);
  });

  it('finds a proxy that does not say that it was asked by https', async (t) => {
    if (!has(t, 'openssl')) return;
    const authority = await Authority.create(t);
    const url = await secure(t, await authority.server(), { protocol: 'http' });
    const all = await findings(url);
    assert.match(
      sentence(all, 'problem', 'own address'),
      /takes itself to be at http:.*lack Secure and __Host-/,
    );
    const env = { NODE_EXTRA_CA_CERTS: authority.cert };
    const { code, stdout } = await runCli(['doctor', url, '--name', 'Doc', '--json'], { env });
    assert.equal(code, 1);
    assert.match(stdout, /"check":"cookie","level":"problem","seen":"The cookie lacks __Host- and Secure/);
  });

  it('sees HTTP/2 where there is some', async (t) => {
    if (!has(t, 'openssl')) return;
    const server = await startServer();
    t.after(() => server.close());
    const pass = passOn(server.url);
    const authority = await Authority.create(t);
    const front = createSecureServer(
      { ...(await authority.server()).texts, allowHTTP1: true },
      (request: Http2ServerRequest, response: Http2ServerResponse) => {
        // Over HTTP/1.1 they are those of HTTP/1.1; the doctor asks for nothing over HTTP/2.
        if (isOld(request) && isOldAnswer(response)) pass(request, response);
        else response.end();
      },
    );
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    t.after(() => front.close());
    const address = front.address();
    assert.ok(address && typeof address === 'object');
    const all = await findings(`https://127.0.0.1:${address.port}`);
    assert.equal(sentence(all, 'ok', 'HTTP version'), 'HTTP/2.');
  });

  it('tells what stands beside it without TLS', async (t) => {
    const server = await startServer();
    t.after(() => server.close());
    const found = {
      line: new Line('https://chat.example.org'),
      room: 'lobby',
      isElsewhere: false,
      usualMs: 1,
    };
    assert.match(
      (await checkPlainHttp(found, server.url))[0]?.seen ?? '',
      /leads to the server too, without TLS/,
    );
    const redirect = http.createServer((_, response) => {
      response.writeHead(308, { location: 'https://chat.example.org/' }).end();
    });
    assert.deepEqual(faultsOf(await checkPlainHttp(found, await listening(t, redirect))), []);
    assert.match((await checkPlainHttp(found, 'http://127.0.0.1:1'))[0]?.seen ?? '', /^Nothing answers/);
    const other = http.createServer((_, response) => response.end('welcome'));
    assert.deepEqual(faultsOf(await checkPlainHttp(found, await listening(t, other))), [
      'warning plain HTTP',
    ]);
  });
});

function isOld(request: unknown): request is http.IncomingMessage {
  return request instanceof http.IncomingMessage;
}

function isOldAnswer(response: unknown): response is http.ServerResponse {
  return response instanceof http.ServerResponse;
}
