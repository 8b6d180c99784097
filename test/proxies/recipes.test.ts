/** The recipes of docs/proxies.md, each in the real proxy, before a real server. */

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { has, hasLinux } from '../support/needs.ts';
import { operated } from '../support/operator.ts';
import { scanTls, weaknessesOf } from '../support/tls-scan.ts';
import { waitUntil } from '../support/wait-until.ts';
import { front } from './support/front.ts';
import { blockOf, type Change, type Recipe, recipes } from './support/recipes.ts';
import { type Visit, Visitor } from './support/visitor.ts';

const history = '/v1/rooms/lobby/history';
const feed = '/v1/rooms/lobby/feed';

/** So often that ten of them take longer than a proxy waits for one. */
const heartbeatSeconds = 0.4;
const shortWaits: Readonly<Record<string, readonly Change[]>> = {
  'nginx without TLS': [['75s', '3s']],
  nginx: [
    ['75s', '3s'],
    ['client_header_timeout 10s', 'client_header_timeout 3s'],
    ['client_body_timeout 10s', 'client_body_timeout 3s'],
  ],
  Caddy: [
    ['read_header 10s', 'read_header 3s'],
    ['read_body 10s', 'read_body 3s'],
    ['idle 2m', 'idle 3s'],
  ],
  HAProxy: [
    ['75s', '3s'],
    ['timeout http-request 10s', 'timeout http-request 3s'],
  ],
};

/**
 * Has a proxy compress whatever it can, streams too. Caddy must not, as the page says: it is asked for what it compresses by itself.
 */
const compressing: Readonly<Record<string, readonly Change[]>> = {
  'nginx without TLS': [
    [
      'client_max_body_size',
      'gzip on; gzip_proxied any; gzip_min_length 1; gzip_types *; client_max_body_size',
    ],
  ],
  nginx: [['gzip_types application/json application/problem+json', 'gzip_min_length 1; gzip_types *']],
  HAProxy: [['compression type application/json', 'compression type text/event-stream application/json']],
};

/** The proxies that compress a stream if told to, and pass on at once what they compress; HAProxy heeds `no-transform`. */
const compressesStreams: ReadonlySet<Recipe> = new Set([recipes.nginxPlain, recipes.nginx]);

/** Within what a stream's first event is to come; the best of some attempts, since any of them may meet a busy machine. */
const firstEventMs = 100;
const attempts = 20;

/** What is as small for a test as it is easily reached. */
const smallLimits: Readonly<Record<string, { readonly rate?: Change; readonly places: Change }>> = {
  nginx: {
    rate: ['rate=50r/s', 'rate=1r/s'],
    places: ['parlor_connections 320', 'parlor_connections 3'],
  },
  Caddy: { places: ['unhealthy_request_count 10000', 'unhealthy_request_count 3'] },
  HAProxy: {
    rate: ['sc_http_req_rate(0) gt 500', 'sc_http_req_rate(0) gt 50'],
    places: ['sc_conn_cur(0) gt 320', 'sc_conn_cur(0) gt 3'],
  },
};

/** Where the rules of what stays inside belong. */
const rules: Readonly<Record<string, Change>> = {
  nginx: ['  location / {', `${blockOf('nginx: inside')}\n  location / {`],
  Caddy: ['\treverse_proxy', `${blockOf('caddy: inside')}\treverse_proxy`],
  HAProxy: ['  default_backend', `${blockOf('haproxy: inside')}  default_backend`],
};

/** How long it takes from asking for a stream to its first event, in milliseconds. */
async function soonestEvent(visitor: Visitor): Promise<number> {
  let soonest = Infinity;
  for (let attempt = 0; attempt < attempts && soonest > firstEventMs; attempt++) {
    const asked = performance.now();
    const stream = await visitor.follow();
    await stream.has('event: init');
    soonest = Math.min(soonest, performance.now() - asked);
    stream.close();
  }
  return soonest;
}

function isMissing(t: TestContext, recipe: Recipe): boolean {
  return !hasLinux(t) || !has(t, 'openssl') || !has(t, recipe.program);
}

