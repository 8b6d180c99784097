import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { betweenMarkers } from '../../scripts/between-markers.ts';
import { metricsTable } from '../../scripts/metrics-table.ts';
import { Counters } from '../../src/metrics/counters.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import type { MetricSources } from '../../src/metrics/sources.ts';
import { adminToken, startAdminServer } from '../support/admin.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Figures } from '../support/metrics.ts';
import { has, searchPath } from '../support/needs.ts';
import { commandsOf } from '../support/readme.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const rules = 'deploy/prometheus/parlor.rules.yml';
const dashboardFile = 'deploy/grafana/parlor.json';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

/** Metrics of a server in which nothing has happened. */
function newMetrics(): Metrics {
  const sources: MetricSources = {
    version: '1.2.3',
    clock: new FakeClock(),
    counters: new Counters(),
    store: { status: 'ready' },
    rooms: { loaded: () => [], configured: ['lobby'] },
    registry: { sessions: () => [] },
    streams: {
      polls: 0,
      survey: () => ({ byRoom: new Map(), lag: { bytes: 0, events: 0 }, behind: 0, blocked: 0 }),
    },
    overload: { cause: undefined },
    state: () => 'ready',
    limits: { MAX_SESSIONS: 20_000 },
    openDescriptors: async () => 20,
    maxDescriptors: 1024,
  };
  return new Metrics(sources);
}

