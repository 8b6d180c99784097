import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cases } from '../../bench/cases/all.ts';
import { readCallCounts, readPerfReport } from '../../bench/profile/tools.ts';
import { spreadText } from '../../bench/report/figures.ts';
import { renderPage } from '../../bench/report/page.ts';
import { drawPlots } from '../../bench/report/plots.ts';
import { targets } from '../../bench/report/targets.ts';
import type { Measurement } from '../../bench/results.ts';

test('a target is hit or missed by the medians of its case, and what was not measured is told as such', () => {
  const rows = (parlor: number) => pageOf(openLoop('Parlor (members)', parlor)).split('\n');
  const row = (parlor: number) => rows(parlor).find((line) => line.includes('highest open-loop rate')) ?? '';
  assert.match(row(750), /\| 0\.75 × \(members\) \| hit \|$/);
  assert.match(row(740), /\| 0\.74 × \(members\) \| \*\*missed\*\* \|$/);
  const unmeasured = rows(750).filter((line) => line.endsWith('| not measured | – |'));
  assert.equal(unmeasured.length, targets.length - 1);
});

test('members and feed both have to reach a target', () => {
  const page = pageOf([...openLoop('Parlor (members)', 900), ...openLoop('Parlor (feed)', 100)]);
  assert.match(page, /\| 0\.90 × \(members\), 0\.10 × \(feed\) \| \*\*missed\*\* \|/);
});

test('why a target was missed is told', () => {
  const memory = (kilobytes: number) => ({
    ...run('growth-polls', 'Parlor (20,000 sessions)', 'rssPerSession', kilobytes),
    figures: { rssPerSession: kilobytes, heapPerSession: 1 },
  });
  assert.match(pageOf([memory(3)]), /Why some were missed:\n\n- \*\*memory of a pull session/);
  assert.doesNotMatch(pageOf([memory(1)]), /Why some were missed/);
});

test('a run that was thrown away is told in the report', () => {
  const results = [{ machine: {}, measurements: [], thrownAway: ['rate-20-1000 · Parlor: a run is gone.'] }];
  const page = renderPage({ results, cases: [], plots: [], findings: undefined });
  assert.match(page, /## Runs that were thrown away\n\n- rate-20-1000 · Parlor: a run is gone\.\n$/);
});

test('runs beside which the machine was busy are left out where there are others, and told', () => {
  const beside = (othersCpu: number, p99: number) => ({
    ...run('rate-20-1000', 'nchan', 'p99', p99),
    figures: { p99, othersCpu },
  });
  const pageOfRuns = (measurements: readonly Measurement[]) =>
    renderPage({
      results: [{ machine: {}, measurements, thrownAway: [] }],
      cases,
      plots: [],
      findings: undefined,
    });
  const some = pageOfRuns([beside(0.02, 1), beside(0.5, 3)]);
  assert.match(some, /\| nchan \|.* 1\.0 ms \|/);
  assert.match(some, /In 1 of 2 runs something else used more than 10 % of a core\. They are left out\./);
  const all = pageOfRuns([beside(0.4, 1), beside(0.5, 3)]);
  assert.match(all, /\| nchan \|.* 2\.0 ms \(1\.0 ms–3\.0 ms\) \|/);
  assert.match(all, /They are left out, but for nchan: there were no others\./);
});

test('a figure is the median of its runs, with the least and the most', () => {
  const runs = [30, 10, 20].map((ms) => run('rate-20-1000', 'nchan', 'p99', ms));
  assert.equal(spreadText(runs, 'rate-20-1000', 'nchan', 'p99'), '20.0 ms (10.0 ms–30.0 ms)');
  assert.equal(spreadText(runs.slice(1), 'rate-20-1000', 'nchan', 'p99'), '15.0 ms (10.0 ms–20.0 ms)');
  assert.equal(spreadText(runs, 'rate-20-1000', 'Parlor', 'p99'), '–');
});

test('plots are drawn of what was measured', () => {
  const closed = [10, 100].map((streams) => ({
    ...run(`closed-loop-${streams}-feed`, 'nchan', 'streams', streams),
    figures: { streams, deliveriesPerSecond: streams * 1000 },
  }));
  const open = run('open-loop-1000', 'nchan', 'p99At50', 12);
  const idle = run('idle-streams-1000', 'nchan', 'rssPerStream', 10);
  const plots = drawPlots([...closed, open, idle]);
  assert.deepEqual(
    plots.map(({ name }) => name),
    ['deliveries-by-streams', 'p99-by-rate', 'memory-per-stream'],
  );
  for (const { svg } of plots) assert.match(svg, /^<svg .*nchan.*<\/svg>$/s);
});

test("what perf tells is told apart by whose code it is, and strace's counts are read", () => {
  const report = `
    40.00%  [kernel.kallsyms]        [k] tcp_sendmsg_locked            -      -
    20.00%  node                     [.] uv__write                     -      -
    15.00%  node                     [.] node::StreamBase::WriteBuffer -      -
    10.00%  node                     [.] v8::internal::Heap::Scavenge  -      -
     5.00%  node                     [.] Builtins_LoadIC               -      -
     6.00%  [JIT] tid 42             [.] 0x00007f3a5c0b1234            -      -
     4.00%  better_sqlite3.node      [.] sqlite3VdbeExec               -      -
`;
  const { layers, symbols } = readPerfReport(report);
  assert.deepEqual(
    layers.map(({ what, share }) => [what, Math.round(share * 100)]),
    [
      ['kernel', 40],
      ['libuv', 20],
      ["Node's C++ and its libraries", 15],
      ['V8: runtime and garbage collection', 10],
      ['compiled JavaScript', 6],
      ['JavaScript in builtins and the interpreter', 5],
      ['SQLite', 4],
    ],
  );
  assert.deepEqual(symbols[0], { what: 'tcp_sendmsg_locked (kernel)', share: 0.4 });
  assert.deepEqual(readCallCounts(' calls syscall\n   900 write\n   100 epoll_wait\n  1000 total\n', 2), [
    { name: 'write', perSecond: 450 },
    { name: 'epoll_wait', perSecond: 50 },
  ]);
});

function openLoop(contender: string, highestRate: number): Measurement[] {
  return [
    run('open-loop-1000', contender, 'highestRate', highestRate),
    run('open-loop-1000', 'raw net, gathering', 'highestRate', 1000),
  ];
}

function run(name: string, contender: string, figure: string, value: number): Measurement {
  return { case: name, contender, repeat: 1, figures: { [figure]: value } };
}

function pageOf(measurements: readonly Measurement[]): string {
  const results = [{ machine: {}, measurements, thrownAway: [] }];
  return renderPage({ results, cases: [], plots: [], findings: undefined });
}
