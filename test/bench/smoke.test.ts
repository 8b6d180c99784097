import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Bench } from '../../bench/bench.ts';
import { type Built, buildAll } from '../../bench/built.ts';
import { cases } from '../../bench/cases/all.ts';
import { canPin } from '../../bench/pinning.ts';
import { writeReport } from '../../bench/report/write-report.ts';
import type { Results } from '../../bench/results.ts';
import { smokeSizes } from '../../bench/sizes.ts';
import { parlor } from '../../bench/systems/all.ts';
import { hasNchan, howToGetNchan } from '../../bench/systems/nchan.ts';
import { without } from '../support/needs.ts';
import { programCommand } from '../support/program.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const results: Results[] = [];
let built: Built;
let bench: Bench;

before(async () => {
  built = await buildAll();
  // Each baseline is run once, in the first case that has it.
  bench = new Bench(built, smokeSizes, () => {});
});
after(() => built?.remove());

for (const each of cases) {
  test(`the benchmark's ${each.name} measures what it says, and its proof holds`, async () => {
    const own = bench.of(each.name);
    await each.run(own);
    assert.deepEqual(own.thrownAway, []);
    const [first] = own.measurements;
    assert.ok(first, 'something was measured');
    const missing = each.shows.filter((figure) => first.figures[figure] === undefined);
    assert.deepEqual(missing, []);
    for (const { contender, figures } of own.measurements) {
      for (const [figure, value] of Object.entries(figures)) {
        assert.ok(Number.isFinite(value), `${figure} of ${contender} is ${value}`);
      }
    }
    results.push({ machine: {}, ...own });
  });
}

test('every system of the benchmark was run', (t) => {
  const contenders = results.flatMap(({ measurements }) => measurements.map(({ contender }) => contender));
  const systems = [
    'Parlor',
    'raw net, gathering',
    'raw net, one write per message',
    'node:http',
    'better-sse',
  ];
  for (const system of [...systems, '@fastify/sse', 'Socket.IO', 'bare Fastify route']) {
    assert.ok(
      contenders.some((contender) => contender.startsWith(system)),
      system,
    );
  }
  if (!hasNchan) without(t, howToGetNchan);
  else assert.ok(contenders.includes('nchan'));
});

test('a report is written of what was measured', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parlor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeReport(results, undefined, folder);
  const page = readFileSync(join(folder, 'benchmarks.md'), 'utf8');
  for (const { name } of cases) assert.match(page, new RegExp(`^## ${name}$`, 'm'));
  for (const [, path = ''] of page.matchAll(/\]\((benchmarks\/[^)]+)\)/g)) {
    assert.match(readFileSync(join(folder, path), 'utf8'), /^<svg .*Parlor \(feed\).*<\/svg>\n$/s);
  }
});

test('server and load generator run on cores of their own, where that can be had', async (t) => {
  if (!canPin) return void without(t, 'two cores and taskset (of util-linux) are needed');
  const contender = { system: parlor };
  const allowed: string[] = [];
  await bench.of('pinning').inTurn([contender], async ({ running, load }) => {
    for (const pid of [running.child.pid, load.pid]) {
      const [, list = ''] =
        /^Cpus_allowed_list:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
      allowed.push(list);
    }
    return {};
  });
  const [server = '', generator = ''] = allowed;
  assert.match(server, /^\d+$/);
  assert.match(generator, /^\d+$/);
  assert.notEqual(server, generator);
});

test('the profile finds out where the time goes', async () => {
  const { stdout } = await node('bench/profile.ts', '--smoke');
  assert.match(stdout, /### 500 messages\/s to \d+ members' streams/);
  assert.match(stdout, /Parlor's JavaScript \| [\d.]+ %/);
});

test('a case is chosen by its name', async () => {
  const { stdout } = await node('bench/run.ts', '--list');
  for (const { name } of cases) assert.match(stdout, new RegExp(`^${name} `, 'm'));
  await assert.rejects(node('bench/run.ts', 'no-such-case'), /There is no case no-such-case/);
});

function node(script: string, ...args: string[]) {
  const [program = '', ...given] = [...programCommand(script), ...args];
  return promisify(execFile)(program, given, { cwd: project, timeout: 120_000 });
}
