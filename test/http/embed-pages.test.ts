/** What pages of other origins may load and frame, and that it is nothing else. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { ApiClient } from '../support/api-client.ts';
import { exchange } from '../support/raw-http.ts';
import { startServer, type TestServer } from '../support/test-server.ts';

async function served(t: TestContext, options: Record<string, string> = {}): Promise<TestServer> {
  const server = await startServer(options);
  t.after(async () => {
    await server.close();
    assert.deepEqual(server.faults, []);
  });
  return server;
}

/** The answer as it is, compressed or not. */
function raw(server: TestServer, path: string, ...headers: string[]) {
  const lines = [`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers];
  return exchange(server.port, `${lines.join('\r\n')}\r\n\r\n`);
}

const ancestorsOf = (response: Response) =>
  /frame-ancestors ([^;]*)/.exec(response.headers.get('content-security-policy') ?? '')?.[1];

describe('embed.js', () => {
  it('has an address that stays, for every page', async (t) => {
    const server = await served(t);
    const answer = await fetch(`${server.url}/embed.js`, { headers: { origin: 'https://shop.example' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.equal(answer.headers.get('cross-origin-resource-policy'), 'cross-origin');
    assert.equal(answer.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=300');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.match(await answer.text(), /parlor-room/);
  });

  it('comes compressed as the browser can read it, and not at all if it has it', async (t) => {
    const server = await served(t);
    const plain = await raw(server, '/embed.js');
    assert.equal(plain.headers.get('content-encoding'), null);
    const [br, gzip] = [['br'], ['gzip']].map(([name]) => fetchBytes(`${server.url}/embed.js`, name ?? ''));
    assert.equal(brotliDecompressSync((await br)?.bytes ?? '').toString(), plain.text);
    assert.equal(gunzipSync((await gzip)?.bytes ?? '').toString(), plain.text);
    const refused = await raw(server, '/embed.js', 'Accept-Encoding: br;q=0, gzip;q=0');
    assert.equal(refused.text, plain.text);
    assert.equal(plain.headers.get('vary'), 'Accept-Encoding');
    const etag = plain.headers.get('etag') ?? '';
    assert.match(etag, /^W\/"embed-[A-Z0-9]{8}"$/);
    const again = await raw(server, '/embed.js', `If-None-Match: "other", ${etag}`);
    assert.deepEqual([again.status, again.text], [304, '']);
    assert.equal(again.headers.get('access-control-allow-origin'), '*');
    assert.equal((await raw(server, '/embed.js', 'If-None-Match: "other"')).status, 200);
    assert.equal((await fetch(`${server.url}/embed.js`, { method: 'POST' })).status, 405);
  });
});

describe('the frame of a room', () => {
  it('may be framed by this host alone if EMBED_ORIGINS names nobody', async (t) => {
    const server = await served(t);
    const answer = await fetch(`${server.url}/embed/lobby`);
    assert.equal(answer.status, 200);
    assert.equal(ancestorsOf(answer), "'self'");
    assert.equal(answer.headers.get('x-frame-options'), 'SAMEORIGIN');
  });

  it('may be framed by those whom EMBED_ORIGINS names, and nothing else says no', async (t) => {
    const server = await served(t, { EMBED_ORIGINS: 'https://shop.example, http://localhost:8080' });
    const answer = await fetch(`${server.url}/embed/lobby`);
    assert.equal(ancestorsOf(answer), "'self' https://shop.example http://localhost:8080");
    assert.equal(answer.headers.get('x-frame-options'), null);
    for (const path of ['/', '/lobby', '/embed', '/plain/lobby']) {
      const other = await fetch(`${server.url}${path}`, { headers: { accept: 'text/html' } });
      assert.equal(ancestorsOf(other), "'none'", path);
    }
    const everybody = await served(t, { EMBED_ORIGINS: '*' });
    assert.equal(ancestorsOf(await fetch(`${everybody.url}/embed/lobby`)), '*');
  });

  it('is as strict as the page, and sets no cookie', async (t) => {
    const server = await served(t, { EMBED_ORIGINS: '*' });
    const answer = await fetch(`${server.url}/embed/lobby`);
    const policy = answer.headers.get('content-security-policy') ?? '';
    const page = await fetch(`${server.url}/lobby`, { headers: { accept: 'text/html' } });
    const pagePolicy = page.headers.get('content-security-policy') ?? '';
    assert.equal(policy.replace(/frame-ancestors .*/, ''), pagePolicy.replace(/frame-ancestors .*/, ''));
    assert.deepEqual(answer.headers.getSetCookie(), []);
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
    const html = await answer.text();
    assert.doesNotMatch(html, /\{\{|<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/i);
    assert.match(html, /data-room="lobby" data-is-here="yes"/);
  });

  it('of a room that is not there is 404, and repeats no word of the address', async (t) => {
    const server = await served(t);
    for (const path of ['/embed/nowhere', '/embed/%22%3E%3Cscript%3E', '/embed/__proto__']) {
      const answer = await fetch(`${server.url}${path}`);
      assert.equal(answer.status, 404, path);
      assert.match(await answer.text(), /data-room="" data-is-here="no"/);
    }
  });
});

describe('the page that builds snippets', () => {
  it('knows what the server allows', async (t) => {
    const server = await served(t, {
      ROOMS: 'tea,coffee',
      EMBED_ORIGINS: 'https://shop.example',
      FEED_ORIGINS: 'none',
    });
    const answer = await fetch(`${server.url}/embed`);
    const html = await answer.text();
    assert.match(
      html,
      /data-rooms="tea coffee" data-embed-origins="https:\/\/shop\.example" data-feed-origins=""/,
    );
    assert.match(answer.headers.get('content-security-policy') ?? '', /frame-src 'self'/);
    assert.equal((await fetch(`${server.url}/embed/`)).status, 200);
    const closed = await served(t, { FEED: 'members' });
    assert.match(await (await fetch(`${closed.url}/embed`)).text(), /data-feed-origins=""/);
  });
});

it('nothing but embed.js is for pages of every origin, and only the feed has CORS beside it', async (t) => {
  const server = await served(t, { EMBED_ORIGINS: '*', FEED_ORIGINS: 'https://reader.example' });
  const member = await ApiClient.join(server.url, 'Ada');
  const assets = readdirSync(new URL('../../public/assets/', import.meta.url));
  const icons = readdirSync(new URL('../../public/icons/', import.meta.url));
  const room = '/v1/rooms/lobby';
  const paths = [
    '/',
    '/lobby',
    '/nowhere',
    '/embed',
    '/embed/',
    '/embed/lobby',
    '/embed/nowhere',
    '/embed.d.ts',
    '/plain/lobby',
    '/manifest/lobby',
    '/livez',
    '/readyz',
    '/v1/rooms',
    room,
    `${room}/history`,
    `${room}/session`,
    `${room}/session/users`,
    `${room}/session/updates`,
    ...assets.filter((name) => /\.(js|css|json|map)$/.test(name)).map((name) => `/assets/${name}`),
    ...icons.map((name) => `/static/${name}`),
  ];
  assert.ok(paths.length > 30);
  for (const path of paths) {
    for (const method of ['GET', 'OPTIONS', 'POST']) {
      const answer = await fetch(`${server.url}${path}`, {
        method,
        headers: { origin: 'https://shop.example', authorization: `Bearer ${member.token}` },
      });
      await answer.arrayBuffer();
      assert.notEqual(
        answer.headers.get('cross-origin-resource-policy'),
        'cross-origin',
        `${method} ${path}`,
      );
      assert.equal(answer.headers.get('access-control-allow-origin'), null, `${method} ${path}`);
    }
  }
  const feed = await fetch(`${server.url}${room}`, { headers: { origin: 'https://reader.example' } });
  assert.equal(feed.headers.get('access-control-allow-origin'), 'https://reader.example');
  assert.equal(feed.headers.get('cross-origin-resource-policy'), null);
});

async function fetchBytes(url: string, encoding: string): Promise<{ bytes: Buffer }> {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'accept-encoding': encoding }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        assert.equal(response.headers['content-encoding'], encoding);
        resolve({ bytes: Buffer.concat(chunks) });
      });
    }).on('error', reject);
  });
}