/** The names and labels that are in a text of figures, also those without a sample. */
async function told(): Promise<Map<string, { type: string; help: string }>> {
  const metrics = newMetrics();
  const { text } = await metrics.answer(undefined);
  metrics.stop();
  const found = new Map<string, { type: string; help: string }>();
  for (const [, name = '', help = ''] of text.matchAll(/^# HELP (\S+) (.*)$/gm)) {
    const [, type = ''] = new RegExp(`^# TYPE ${name} (\\S+)$`, 'm').exec(text) ?? [];
    found.set(name, { type, help });
  }
  return found;
}

/** All figures that expressions ask for. */
function askedFor(text: string): string[] {
  return [...text.matchAll(/\b(?:parlor|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
}

test('the command of docs/metrics.md shows the figures to whoever has the token', async (t) => {
  if (!has(t, 'curl')) return;
  const { url } = await startAdminServer(t);
  const command = commandsOf('look', 'docs/metrics.md').replaceAll('http://127.0.0.1:3000', url);
  const env = { PATH: process.env.PATH, ADMIN_TOKEN: adminToken };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env });
  assert.equal(new Figures(stdout).of('parlor_state{state="ready"}'), 1);
});

test('docs/metrics.md has a command that keeps the token where Prometheus reads it', async (t) => {
  if (!has(t, 'bash')) return;
  const folder = mkdtempSync(join(tmpdir(), 'parlor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const shown = commandsOf('token-file', 'docs/metrics.md');
  assert.match(shown, / -o root -g prometheus .* \/etc\/prometheus\//);
  // Here there is no user of Prometheus, and nothing is changed as root.
  const command = shown.replace(' -o root -g prometheus', '').replace('/etc/prometheus/', `${folder}/`);
  const script = `set -eu\nsudo() { "$@"; }\n${command}`;
  const env = { PATH: process.env.PATH, ADMIN_TOKEN: adminToken };
  await promisify(execFile)('bash', ['-c', script], { env });
  const file = join(folder, 'parlor-token');
  assert.equal(readFileSync(file, 'utf8'), `${adminToken}\n`);
  assert.equal(statSync(file).mode & 0o777, 0o640);
});

describe('what is told of the figures', () => {
  let metrics: ReadonlyMap<string, { readonly type: string; readonly help: string }>;
  const isThere = (name: string): boolean => {
    if (metrics.has(name)) return true;
    const family = name.replace(/_(?:bucket|sum|count)$/, '');
    return metrics.get(family)?.type === 'histogram';
  };

  before(async () => {
    metrics = await told();
  });

  it('has them all in the table of the docs, as they tell of themselves', async () => {
    const docs = read('docs/metrics.md');
    assert.equal(docs, betweenMarkers(docs, 'metrics', metricsTable()), 'run "npm run options"');
    const rows = [...metricsTable().matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*) \| (.*) \|$/gm)];
    assert.deepEqual(
      rows.map(([, name, type, , help]) => [name, type, help]).sort(),
      [...metrics].map(([name, { type, help }]) => [name, type, help]).sort(),
    );
  });

  it('names them as Prometheus would have it: in base units, counters ending in _total', () => {
    for (const [name, { type }] of metrics) {
      assert.match(name, /^(?:parlor|process|nodejs)_[a-z_]+$/);
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      assert.doesNotMatch(name, /_(?:ms|milliseconds|kilobytes|percent)\b/);
    }
  });

  it('asks in the dashboard for nothing that is not there', () => {
    const dashboard: { panels: Panel[]; uid: string; schemaVersion: number } = JSON.parse(
      read(dashboardFile),
    );
    const asking = dashboard.panels.filter(({ type }) => type !== 'row');
    assert.ok(asking.length > 30 && dashboard.schemaVersion >= 39);
    for (const { title, targets = [], datasource } of asking) {
      assert.equal(datasource?.uid, '$'.concat('{datasource}'), title);
      assert.ok(targets.length > 0, title);
      for (const { expr } of targets) {
        const names = askedFor(expr);
        assert.ok(names.length > 0, `${title}: ${expr}`);
        for (const name of names) assert.ok(isThere(name), `${title}: ${name}`);
      }
    }
    assert.equal(isThere('parlor_nothing_total'), false);
  });

  it('shows every figure of its own in the dashboard', () => {
    const shown = new Set(
      askedFor(read(dashboardFile)).map((name) => name.replace(/_(?:bucket|sum|count)$/, '')),
    );
    // They stand in the list of /v1/admin/rooms.
    const elsewhere = ['parlor_roster_names', 'parlor_history_events', 'parlor_rooms'];
    const missing = [...metrics.keys()].filter((name) => !shown.has(name) && !elsewhere.includes(name));
    assert.deepEqual(missing, []);
  });

  it('has the panels of the dashboard side by side, none over another', () => {
    const { panels }: { panels: Panel[] } = JSON.parse(read(dashboardFile));
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      assert.ok(x + w <= 24, title);
      for (let row = y; row < y + h; row++) {
        for (let column = x; column < x + w; column++) {
          const other = taken.get(`${column},${row}`);
          assert.equal(other, undefined, `${title} lies over ${other}`);
          taken.set(`${column},${row}`, title);
        }
      }
    }
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  });

  it('asks in the alerts for nothing that is not there, and says of each what to do', () => {
    const text = read(rules);
    const alerts = [...text.matchAll(/- alert: (\w+)\n(.*?)(?=\n {6}- alert|$(?![\s\S]))/gs)];
    assert.ok(alerts.length > 10);
    const docs = read('docs/metrics.md');
    for (const [, name = '', rule = ''] of alerts) {
      for (const figure of askedFor(rule)) assert.ok(isThere(figure), `${name}: ${figure}`);
      assert.match(docs, new RegExp(`^### ${name}\n\n\\S`, 'm'));
      assert.match(rule, new RegExp(`runbook: docs/metrics\\.md#${name.toLowerCase()}$`, 'm'));
      assert.match(rule, /severity: (?:warning|critical)\n/);
      assert.match(read('test/metrics/parlor.rules.test.yml'), new RegExp(`name: ${name}\n`), name);
    }
    assert.equal(docs.match(/^### Parlor/gm)?.length, alerts.length);
  });

  it('has alerts that fire when they should, and not before', (t) => {
    if (!has(t, 'promtool')) return;
    assert.deepEqual(promtool('check', 'rules', join(root, rules)), [0, '']);
    assert.deepEqual(promtool('test', 'rules', join(root, 'test/metrics/parlor.rules.test.yml')), [0, '']);
  });

  it('has expressions in the dashboard that Prometheus can read, and a configuration that it takes', (t) => {
    if (!has(t, 'promtool')) return;
    const folder = mkdtempSync(join(tmpdir(), 'parlor-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const { panels }: { panels: Panel[] } = JSON.parse(read(dashboardFile));
    const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const lines = expressions.map((expr, index) => {
      const plain = expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$(?:job|instance)/g, '.*');
      return `      - {record: 'x${index}', expr: '${plain}'}`;
    });
    const file = join(folder, 'dashboard.yml');
    writeFileSync(file, `groups:\n  - name: dashboard\n    rules:\n${lines.join('\n')}\n`);
    assert.deepEqual(promtool('check', 'rules', file), [0, '']);

    writeFileSync(join(folder, 'token'), 'token');
    writeFileSync(join(folder, 'parlor.rules.yml'), read(rules));
    const config = read('deploy/prometheus/prometheus.yml').replace('/etc/prometheus/parlor-token', 'token');
    writeFileSync(join(folder, 'prometheus.yml'), config);
    assert.deepEqual(promtool('check', 'config', join(folder, 'prometheus.yml')), [0, '']);
  });
});

function promtool(...args: string[]): [status: number | null, stderr: string] {
  const { status, stderr } = spawnSync('promtool', args, { env: { PATH: searchPath }, encoding: 'utf8' });
  return [status, stderr];
}
