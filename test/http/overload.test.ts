import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { StatsAnswer } from '../../src/schemas/overview.ts';
import { adminToken } from '../support/admin.ts';
import { ApiClient } from '../support/api-client.ts';
import { scrape } from '../support/metrics.ts';
import { assertProblem } from '../support/problem.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

it('without memory to spare newcomers are told when to come again, and those inside go on', async (t) => {
  // Any process takes more. It is looked at twice before anybody is refused: who is here by then is inside.
  const { url, close } = await startServer({
    MAX_MEMORY: '16MiB',
    ADMIN_TOKEN: adminToken,
    CREATE_LIMIT: 'off',
  });
  t.after(close);
  const ada = await ApiClient.join(url, 'Ada');
  const bob = await ApiClient.joinWithCookie(url, 'Bob');
  const carol = await ApiClient.join(url, 'Carol', { delivery: 'push' });
  const readyz = async () => {
    const answer = await fetch(`${url}/readyz`);
    return [answer.status, (await answer.json()) as Readonly<Record<string, string>>] as const;
  };
  assert.deepEqual(await readyz(), [200, { status: 'ready', store: 'ready' }]);
  const overload = 'memory';
  await waitUntil(async () => 'overload' in (await readyz())[1], 'it is overloaded');
  assert.deepEqual(await readyz(), [200, { status: 'ready', store: 'ready', overload }]);

  const refused = await new ApiClient(url).create({ name: 'Newcomer' });
  assertProblem(refused, 503, 'unavailable');
  assert.equal(refused.headers.get('retry-after'), '5');
  const plain = await fetch(`${url}/plain/lobby/join`, {
    method: 'POST',
    headers: { origin: url },
    body: new URLSearchParams({ name: 'Plain' }),
  });
  assert.deepEqual([plain.status, plain.headers.get('retry-after')], [503, '5']);
  assert.match(await plain.text(), /value="Plain"/, 'what he typed is not lost');
  const feed = await new ApiClient(url).feed();
  assert.equal(feed.status, 200, 'for an EventSource to come again');
  assert.equal(JSON.parse((await feed.expect('bye')).data).reason, 'unavailable');

  assert.equal((await ada.send('still here')).status, 201);
  assert.equal((await ada.updates()).body.events.length > 0, true);
  await (await carol.subscribe()).expect('init');
  assert.equal((await carol.send('I have joined now')).status, 201);
  const again = await bob.create({ name: 'Bob', credential: 'cookie' });
  assert.deepEqual([again.status, again.body.name], [200, 'Bob'], 'who comes again has his session');
  assert.equal((await bob.destroy()).status, 204);
  assert.equal((await new ApiClient(url).history()).status, 200);
  const figures = await scrape(url);
  assert.equal(figures.of('parlor_overloaded{cause="memory"}'), 1);
  assert.equal(figures.of('parlor_overloaded{cause="loop-delay"}'), 0);
  assert.equal(
    figures.of('parlor_refusals_total{limit="MAX_MEMORY"}'),
    3,
    'create, the plain page and the feed',
  );
  const stats = await fetch(`${url}/v1/admin/stats`, { headers: { authorization: `Bearer ${adminToken}` } });
  const { overload: told, status, now, startedAt } = (await stats.json()) as StatsAnswer;
  assert(told && told.since > startedAt && told.since <= now, JSON.stringify(told));
  assert.deepEqual([told.cause, status], [overload, 'ready']);
});

it('who reads the feed as a member is inside', async (t) => {
  const { url, close } = await startServer({ MAX_MEMORY: '16MiB', FEED: 'members' });
  t.after(close);
  const ada = await ApiClient.join(url, 'Ada');
  await waitUntil(
    async () => (await fetch(`${url}/readyz`).then((answer) => answer.text())).includes('overload'),
    'so',
  );
  const stream = await ada.feed('', ada.credentials());
  t.after(() => stream.close());
  await stream.expect('init');
});
