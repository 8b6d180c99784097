/** The page of the operator as it comes over the wire; what it does is tested in test/e2e. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../support/test-server.ts';

const token = 'a-secret-of-enough-characters';
const html = { headers: { accept: 'text/html' } };

test('without ADMIN_TOKEN there is no page of the operator: it is an address like any unknown one', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const [admin, unknown] = await Promise.all(
    ['/admin', '/no-such-room'].map((path) => fetch(`${server.url}${path}`, html)),
  );
  assert.equal(admin?.status, 404);
  assert.equal(await admin?.text(), await unknown?.text());
  assert.equal((await fetch(`${server.url}/admin/`, html)).status, 404);
});

test('no room takes its place, and it none of a room', async (t) => {
  const server = await startServer({ ADMIN_TOKEN: token, ROOMS: '*' });
  t.after(() => server.close());
  assert.match(await (await fetch(`${server.url}/admin`, html)).text(), /<title>Administration/);
  assert.match(await (await fetch(`${server.url}/administrators`, html)).text(), /administrators/);
});

test('it may load nothing from elsewhere, be framed by nobody, be kept nowhere, and make no markup of texts', async (t) => {
  const server = await startServer({ ADMIN_TOKEN: token, EMBED_ORIGINS: '*' });
  t.after(() => server.close());
  for (const path of ['/admin', '/admin/']) {
    const answer = await fetch(`${server.url}${path}`, html);
    assert.equal(answer.status, 200);
    const policy = new Map(
      (answer.headers.get('content-security-policy') ?? '').split(';').map((directive) => {
        const [name = '', ...sources] = directive.split(' ');
        return [name, sources.join(' ')];
      }),
    );
    assert.deepEqual(
      Object.fromEntries(policy),
      {
        'default-src': "'none'",
        'script-src': "'self'",
        'style-src': "'self'",
        'img-src': "'self' data:",
        'connect-src': "'self'",
        'manifest-src': "'none'",
        'base-uri': "'none'",
        'form-action': "'none'",
        'frame-ancestors': "'none'",
        'require-trusted-types-for': "'script'",
        'trusted-types': "'none'",
      },
      path,
    );
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(answer.headers.get('x-frame-options'), 'DENY');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(answer.headers.get('set-cookie'), null);
    const text = await answer.text();
    assert.doesNotMatch(text, new RegExp(token));
    assert.doesNotMatch(text, /<(script|style)(?![^>]*src=)[^>]*>|\son\w+=|\sstyle=/, 'nothing is inline');
    assert.match(text, /src="\/assets\/admin-[A-Z0-9]{8}\.js"/);
  }
  assert.equal((await fetch(`${server.url}/admin`, { method: 'POST' })).status, 405);
});
