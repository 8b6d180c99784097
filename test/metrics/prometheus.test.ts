import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { adminToken, startAdminServer } from '../support/admin.ts';
import { ApiClient } from '../support/api-client.ts';
import { has, searchPath } from '../support/needs.ts';
import { RedisServer } from '../support/redis-server.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { waitUntil } from '../support/wait-until.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const patienceMs = 40_000;

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** As Prometheus answers: a value is a text, with when it was. */
interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [at: number, value: string];
}

test('a real Prometheus reads a server as deploy/prometheus says, and each panel has something to show', async (t) => {
  if (!has(t, 'prometheus') || !has(t, 'redis-server')) return;
  const redis = await RedisServer.start();
  t.after(() => redis.dispose());
  const server = await startAdminServer(t, { STORE_URL: redis.url });
  const prometheus = await startPrometheus(t, new URL(server.url).host);
  const ada = await ApiClient.join(server.url, 'Ada');
  const bob = await ApiClient.join(server.url, 'Bob', { delivery: 'push' });
  const stream = await bob.subscribe();
  t.after(() => stream.close());
  await stream.expect('init');

  const { panels }: { panels: Panel[] } = JSON.parse(read('deploy/grafana/parlor.json'));
  const asked = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
  assert.ok(asked.length > 40);
  // Prometheus takes its targets up after five seconds, whatever it is told.
  let left = asked;
  await waitUntil(
    async () => {
      // What is a rate of events has some between any two scrapes.
      await ada.send('hello');
      const shown = await Promise.all(left.map(({ expr }) => prometheus.query(asGrafana(expr))));
      left = left.filter((_, index) => !hasFigures(shown[index] ?? []));
      return left.length === 0;
    },
    'all panels have figures',
    patienceMs,
    200,
  ).catch(() => assert.deepEqual(left, [], 'there is nothing to show of these'));
  const nowMembers = 'sum by (room, delivery) (parlor_members{job=~".*", instance=~".*"})';
  const members = (await prometheus.query(nowMembers)).map(({ metric, value }) => [metric, value[1]]);
  assert.deepEqual(members, [
    [{ delivery: 'pull', room: 'lobby' }, '1'],
    [{ delivery: 'push', room: 'lobby' }, '1'],
  ]);
  const { groups } = await prometheus.ask<{ groups: { rules: Rule[] }[] }>('/api/v1/rules');
  const rules = groups.flatMap((group) => group.rules);
  assert.ok(rules.length > 10);
  for (const { name, health, state } of rules) {
    assert.deepEqual([name, health, state], [name, 'ok', 'inactive']);
  }
});

interface Rule {
  readonly name: string;
  readonly health: string;
  readonly state: string;
}

/** What Grafana makes of it, with all jobs and instances. */
function asGrafana(expr: string): string {
  return expr.replaceAll('$__rate_interval', '10s').replaceAll(/\$(?:job|instance)/g, '.*');
}

function hasFigures(samples: readonly Sample[]): boolean {
  return samples.length > 0 && samples.every(({ value }) => Number.isFinite(Number(value[1])));
}

/** One that asks a server all the time, with the configuration of `deploy/`. */
async function startPrometheus(t: TestContext, target: string) {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'token'), `${adminToken}\n`);
  writeFileSync(join(folder, 'parlor.rules.yml'), read('deploy/prometheus/parlor.rules.yml'));
  const config = read('deploy/prometheus/prometheus.yml')
    .replace('/etc/prometheus/parlor-token', 'token')
    .replace('127.0.0.1:3000', target)
    .replaceAll('_interval: 15s', '_interval: 300ms');
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, config);
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  const child = spawn('prometheus', [...args, '--web.listen-address=127.0.0.1:0'], {
    env: { PATH: searchPath },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  let url: string | undefined;
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    url ??= /msg="Listening on" address=(127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (line.includes('Server is ready')) break;
  }
  assert(url, lines.join('\n'));
  child.stderr.resume();
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://${url}${path}`);
    const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
    assert.equal(status, 'success', `${path}: ${error}`);
    return data;
  };
  const query = async (expr: string): Promise<readonly Sample[]> => {
    const path = `/api/v1/query?${new URLSearchParams({ query: expr })}`;
    return (await ask<{ result: readonly Sample[] }>(path)).result;
  };
  return { ask, query };
}
