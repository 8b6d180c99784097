import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cast } from './support/cast.ts';
import { routeTable } from './support/route-table.ts';
import { watchedServer } from './support/watched-server.ts';

const friend = 'https://friend.example';
const local = 'http://localhost:5173';
const reader = 'https://reader.example';

/** None of them is in a list, however much it looks like it. */
const hostile: readonly (string | readonly string[])[] = [
  'null',
  'NULL',
  '',
  '*',
  'https://*',
  'https://*.friend.example',
  'undefined',
  'true',
  // More at the end, or at the beginning.
  'https://friend.example.evil.example',
  'https://friend.exampleevil',
  'https://evilfriend.example',
  'https://evil.friend.example',
  'https://www.friend.example',
  'https://friend.exampl',
  'https://friend',
  'https://riend.example',
  'https://friend_example',
  'https://friendXexample',
  // Another port, another scheme, other letters.
  'https://friend.example:8443',
  'https://friend.example:443',
  'https://friend.example:0',
  'http://friend.example',
  'ws://friend.example',
  'file://',
  'file:///friend.example',
  'data:text/html,friend.example',
  'blob:https://friend.example/1',
  'chrome-extension://friendexample',
  'HTTPS://friend.example',
  'https://FRIEND.example',
  // What names the same host to a browser, which sends it otherwise.
  'https://friend.example.',
  'https://friend.example/',
  'https://friend.example/path',
  'https://friend.example?x',
  'https://friend.example#x',
  'https://friend.example@evil.example',
  'https://evil.example@friend.example',
  'https://friend.example%00.evil.example',
  'https://friend.example%60.evil.example',
  'https://friend%2eexample',
  // As bytes of UTF-8, as a browser would never send them: a full-width dot, an i without its own.
  Buffer.from('https://friend．example').toString('latin1'),
  Buffer.from('https://frıend.example').toString('latin1'),
  'https://xn--frend-q4a.example',
  'http://localhost',
  'http://localhost:51730',
  'http://127.0.0.1:5173',
  'https://localhost:5173',
  'http://localhost:5173.evil.example',
  // Several in one, or twice.
  `${friend}, https://evil.example`,
  `https://evil.example, ${friend}`,
  `${friend} ${friend}`,
  `${friend},${local}`,
  [friend, 'https://evil.example'],
  ['https://evil.example', friend],
];

/** What any page may load, whoever it is: it holds nothing of anybody's. */
const forAll = new Set(['/embed.js']);
/** The feed, the history, a room and the list of rooms. */
const feedRoutes = 4;
/** Answers of the API: what they allow depends on who asks. */
const isApi = (url: string): boolean => url.startsWith('/v1/');

test('none of more than 40 hostile origins is allowed anything by any route', async (t) => {
  const server = await watchedServer({ ALLOWED_ORIGINS: `${friend},${local}`, FEED_ORIGINS: reader });
  t.after(() => server.close());
  const cast = await Cast.of(server);
  const before = await server.state();
  assert.ok(hostile.length >= 40, `${hostile.length} origins`);
  const counts = { asked: 0, allowed: 0, varying: 0 };
  for (const { method, url, path } of routeTable) {
    for (const origin of hostile) {
      for (const asked of [method, 'OPTIONS']) {
        const { headers } = await server.ask({
          method: asked,
          path: path.replace('ID', cast.sessionId),
          headers: {
            origin,
            ...(asked === 'OPTIONS'
              ? {
                  'access-control-request-method': method,
                  'access-control-request-headers': 'authorization,content-type',
                }
              : {}),
          },
        });
        const what = `${asked} ${url} for ${JSON.stringify(origin)}`;
        counts.asked++;
        const allowances = Object.keys(headers).filter((name) => /^access-control-/.test(name));
        if (forAll.has(url)) {
          if (asked === method && typeof origin === 'string') {
            assert.equal(headers['access-control-allow-origin'], '*', what);
          }
          assert.equal(headers['access-control-allow-credentials'], undefined, what);
          continue;
        }
        counts.allowed += allowances.length;
        assert.deepEqual(allowances, [], what);
        if (!isApi(url)) continue;
        assert.match(String(headers.vary), /\bOrigin\b/, what);
        counts.varying++;
      }
    }
  }
  assert.deepEqual(await server.state(), before, 'nothing was done for them either');
  const routes = routeTable.length;
  assert.equal(counts.asked, routes * hostile.length * 2);
  assert.equal(counts.allowed, 0);
  t.diagnostic(
    `${hostile.length} origins, ${routes} routes, ${counts.asked} requests, half of them preflights: ` +
      `0 allowances; ${counts.varying} of ${counts.varying} answers of the API vary by Origin`,
  );
});

test('where the same is asked from a page that is allowed, it is: the lists are read', async (t) => {
  const server = await watchedServer({ ALLOWED_ORIGINS: `${friend},${local}`, FEED_ORIGINS: reader });
  t.after(() => server.close());
  const api = routeTable.filter(({ url }) => isApi(url));
  const seen = { friends: 0, readers: 0 };
  for (const { url, path } of api) {
    for (const origin of [friend, local, reader]) {
      const { headers } = await server.ask({
        method: 'OPTIONS',
        path,
        headers: { origin, 'access-control-request-method': 'GET' },
      });
      const allowed = headers['access-control-allow-origin'];
      assert.ok(allowed === undefined || allowed === origin, url);
      assert.match(String(headers.vary), /\bOrigin\b/);
      assert.equal(headers['access-control-allow-credentials'], undefined, 'with credentials nobody may');
      if (allowed !== undefined) seen[origin === reader ? 'readers' : 'friends']++;
    }
  }
  assert.deepEqual(seen.friends, api.length * 2);
  assert.equal(seen.readers, feedRoutes);
  t.diagnostic(
    `${api.length} routes: ${seen.friends} allowances for ALLOWED_ORIGINS, ${seen.readers} for FEED_ORIGINS`,
  );
});

test('without lists no page of another origin reads anything but the feed, and never with credentials', async (t) => {
  const server = await watchedServer();
  t.after(() => server.close());
  let feeds = 0;
  for (const { method, url, path } of routeTable.filter((line) => isApi(line.url))) {
    const { headers } = await server.ask({ method, path, headers: { origin: friend } });
    const allowed = headers['access-control-allow-origin'];
    if (allowed === '*') feeds++;
    else assert.equal(allowed, undefined, url);
    assert.equal(headers['access-control-allow-credentials'], undefined, url);
  }
  t.diagnostic(`${feeds} routes may be read from everywhere (FEED_ORIGINS=*)`);
  assert.equal(feeds, feedRoutes);
});
