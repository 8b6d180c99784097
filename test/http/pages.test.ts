import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { ApiClient } from '../support/api-client.ts';
import { has } from '../support/needs.ts';
import { exchange } from '../support/raw-http.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

const run = promisify(execFile);
let server: TestServer;
before(async () => {
  server = await startServer({ ROOMS: 'lobby,second' });
});
after(async () => {
  await server.close();
  assert.deepEqual(server.faults, []);
});

const page = (path: string, accept = 'text/html,application/xhtml+xml,*/*;q=0.8') =>
  fetch(`${server.url}${path}`, { headers: { accept } });

test('the lines of the guide work when they are pasted', async (t) => {
  if (!has(t, 'bash') || !has(t, 'curl')) return;
  const folder = await mkdtemp(join(tmpdir(), 'parlor-guide-'));
  t.after(() => rm(folder, { recursive: true }));
  const { stdout: guide } = await run('curl', ['-sS', server.url], { cwd: folder });
  const lines = guide.split('\n').filter((line) => line.startsWith('  curl '));
  assert.equal(lines.length, 8);
  assert.match(guide, /ask again within 60 seconds, or you are taken for gone/);
  const paste = async (line: string) => {
    const { stdout } = await run('bash', ['-c', line.replace('curl', 'curl -sS')], { cwd: folder });
    return stdout;
  };
  /** A stream goes on until Ctrl-C; here until it has begun. What is left of curl ends with the server. */
  const follow = (line: string) => paste(`sed '/^event: init/q' < <(exec ${line} 2>/dev/null)`);
  const [joined, said, users, updates, wait, live, leave, watch] = lines.map((line) => line.trim());

  assert.equal(JSON.parse(await paste(joined ?? '')).name, 'Ada');
  assert.equal(JSON.parse(await paste(said ?? '')).id, 2);
  assert.deepEqual(JSON.parse(await paste(users ?? '')).users, ['Ada']);
  assert.deepEqual(
    JSON.parse(await paste(updates ?? '')).events.map(({ type }: { type: string }) => type),
    ['join', 'message'],
  );
  const waiting = paste(wait ?? '');
  const bob = await ApiClient.join(server.url, 'Bob');
  assert.equal(JSON.parse(await waiting).events[0].name, 'Bob');
  assert.match(await follow(live ?? ''), /^event: init$/m);
  assert.equal(await paste(leave ?? ''), '');
  assert.deepEqual((await bob.users()).body.users, ['Bob']);
  assert.match(await follow(watch ?? ''), /^event: init$/m);
});

