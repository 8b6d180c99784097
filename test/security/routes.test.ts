import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Given } from './support/asking.ts';
import { Cast, inTheLobby, newcomer } from './support/cast.ts';
import {
  type Carrier,
  type Feed,
  type Line,
  routeTable,
  type Visitor,
  visitors,
} from './support/route-table.ts';
import { type State, type WatchedServer, watchedServer } from './support/watched-server.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'] as const;
/** Who sees more than what everybody does, where rooms are for members. */
const readers: readonly Visitor[] = ['member', 'other member', 'admin'];
const carriers: readonly Carrier[] = ['bearer', 'cookie'];

/** A line, or what `HEAD` makes of it: answered as `GET`, and without an effect. */
type Cell = Omit<Line, 'method'> & { readonly method: string };

const cells: readonly Cell[] = routeTable.flatMap((line) =>
  line.method === 'GET' ? [line, { ...line, method: 'HEAD' }] : [line],
);

interface Stage {
  readonly server: WatchedServer;
  readonly cast: Cast;
}

async function stageFor(feed: Feed): Promise<Stage> {
  const server = await watchedServer({ FEED: feed });
  return { server, cast: await Cast.of(server) };
}

async function askAs(
  { server, cast }: Stage,
  { method, path, body }: Pick<Cell, 'method' | 'path' | 'body'>,
  visitor: Visitor,
  carrier: Carrier,
): Promise<Given> {
  // As many wrong ADMIN_TOKENs as an address may give are given long ago.
  server.clock.advance(15_000);
  return server.ask({
    method,
    path: path.replace('ID', cast.sessionId),
    headers: {
      ...cast.headers(visitor, carrier),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

function without(names: readonly string[], { sessions }: State): State['sessions'] {
  return sessions.filter(({ name }) => !names.includes(String(name)));
}

for (const feed of ['public', 'members'] as const) {
  test(`each route answers everybody as the table says, and who is refused has changed nothing (FEED=${feed}) [P-4]`, async (t) => {
    let stage = await stageFor(feed);
    t.after(() => stage.server.close());
    let [asked, refused, changed] = [0, 0, 0];
    for (const cell of cells) {
      for (const visitor of visitors) {
        for (const carrier of visitor === 'nobody' ? carriers.slice(0, 1) : carriers) {
          const what = `${cell.method} ${cell.url}, ${visitor} by ${carrier}`;
          const { server, cast } = stage;
          const own = cast.namesOf(visitor);
          const [before, changes] = [await server.state(), server.changes()];
          const others = cell.effect === 'own' ? await server.state(own) : undefined;
          const given = await askAs(stage, cell, visitor, carrier);
          asked++;
          const expected = cell.expected(visitor, carrier, feed);
          assert.equal(given.status, expected, `${what}: ${given.text}`);
          const isLetIn = expected < 400;
          if (!isLetIn) refused++;
          if (!isLetIn || cell.effect === 'none') {
            const after = await server.state();
            assert.equal(server.changes(), changes, what);
            assert.deepEqual(after.rooms, before.rooms, what);
            const excepted = isLetIn ? own : [];
            assert.deepEqual(without(excepted, after), without(excepted, before), what);
          } else if (cell.effect === 'own') {
            assert.deepEqual(await server.state(own), others, what);
            if (server.changes() > changes) changed++;
            await cast.renew(visitor);
          } else {
            assert.ok(server.changes() > changes, what);
            changed++;
            await server.close();
            stage = await stageFor(feed);
          }
          const mayRead = isLetIn && (feed === 'public' || readers.includes(visitor));
          const isOfLobby = feed === 'public' && cell.url.startsWith('/plain');
          if (!mayRead && !isOfLobby) assert.doesNotMatch(given.text, inTheLobby, what);
        }
      }
    }
    t.diagnostic(
      `${routeTable.length} routes, ${asked} requests: ${refused} refused with 0 effects, ${changed} with what was theirs`,
    );
    assert.equal(asked, cells.length * (2 * visitors.length - 1));
  });
}

test('the table has every route that the server has, and no other', async (t) => {
  const { server, cast } = await stageFor('public');
  t.after(() => server.close());
  const urls = new Set(routeTable.map(({ url }) => url));
  assert.deepEqual([...urls].sort(), [...server.routes.keys()].sort());
  for (const url of urls) {
    const lines = cells.filter((cell) => cell.url === url);
    const path = lines[0]?.path.replace('ID', cast.sessionId) ?? '';
    const own = methods.filter((method) => lines.some((cell) => cell.method === method));
    const given = await server.ask({ method: 'OPTIONS', path });
    assert.equal(given.headers.allow, [...own, 'OPTIONS'].join(', '), url);
    assert.deepEqual([...(server.routes.get(url) ?? [])].sort(), [...methods, 'OPTIONS'].sort(), url);
  }
  t.diagnostic(`${urls.size} addresses with ${cells.length} methods of their own`);
});

test('methods that an address does not take are refused, whoever asks, and change nothing', async (t) => {
  const stage = await stageFor('public');
  t.after(() => stage.server.close());
  let asked = 0;
  for (const url of new Set(routeTable.map((line) => line.url))) {
    const lines = cells.filter((cell) => cell.url === url);
    const path = lines[0]?.path ?? '';
    const before = await stage.server.state();
    for (const method of [...methods, 'OPTIONS']) {
      if (lines.some((cell) => cell.method === method)) continue;
      for (const visitor of visitors) {
        const { status } = await askAs(stage, { method, path, body: { name: newcomer } }, visitor, 'bearer');
        assert.equal(status, method === 'OPTIONS' ? 204 : 405, `${method} ${url}, ${visitor}`);
        asked++;
      }
    }
    assert.deepEqual(await stage.server.state(), before, url);
  }
  assert.equal(stage.server.faults.length, 0);
  t.diagnostic(`${asked} requests, 0 with an effect`);
});

// A hand that slips in the table would make the matrix agree: this stands apart from how its lines are written.
test('the table lets nobody but an operator into the administration, and nobody but members into what is theirs', (t: TestContext) => {
  const count = { admin: 0, session: 0 };
  for (const { url, method, expected } of routeTable) {
    for (const visitor of visitors) {
      for (const carrier of carriers) {
        for (const feed of ['public', 'members'] as const) {
          const isLetIn = expected(visitor, carrier, feed) < 400;
          const what = `${method} ${url}, ${visitor} by ${carrier}`;
          if (url.startsWith('/v1/admin')) {
            assert.equal(isLetIn, visitor === 'admin' && carrier === 'bearer', what);
            count.admin++;
          } else if (url.includes('/session') && !(method === 'POST' && url.endsWith('/session'))) {
            assert.equal(isLetIn, visitor === 'member' || visitor === 'other member', what);
            count.session++;
          }
        }
      }
    }
  }
  assert.ok(count.admin >= 56 && count.session >= 196, JSON.stringify(count));
  t.diagnostic(`${count.admin} cells of the administration, ${count.session} of sessions`);
});