// Each test has a server and a proxy of its own; they wait more than they work.
describe('docs/proxies.md', { concurrency: 2 }, () => {
  for (const recipe of Object.values(recipes)) {
    const ways = recipe.isSecure ? [false, true] : [false];
    const versionOf = (isHttp2: boolean) => (isHttp2 ? 'HTTP/2' : 'HTTP/1.1');

    describe(recipe.name, { concurrency: 4 }, () => {
      test('passes messages both ways at once, and answers as they are', async (t) => {
        if (isMissing(t, recipe)) return;
        // Nothing follows an event that would push it through.
        const { url, ca } = await front(t, recipe, { HEARTBEAT: '600', SESSION_TIMEOUT: '3600' });
        for (const isHttp2 of ways) {
          const visit: Visit = { url, ca, isHttp2 };
          const asked = performance.now();
          const ada = await Visitor.join(t, visit, `Ada ${isHttp2}`);
          const bob = await Visitor.join(t, { ...visit, address: '127.0.0.2' }, `Bob ${isHttp2}`);
          const times = [performance.now() - asked, await soonestEvent(ada)];
          assert.ok((times[1] ?? Infinity) <= firstEventMs, `${times[1]} ms until a first event at best`);
          const streams = await Promise.all([ada.follow(), bob.follow()]);
          for (const stream of streams) await stream.has('event: init');
          for (const [speaker, message] of [
            [ada, 'Hello, Bob!'],
            [bob, 'Hello, Ada!'],
          ] as const) {
            const said = performance.now();
            await speaker.say(message);
            for (const stream of streams) await stream.has(message);
            times.push(performance.now() - said);
          }
          for (const stream of streams) {
            assert.deepEqual(
              [
                stream.status,
                stream.headers['content-type'],
                stream.headers['content-encoding'],
                stream.heartbeats,
              ],
              [200, 'text/event-stream', undefined, 0],
            );
          }
          const { text, headers } = await ada.ask(`${history}?limit=1000`);
          assert.deepEqual(
            JSON.parse(text)
              .events.map(({ message }: { message?: string }) => message)
              .filter(Boolean)
              .slice(-2),
            ['Hello, Bob!', 'Hello, Ada!'],
          );
          const [joined, first, ...talk] = times.map((ms) => `${Math.round(ms)} ms`);
          t.diagnostic(
            `${versionOf(isHttp2)}: two joined in ${joined}, a first event in ${first}, messages in ${talk.join(' and ')}; history ${headers['content-encoding'] ?? 'as it is'}`,
          );
        }
      });

      test('holds no event back where it compresses', async (t) => {
        if (isMissing(t, recipe)) return;
        const quiet = { HEARTBEAT: '600', SESSION_TIMEOUT: '3600' };
        const { url, ca, server } = await front(t, recipe, quiet, compressing[recipe.name]);
        for (const isHttp2 of ways) {
          const ada = await Visitor.join(t, { url, ca, isHttp2 }, `Ada ${isHttp2}`);
          // Enough for a proxy, and not yet for Parlor.
          await ada.say('x'.repeat(700));
          const direct = await new Visitor(t, { url: server.url, ca }).ask(`${history}?limit=1`);
          const { headers } = await ada.ask(`${history}?limit=1`);
          assert.deepEqual(
            [direct.headers['content-encoding'], headers['content-encoding']],
            [undefined, 'gzip'],
          );
          const stream = await ada.follow({ 'last-event-id': '0' });
          assert.equal(
            stream.headers['content-encoding'],
            compressesStreams.has(recipe) ? 'gzip' : undefined,
          );
          for (const message of ['one', 'two', 'three']) {
            await ada.say(message);
            await stream.has(`"message":"${message}"`);
          }
          assert.equal(stream.heartbeats, 0);
        }
      });

      test('lets a quiet stream live as long as it has heartbeats', async (t) => {
        if (isMissing(t, recipe)) return;
        const options = { HEARTBEAT: String(heartbeatSeconds) };
        const { url, ca } = await front(t, recipe, options, shortWaits[recipe.name]);
        await Promise.all(
          ways.map(async (isHttp2) => {
            const ada = await Visitor.join(t, { url, ca, isHttp2 }, `Ada ${isHttp2}`);
            const stream = await ada.follow();
            await stream.hasHeartbeats(10);
            await ada.say('Still there.');
            await stream.has('Still there.');
            assert.ok(!stream.isOver);
          }),
        );
      });

      test('is gone and back, and who comes again has what he missed, once', async (t) => {
        if (isMissing(t, recipe)) return;
        const { url, ca, proxy, server } = await front(t, recipe);
        const ada = await Visitor.join(t, { url, ca }, 'Ada');
        const bob = await ApiClient.join(server.url, 'Bob');
        const before = await ada.follow();
        await ada.say('one');
        await before.has('one');
        before.close();
        await ada.say('two');
        const between = await ada.follow({ 'last-event-id': before.lastEventId });
        await between.has('two');
        await proxy.stop();
        assert.equal((await bob.send('three')).status, 201);
        await proxy.start();
        const after = await ada.follow({ 'last-event-id': between.lastEventId });
        await ada.say('four');
        await after.has('four');
        assert.deepEqual([between.messages, after.messages], [['two'], ['three', 'four']]);
        assert.doesNotMatch(after.text, /event: (?:gap|leave|join)/);
      });

      test('says where somebody comes from, whatever he says himself', async (t) => {
        if (isMissing(t, recipe)) return;
        const { url, ca, server } = await front(t, recipe, { ...operated, MAX_STREAMS_PER_IP: '1' });
        const forged = {
          'x-forwarded-for': '203.0.113.9',
          'x-forwarded-host': 'evil.example.org',
          'x-forwarded-proto': recipe.isSecure ? 'http' : 'https',
          'x-real-ip': '203.0.113.9',
          forwarded: 'for=203.0.113.9',
        };
        await Visitor.join(t, { url, ca, address: '127.0.0.2' }, 'Honest');
        await Visitor.join(t, { url, ca, address: '127.0.0.3' }, 'Forger', forged);
        const around = { url: server.url, ca, address: '127.0.0.4' };
        await Visitor.join(t, around, 'Around', forged);
        for (const isHttp2 of ways.filter(Boolean)) {
          await Visitor.join(t, { url, ca, address: '127.0.0.5', isHttp2 }, 'Forger 2', forged);
        }
        const authorization = `Bearer ${operated.ADMIN_TOKEN}`;
        const answer = await fetch(`${server.url}/v1/admin/sessions`, { headers: { authorization } });
        const { sessions } = (await answer.json()) as { sessions: { name: string; address: string }[] };
        const addresses = Object.fromEntries(sessions.map(({ name, address }) => [name, address]));
        assert.deepEqual(addresses, {
          Honest: '127.0.0.2',
          Forger: '127.0.0.3',
          Around: '127.0.0.4',
          ...(recipe.isSecure ? { 'Forger 2': '127.0.0.5' } : {}),
        });
        // By which Parlor's own limits count.
        const visitors = ['127.0.0.2', '127.0.0.3'].map((address) => new Visitor(t, { url, ca, address }));
        for (const visitor of visitors) await (await visitor.open(feed)).has('event: init');
        for (const visitor of visitors)
          await (await visitor.open(feed, { headers: forged })).has('event: bye');
        // The addresses that it gives for pasting are those by which it was asked, and the cookie is as safe as the way.
        const visitor = new Visitor(t, { url, ca });
        const guide = await visitor.ask('/', { headers: forged });
        assert.ok(guide.text.includes(`${url}/v1/rooms/lobby/session`), guide.text);
        assert.doesNotMatch(guide.text, /evil/);
        const body = { name: 'Eve', credential: 'cookie' };
        const { headers } = await visitor.ask('/v1/rooms/lobby/session', { body, headers: forged });
        const cookie = String(headers['set-cookie']);
        assert.match(
          cookie,
          recipe.isSecure ? /^__Host-parlor-lobby=.*; Secure/ : /^parlor-lobby=(?!.*Secure)/,
        );
      });

      if (recipe.isSecure) {
        test('sends plain HTTP to HTTPS, which is as safe as Parlor’s own', async (t) => {
          if (isMissing(t, recipe) || !has(t, 'sslscan')) return;
          const { url, ca, http, https } = await front(t, recipe);
          const { status, headers } = await new Visitor(t, { url: `http://localhost:${http}`, ca }).ask(
            '/lobby?x=1',
          );
          assert.equal(status, 308);
          assert.match(String(headers.location), /^https:\/\/localhost(?::\d+)?\/lobby\?x=1$/);
          const page = await new Visitor(t, { url, ca }).ask('/lobby', { headers: { accept: 'text/html' } });
          assert.equal(page.headers['strict-transport-security'], 'max-age=31536000');
          const found = await scanTls('localhost', https);
          assert.deepEqual([weaknessesOf(found), found.protocols], [[], ['tls 1.2', 'tls 1.3']]);
        });

        test('keeps inside what operators ask for, however it is written', async (t) => {
          if (isMissing(t, recipe)) return;
          const rule = rules[recipe.name];
          assert.ok(rule);
          const { url, ca, server } = await front(t, recipe, operated, [rule]);
          const headers = { authorization: `Bearer ${operated.ADMIN_TOKEN}` };
          const direct = new Visitor(t, { url: server.url, ca });
          for (const isHttp2 of ways) {
            const outside = new Visitor(t, { url, ca, isHttp2 });
            for (const path of [
              '/admin',
              '/admin/',
              '/%61dmin',
              '/metrics',
              '/v1/admin/sessions',
              '/v1/%61dmin/sessions',
              '/%76%31/admin/stats?x=/',
            ]) {
              assert.equal((await direct.ask(path, { headers })).status, 200, path);
              assert.equal((await outside.ask(path, { headers })).status, 404, path);
            }
            for (const path of ['/lobby', '/v1/rooms/lobby', '/v1/rooms']) {
              assert.equal((await outside.ask(path, { headers })).status, 200, path);
            }
          }
        });

        test('refuses what is too much with an answer that clients understand', async (t) => {
          if (isMissing(t, recipe)) return;
          const { rate, places } = smallLimits[recipe.name] ?? {};
          assert.ok(places);
          // The proxy has to see by itself that somebody is gone: no heartbeat tells it.
          const quiet = { HEARTBEAT: '600', SESSION_TIMEOUT: '3600' };
          const { url, ca } = await front(t, recipe, quiet, rate ? [rate, places] : [places]);
          const [full, code] = rate ? [429, 'rate-limited'] : [503, 'unavailable'];
          const check = ({ status, headers, text }: Awaited<ReturnType<Visitor['ask']>>) => {
            assert.equal(status, full);
            assert.match(String(headers['content-type']), /^application\/problem\+json/);
            assert.match(String(headers['retry-after']), /^[1-9]$/);
            assert.equal(headers['cache-control'], 'no-store');
            const { type, title, detail, ...problem } = JSON.parse(text);
            assert.deepEqual(problem, { status: full, code });
            assert.match(`${type} ${title}: ${detail}`, /^about:blank [A-Z][A-Za-z ]+: The proxy .+\.$/);
          };
          const [one, other] = ['127.0.0.2', '127.0.0.3'].map(
            (address) => new Visitor(t, { url, ca, address }),
          );
          assert.ok(one && other);
          const streams = [await one.open(feed), await one.open(feed), await one.open(feed)];
          for (const stream of streams) await stream.has('event: init');
          check(await one.ask('/livez'));
          // Where places are counted by address others have theirs.
          if (rate) await (await other.open(feed)).has('event: init');
          for (const stream of streams) stream.close();
          await waitUntil(
            async () => (await one.ask('/livez')).status === 200,
            'there is room again',
            20_000,
            250,
          );
          if (!rate) return;
          const fast = new Visitor(t, { url, ca, isHttp2: true, address: '127.0.0.6' });
          // How many may be asked at once is known once the connection is there.
          await fast.ask('/livez');
          const answers = await Promise.all(Array.from({ length: 300 }, () => fast.ask('/livez')));
          const refused = answers.filter(({ status }) => status !== 200);
          assert.ok(refused.length > 0 && refused.length < 300, `${refused.length} of 300 were refused`);
          for (const answer of refused) check(answer);
          assert.equal((await other.ask('/livez')).status, 200);
        });
      }
    });
  }
});
