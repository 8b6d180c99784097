import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../scripts/tools.mjs', import.meta.url));

test('where nothing is missing nothing is said', (t) => {
  const path = folder(t, everything);
  assert.deepEqual(run(path), { status: 0, said: '' });
});

test('what is missing and cannot be installed is told with the tests that are skipped; in CI it is an error', (t) => {
  const path = folder(t, everything);
  rmSync(join(path, 'curl'));
  const { status, said } = run(path);
  assert.equal(status, 0);
  assert.match(said, /^curl \(of Debian's package curl\) is missing\. Tests skipped: [^\n]+\.\n$/);
  assert.equal(run(path, { CI: 'true' }).status, 1);
});

test('on Debian what is missing is installed, and only that', (t) => {
  if (!existsSync('/etc/debian_version')) return t.skip('this is not Debian');
  const path = folder(t, everything);
  const log = join(path, 'log');
  rmSync(join(path, 'curl'));
  const curl = join(path, 'curl');
  write(path, 'apt-get', `echo "$@" >>${log}; [ "$2" = update ] || { : >${curl}; /bin/chmod +x ${curl}; }`);
  write(path, 'env', 'shift; exec "$@"');
  write(path, 'sudo', 'shift; exec "$@"');
  write(path, 'true', '');
  assert.equal(run(path).status, 0);
  assert.equal(readFileSync(log, 'utf8'), '-qy update\n-qy install --no-install-recommends curl\n');
});

const everything = [
  'bash',
  'curl',
  'git',
  'openssl',
  'sslscan',
  'cc',
  'ip',
  'unshare',
  'nsenter',
  'mount',
  'taskset',
  'nginx',
  'w3m',
  'lynx',
  'tmux',
  'script',
];

/** A folder with these programs, which do nothing; the only one in the PATH. */
function folder(t: TestContext, programs: readonly string[]): string {
  const path = mkdtempSync(join(tmpdir(), 'parlor-'));
  t.after(() => rmSync(path, { recursive: true }));
  for (const program of programs) write(path, program, '');
  return path;
}

function write(path: string, program: string, content: string): void {
  const file = join(path, program);
  writeFileSync(file, `#!/bin/sh\n${content}\n`);
  chmodSync(file, 0o755);
}

function run(path: string, environment: Record<string, string> = {}) {
  const options = { env: { PATH: path, ...environment }, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], options);
  return { status, said: stdout + stderr };
}
