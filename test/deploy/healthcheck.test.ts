import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Authority } from '../support/certificates.ts';
import { listening } from '../support/listening.ts';
import { has } from '../support/needs.ts';
import { temporaryFolder } from '../support/sqlite.ts';

const script = fileURLToPath(new URL('../../deploy/healthcheck.mjs', import.meta.url));

test('a server that is alive is healthy, wherever it listens', async (t) => {
  const asked: string[] = [];
  const port = portOf(
    await listening(
      t,
      createServer(({ url = '' }, response) => {
        asked.push(url);
        response.end();
      }),
    ),
  );
  for (const HOST of ['0.0.0.0', '127.0.0.1', 'localhost']) {
    assert.deepEqual(await check({ HOST, PORT: port }), { code: 0, said: '' });
  }
  assert.deepEqual(asked, ['/livez', '/livez', '/livez']);
});

test('one that says otherwise is not', async (t) => {
  const port = await answering(t, (_, response) => response.writeHead(503).end());
  assert.deepEqual(await check({ PORT: port }), { code: 1, said: '/livez was answered with 503.\n' });
});

test('one that speaks HTTPS is asked so, whatever name its certificate is for', async (t) => {
  if (!has(t, 'openssl')) return;
  const authority = await Authority.create(t);
  const { cert, texts } = await authority.server('chat', { names: 'DNS:chat.example.org' });
  let asked = 0;
  const server = createSecureServer(texts, (_, response) => {
    asked++;
    response.end();
  });
  const port = portOf(await listening(t, server));
  assert.deepEqual(await check({ PORT: port, TLS_CERT: cert }), { code: 0, said: '' });
  assert.equal((await check({ PORT: port })).code, 1);
  // As the server itself is told; an empty value is none.
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, '.env'), `\uFEFFTLS_CERT=${cert}\r\nPORT="${port}"\r\nHOST=0.0.0.0\r\n`);
  assert.deepEqual(await check({ TLS_CERT: '' }, folder), { code: 0, said: '' });
  // Another might listen where servers do that are told nothing.
  assert.equal(asked, 2);
  assert.equal((await check({ HOST: '127.0.0.1', PORT: '1' }, folder)).code, 1, 'the environment wins');
});

async function answering(t: TestContext, answer: RequestListener): Promise<string> {
  return portOf(await listening(t, createServer(answer)));
}

function portOf(url: string): string {
  return new URL(url).port;
}

function check(env: Record<string, string>, cwd = tmpdir()): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script], { env, cwd }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: stdout + stderr });
    });
  });
}