test('the guide asks for what the server judges by', async (t) => {
  const joins = async (options: Record<string, string>): Promise<string[]> => {
    const other = await startServer(options);
    t.after(() => other.close());
    const guide = await (await fetch(other.url)).text();
    const lines = guide.split('\n').filter((line) => line.includes(' -c jar '));
    return lines.map((line) => / -c jar (.*) '/.exec(line)?.[1] ?? '');
  };
  const byToken = '-H "Authorization: Bearer $TOKEN" -d delivery=pull';
  const byPassword = '-d name=NAME -d password=PASSWORD';
  const jwt = { JWT_SECRET: 'a secret of thirty-two bytes or more' };
  assert.deepEqual(await joins({ AUTH: 'jwt', ...jwt }), [byToken]);
  const webhooks = 'webhook:http://127.0.0.1:9/';
  assert.deepEqual(await joins({ AUTH: `jwt,${webhooks}`, ...jwt }), [byToken, byPassword]);
  assert.deepEqual(await joins({ AUTH: 'jwt,open', ...jwt }), ['-d name=Ada']);
});

test('each room has its guide, under the address by which it was asked', async () => {
  const answer = await exchange(
    server.port,
    'GET /second HTTP/1.1\r\nHost: chat.example:8080\r\nConnection: close\r\n\r\n',
  );
  assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(answer.headers.get('vary'), 'Accept');
  assert.match(answer.text, /'http:\/\/chat\.example:8080\/v1\/rooms\/second\/session'/);
});

test('a Host that belongs into no shell is not repeated', async () => {
  for (const host of ["x';id;'", '$(id)', 'a b', '`id`', 'x|y', '"', '<script>', 'x\\', '']) {
    const answer = await exchange(
      server.port,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    if (answer.status !== 200) continue;
    assert.ok(answer.text.includes(`http://127.0.0.1:${server.port}/v1`), answer.text.slice(0, 200));
  }
  const html = await exchange(
    server.port,
    'GET / HTTP/1.1\r\nHost: "><script>\r\nAccept: text/html\r\nConnection: close\r\n\r\n',
  );
  assert.doesNotMatch(html.text, /"><script>/);
});

test('PUBLIC_URL wins over the Host, and no feed is offered that is not there', async (t) => {
  const own = await startServer({ PUBLIC_URL: 'https://chat.example', FEED: 'off' });
  t.after(() => own.close());
  const text = await (await fetch(own.url)).text();
  assert.match(text, /'https:\/\/chat\.example\/v1\/rooms\/lobby\/session'/);
  assert.doesNotMatch(text, /127\.0\.0\.1|feed/);
});

test('a browser gets the page, with a strict policy', async () => {
  for (const path of ['/', '/lobby', '/second']) {
    const response = await page(path);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.equal(response.headers.get('cache-control'), 'no-cache');
    assert.equal(response.headers.get('vary'), 'Accept, accept-encoding');
    assert.match(response.headers.get('content-encoding') ?? '', /^(br|gzip|deflate)$/);
    const html = await response.text();
    assert.doesNotMatch(html, /\{\{/, 'everything is filled in');
    assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/i, 'nothing is inline');
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self'(;|$)/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|http:/);
    for (const name of ['cross-origin-opener-policy', 'origin-agent-cluster', 'strict-transport-security']) {
      assert.equal(response.headers.get(name), null, `${name} means nothing over plain HTTP`);
    }
  }
});

test('the page of a room names its room', async () => {
  const [front, second] = [await (await page('/')).text(), await (await page('/second')).text()];
  assert.match(second, /second/);
  assert.doesNotMatch(front, /second/);
});

test('an unknown room is 404, as text and as a page', async () => {
  for (const path of ['/nowhere', '/favicon.ico', '/v1', '/%3Cscript%3E', '/__proto__']) {
    const text = await page(path, '*/*');
    assert.deepEqual([text.status, await text.text()], [404, 'There is no such room here.\n']);
    const html = await page(path);
    assert.equal(html.status, 404);
    assert.equal(html.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(html.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.match(await html.text(), /There is no such room here\./);
  }
});

test('assets have hashed names, are immutable and come compressed', async () => {
  const html = await (await page('/')).text();
  const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
  assert.ok(assets.length >= 2, html);
  for (const path of assets) {
    assert.match(path, /-[A-Z0-9]{8}\.(js|css)$/);
    const get = (encoding: string) =>
      exchange(
        server.port,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${encoding}\r\nConnection: close\r\n\r\n`,
      );
    const plain = await get('identity');
    assert.equal(plain.status, 200);
    assert.equal(plain.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.match(
      plain.headers.get('content-type') ?? '',
      /^(application\/javascript|text\/css); charset=utf-8$/,
    );
    for (const [encoding, unpack] of [
      ['br', brotliDecompressSync],
      ['gzip', gunzipSync],
    ] as const) {
      const packed = await fetchRaw(path, encoding);
      assert.equal(packed.encoding, encoding);
      assert.match(packed.vary, /accept-encoding/i);
      assert.equal(unpack(packed.bytes).toString(), plain.text);
    }
  }
});

test('each room has a manifest, by which its page is installed', async () => {
  const answer = await fetch(`${server.url}/manifest/second`);
  assert.equal(answer.headers.get('content-type'), 'application/manifest+json; charset=utf-8');
  assert.equal(answer.headers.get('cache-control'), 'no-cache');
  const manifest = (await answer.json()) as Record<string, unknown>;
  assert.deepEqual(
    [manifest.id, manifest.start_url, manifest.scope, manifest.short_name],
    ['/second', '/second', '/', 'second'],
  );
  assert.match(await (await page('/second')).text(), /<link rel="manifest" href="\/manifest\/second">/);
  assert.equal((await fetch(`${server.url}/manifest/nowhere`)).status, 404);
  assert.equal((await fetch(`${server.url}/manifest/lobby`, { method: 'POST' })).status, 405);
});

test('the icons of the page and of the manifest are there, of the size they say', async () => {
  const html = await (await page('/')).text();
  const linked = [...html.matchAll(/href="(\/static\/[^"]+)"/g)].map(([, path]) => ({ src: path ?? '' }));
  assert.equal(linked.length, 3);
  const { icons } = (await (await fetch(`${server.url}/manifest/lobby`)).json()) as {
    icons: { src: string; sizes?: string }[];
  };
  // What the page shows while something is unread.
  const marked = ['unread', 'mention'].map((mark) => ({ src: `/static/favicon-${mark}.svg` }));
  for (const { src, sizes } of [...linked, ...icons, ...marked] as { src: string; sizes?: string }[]) {
    const answer = await fetch(`${server.url}${src}`);
    assert.equal(answer.status, 200, src);
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=86400');
    const isVector = src.endsWith('.svg');
    assert.equal(answer.headers.get('content-type'), isVector ? 'image/svg+xml' : 'image/png');
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.ok(bytes.length < 20_000, `${src} is small`);
    if (isVector || sizes === undefined) continue;
    assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes);
  }
});

test('nothing but assets and icons is served as a file', async () => {
  for (const path of [
    '/assets/',
    '/assets/manifest.json',
    '/assets/nothing.js',
    '/assets/%2e%2e/index.html',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%00',
    '/assets/.hidden',
    '/static/',
    '/static/..%2findex.html',
    '/index.html',
  ]) {
    const answer = await exchange(
      server.port,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    assert.ok([400, 403, 404].includes(answer.status), `${path}: ${answer.status}`);
  }
});

function fetchRaw(path: string, encoding: string) {
  return new Promise<{ encoding: string | undefined; vary: string; bytes: Buffer }>((resolve, reject) => {
    http
      .get(`${server.url}${path}`, { headers: { 'accept-encoding': encoding }, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            encoding: response.headers['content-encoding'],
            vary: response.headers.vary ?? '',
            bytes: Buffer.concat(chunks),
          }),
        );
      })
      .on('error', reject);
  });
}
