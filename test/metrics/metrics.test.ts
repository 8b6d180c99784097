import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { endings } from '../../src/core/endings.ts';
import { errorCodes } from '../../src/core/errors.ts';
import { adminToken, startAdminServer } from '../support/admin.ts';
import { ApiClient } from '../support/api-client.ts';
import { type Figures, scrape } from '../support/metrics.ts';
import { has, searchPath } from '../support/needs.ts';
import { StatusStore } from '../support/status-store.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

/** The figures once they say so: what is counted by looking around is up to a second old. */
async function figuresWith(url: string, name: string, value: number): Promise<Figures> {
  let figures = await scrape(url);
  await waitUntil(
    async () => {
      figures = await scrape(url);
      return figures.samples.get(name) === value;
    },
    `${name} is ${value}`,
    20_000,
    100,
  );
  return figures;
}

test('the figures say who is there by room and delivery, and what was committed and delivered', async (t) => {
  const { url } = await startAdminServer(t, { ROOMS: 'lobby,attic' });
  const first = await scrape(url);
  assert.equal(first.of('parlor_events_total{type="message"}'), 0);
  assert.equal(first.of('parlor_members{room="attic",delivery="pull"}'), 0);
  const ada = await ApiClient.join(url, 'Ada');
  const bob = await ApiClient.join(url, 'Bob', { delivery: 'push' });
  await ApiClient.join(url, 'Cy', { delivery: 'push' });
  const [stream, feed] = [await bob.subscribe(), await ada.feed()];
  await stream.expect('init');
  await stream.expect('join');
  await feed.expect('init');
  await ada.send('hello');
  await stream.expect('message');
  assert.equal((await ada.updates({ after: ada.cursor })).body.events.length, 3);
  const figures = await figuresWith(url, 'parlor_streams{room="lobby",kind="feed"}', 1);
  const expected = {
    'parlor_members{room="lobby",delivery="pull"}': 1,
    'parlor_members{room="lobby",delivery="push"}': 1,
    'parlor_roster_names{room="lobby"}': 2,
    'parlor_streams{room="lobby",kind="member"}': 1,
    'parlor_streams{room="attic",kind="member"}': 0,
    'parlor_sessions{state="joined"}': 2,
    'parlor_sessions{state="reserved"}': 1,
    'parlor_history_events{room="lobby"}': 3,
    'parlor_events_total{type="message"}': 1,
    'parlor_events_total{type="join"}': 2,
    'parlor_deliveries_total{delivery="pull"}': 3,
    parlor_sessions_created_total: 3,
    'parlor_streams_opened_total{start="new"}': 2,
    parlor_stream_lag_events: 0,
    parlor_streams_behind: 0,
    parlor_batch_events_count: 3,
    'parlor_state{state="ready"}': 1,
    'parlor_state{state="draining"}': 0,
    'parlor_store_state{state="ready"}': 1,
    'parlor_limit{option="MAX_SESSIONS"}': 20_000,
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(figures.of(name), value, name);
  assert.ok(figures.of('parlor_deliveries_total{delivery="push"}') >= 3);
  assert.ok(figures.of('parlor_fan_out_seconds_count') >= 1);
  assert.ok(figures.of('parlor_history_bytes{room="lobby"}') > 100);
  assert.ok(figures.of('process_resident_memory_bytes') > 1e7);
  assert.ok(figures.of('process_cpu_seconds_total') > 0);
  assert.ok(Math.abs(figures.of('process_start_time_seconds') - Date.now() / 1000) < 86_400);
  if (process.platform === 'linux') assert.ok(figures.of('process_open_fds') > 3);
  // Told by a store that others use too.
  assert.equal(figures.samples.has('parlor_store_lag_events'), false);
  stream.close();
  feed.close();
});

test('endings, resumes, gaps and refusals are counted by what they were', async (t) => {
  const { url } = await startAdminServer(t, {
    SEND_LIMIT: '1/60',
    MAX_MEMBERS: '2',
    MAX_STREAMS_PER_SESSION: '1',
  });
  const ada = await ApiClient.join(url, 'Ada');
  const bob = await ApiClient.join(url, 'Bob', { delivery: 'push' });
  assert.equal((await new ApiClient(url).create({ name: 'Cy' })).status, 503);
  assert.equal((await new ApiClient(url).create({ name: 'Ada' })).status, 409);
  assert.equal((await ada.send('one')).status, 201);
  assert.equal((await ada.send('two')).status, 429);
  assert.equal((await fetch(`${url}/nowhere/at/all`)).status, 404);
  const old = await bob.subscribe('?after=beef-7');
  await old.expect('init');
  const next = await bob.subscribe();
  await next.expect('init');
  const gone = await ada.updates({ after: 'beef-7' });
  assert.equal(gone.body.lost, null);
  const over = await new ApiClient(url).call('POST', '/session', undefined, {
    'content-type': 'application/xml',
  });
  assert.ok(over.status >= 400);
  await bob.destroy();
  await Promise.all([next.rest(), old.rest()]);
  const wrong = await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer not-the-token' } });
  assert.equal(wrong.status, 401);
  const figures = await figuresWith(url, 'parlor_streams{room="lobby",kind="member"}', 0);
  const expected = {
    'parlor_refusals_total{limit="MAX_MEMBERS"}': 1,
    'parlor_refusals_total{limit="SEND_LIMIT"}': 1,
    'parlor_refusals_total{limit="CREATE_LIMIT"}': 0,
    'parlor_refusals_total{limit="AUTH"}': 0,
    'parlor_refusals_total{limit="MAX_LOOP_DELAY"}': 0,
    'parlor_problems_total{code="name-in-use"}': 1,
    'parlor_problems_total{code="rate-limited"}': 1,
    'parlor_problems_total{code="unavailable"}': 1,
    'parlor_problems_total{code="not-found"}': 1,
    'parlor_problems_total{code="internal"}': 0,
    'parlor_streams_opened_total{start="resumed"}': 1,
    'parlor_streams_ended_total{reason="superseded"}': 1,
    'parlor_streams_ended_total{reason="destroyed"}': 1,
    'parlor_streams_ended_total{reason="slow"}': 0,
    'parlor_sessions_ended_total{reason="destroyed"}': 1,
    'parlor_sessions_ended_total{reason="expired"}': 0,
    parlor_gaps_total: 2,
    parlor_gap_events_total: 0,
    parlor_admin_tokens_wrong_total: 1,
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(figures.of(name), value, name);
  for (const code of Object.keys(errorCodes)) figures.of(`parlor_problems_total{code="${code}"}`);
  for (const reason of [...Object.keys(endings), 'closed']) {
    figures.of(`parlor_streams_ended_total{reason="${reason}"}`);
  }
});

test('a file is measured by its commits, and a store that is away shows', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parlor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const onDisk = await startAdminServer(t, { STORE_URL: `sqlite:${folder}/a.db` });
  await ApiClient.join(onDisk.url, 'Ada');
  const figures = await scrape(onDisk.url);
  assert.ok(figures.of('parlor_store_commit_seconds_count') >= 1);
  assert.ok(figures.of('parlor_store_commit_seconds_sum') > 0);
  await onDisk.close();

  const store = new StatusStore('ready');
  const away = await startAdminServer(t, {}, { store });
  store.become('away');
  const broken = await scrape(away.url);
  assert.equal(broken.of('parlor_store_state{state="away"}'), 1);
  assert.equal(broken.of('parlor_state{state="store-away"}'), 1);
});

test('what a store on a network tells of itself is told on in seconds', async (t) => {
  const figures = { reconnects: 2, lagEvents: 7, lagMs: 1500, waiting: 3, operations: 40, roundTrips: 9 };
  const store = Object.assign(new StatusStore('ready'), { figures: () => figures });
  const { url } = await startAdminServer(t, {}, { store });
  const told = await scrape(url);
  for (const [name, value] of Object.entries({
    parlor_store_reconnects_total: 2,
    parlor_store_lag_events: 7,
    parlor_store_lag_seconds: 1.5,
    parlor_store_operations_waiting: 3,
    parlor_store_operations_total: 40,
    parlor_store_round_trips_total: 9,
  })) {
    assert.equal(told.of(name), value, name);
  }
});

test('however many rooms there are, few have figures of their own', async (t) => {
  const { url, app } = await startAdminServer(t, { ROOMS: '*', MAX_ROOMS: '200' });
  const made = Array.from({ length: 60 }, (_, index) =>
    app.inject({ method: 'GET', url: `/v1/rooms/r${index}` }),
  );
  for (const { statusCode } of await Promise.all(made)) assert.equal(statusCode, 200);
  const figures = await figuresWith(url, 'parlor_rooms', 60);
  const rooms = [...figures.samples.keys()].filter((name) => name.startsWith('parlor_roster_names'));
  assert.equal(rooms.length, 51);
  assert.equal(figures.of('parlor_roster_names{room="(others)"}'), 0);
});

test('two servers in one process count each for itself', async (t) => {
  const [one, other] = [await startAdminServer(t), await startAdminServer(t)];
  await ApiClient.join(one.url, 'Ada');
  assert.equal((await scrape(one.url)).of('parlor_sessions_created_total'), 1);
  assert.equal((await scrape(other.url)).of('parlor_sessions_created_total'), 0);
});

test('/metrics is for whoever has ADMIN_TOKEN; without one, or with METRICS=off, there is nothing', async (t) => {
  const { url } = await startAdminServer(t);
  assert.equal((await fetch(`${url}/metrics`)).status, 401);
  const head = await fetch(`${url}/metrics`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${adminToken}` },
  });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  for (const options of [{}, { ADMIN_TOKEN: adminToken, METRICS: 'off' }]) {
    const server = await startServer(options);
    t.after(() => server.close());
    const headers = { authorization: `Bearer ${adminToken}` };
    assert.equal((await fetch(`${server.url}/metrics`, { headers })).status, 404);
  }
});

test('the figures come as Prometheus or as OpenMetrics, whoever has asked before, and promtool finds no fault', async (t) => {
  const { url } = await startAdminServer(t);
  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
  const headers = { authorization: `Bearer ${adminToken}` };
  const open = await fetch(`${url}/metrics`, { headers: { ...headers, accept } });
  assert.match(open.headers.get('content-type') ?? '', /^application\/openmetrics-text; version=1\.0\.0/);
  const text = await open.text();
  assert.match(text, /^# TYPE parlor_events counter$/m);
  assert.match(text, /^parlor_events_total\{type="join"\} 0$/m);
  assert.ok(text.endsWith('\n# EOF\n'));
  const plain = await fetch(`${url}/metrics`, { headers });
  assert.match(plain.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const input = await plain.text();
  assert.match(input, /^# TYPE parlor_events_total counter$/m);
  if (!has(t, 'promtool')) return;
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input,
    env: { PATH: searchPath },
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
});
