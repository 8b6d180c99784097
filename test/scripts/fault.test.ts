import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));

test('the long forms run, and a table of what was tried and found closes the output', (t) => {
  const { status, stdout } = runFaults(t, "if (!isLong) throw new Error('short');");
  assert.equal(status, 0, stdout);
  assert.match(stdout, /✔ one/);
  assert.match(stdout, /\nfault +tried +found\n[─ ]+\na plug is pulled +3 times +nothing lost\n[─ ]+\n$/);
});

test('a fault that is not survived makes the exit code 1, and stands in the table all the same', (t) => {
  const { status, stdout } = runFaults(t, "throw new Error('lost');");
  assert.equal(status, 1);
  assert.match(stdout, /✖ one/);
  assert.match(stdout, /a plug is pulled +3 times/);
});

test('a long text is broken into lines of its column', (t) => {
  const { stdout } = runFaults(t, '', 'nothing '.repeat(20).trim() + 'x'.repeat(100));
  const lines = stdout.slice(stdout.indexOf('fault  ')).split('\n');
  assert.ok(
    lines.every((line) => line.length <= 120),
    stdout,
  );
  assert.equal(lines.join('').match(/nothing/g)?.length, 20);
});

test('a name that does not exist is told', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/fault.mjs', 'none'], {
    cwd: project,
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /none does not exist\.\n$/);
});

/** Runs one test, which reports and then goes on with `end`. */
function runFaults(t: TestContext, end: string, found = 'nothing lost') {
  const folder = mkdtempSync(join(tmpdir(), 'parlor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const support = join(project, 'test/fault/support/report.ts');
  writeFileSync(
    join(folder, 'a.test.ts'),
    `import { test } from 'node:test';
import { isLong, report } from ${JSON.stringify(support)};
test('one', (t) => {
  report(t, { fault: 'a plug is pulled', tried: '3 times', found: ${JSON.stringify(found)} });
  ${end}
});
`,
  );
  // Without this the inner runner takes itself for one file of the outer one.
  const { NODE_TEST_CONTEXT: _, PARLOR_FAULT_REPORT: __, ...env } = process.env;
  const options = { cwd: project, env, encoding: 'utf8', timeout: 60_000 } as const;
  return spawnSync(process.execPath, ['scripts/fault.mjs', folder], options);
}
