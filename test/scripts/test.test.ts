import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));

test('tests that pass end with code 0 and with node’s own summary', (t) => {
  const { status, stdout } = runTests(folder(t, { 'a.test.ts': pass, 'b.test.ts': pass, 'c.ts': fail }));
  assert.equal(status, 0);
  assert.match(stdout, /✔ one.*✔ one/s);
  assert.match(stdout, /\nℹ tests 2\n[^✔✖]*ℹ pass 2\n[^✔✖]*ℹ fail 0\n[^✔✖]*ℹ duration_ms [0-9.]+\n$/);
});

test('one test that fails is told, and the exit code is not 0', (t) => {
  const { status, stdout } = runTests(folder(t, { 'a.test.ts': pass, 'b.test.ts': fail }));
  assert.equal(status, 1);
  assert.match(stdout, /✖ two.*ℹ tests 2\n.*ℹ fail 1\n/s);
});

test('a folder without tests and a name that does not exist are told', (t) => {
  const empty = folder(t, {});
  assert.deepEqual(runTests(empty).status, 1);
  const { status, stderr } = runTests(join(empty, 'none'));
  assert.equal(status, 1);
  assert.match(stderr, /none does not exist\.\n$/);
});

test('coverage is asked of all tests only', (t) => {
  const { status, stderr } = runTests(folder(t, { 'a.test.ts': pass }), '--coverage');
  assert.equal(status, 1);
  assert.match(stderr, /^Coverage is of all tests; expected no files beside --coverage, got .+\.\n$/);
});

const pass = "import { test } from 'node:test';\ntest('one', (): void => {});\n";
const fail = "import { test } from 'node:test';\ntest('two', (): void => { throw new Error('no'); });\n";

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'parlor-'));
  t.after(() => rmSync(path, { recursive: true }));
  writeFileSync(join(path, 'package.json'), '{"type":"module"}');
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

function runTests(path: string, ...options: readonly string[]) {
  // Without this the inner runner takes itself for one file of the outer one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const surroundings = { cwd: project, env, encoding: 'utf8', timeout: 60_000 } as const;
  return spawnSync(process.execPath, ['scripts/test.mjs', path, ...options], surroundings);
}
