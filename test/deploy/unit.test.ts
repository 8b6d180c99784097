import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { has } from '../support/needs.ts';
import { page } from '../support/readme.ts';
import { temporaryFolder } from '../support/sqlite.ts';

const unit = fileURLToPath(new URL('../../deploy/parlor.service', import.meta.url));
const text = page('deploy/parlor.service');
/** How exposed systemd may find the service, of 10. */
const greatestExposure = 1.5;

test('systemd understands the unit', (t) => {
  if (!has(t, 'systemd-analyze')) return;
  const copy = join(temporaryFolder(t), 'parlor.service');
  // It looks whether the command is there.
  writeFileSync(copy, text.replace('/usr/local/bin/parlor', process.execPath));
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', copy], { encoding: 'utf8' });
  // What it says of other units of this machine is theirs.
  assert.doesNotMatch(stderr, /parlor/);
  assert.equal(status, 0, stderr);
});

test('systemd finds the service little exposed, as the docs say', (t) => {
  if (!has(t, 'systemd-analyze')) return;
  const exposure = exposureOf(unit);
  assert.ok(exposure <= greatestExposure, `${exposure} is more than ${greatestExposure}`);
  const [, stated, version] =
    /finds an exposure of ([\d.]+) of 10 \(systemd (\d+)\)/.exec(page('docs/deploy.md')) ?? [];
  assert.ok(stated !== undefined, 'docs/deploy.md states it');
  // Each version of systemd looks at something else.
  const { stdout: own } = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' });
  if (own.startsWith(`systemd ${version} `)) assert.equal(exposure, Number(stated));
});

test('without what hardens it, systemd finds it exposed', (t) => {
  if (!has(t, 'systemd-analyze')) return;
  const copy = join(temporaryFolder(t), 'parlor.service');
  const bare = text.replace(/^(Protect|Private|Restrict|SystemCall|Capability|DynamicUser|NoNew).*\n/gm, '');
  writeFileSync(copy, bare);
  const exposure = exposureOf(copy);
  assert.ok(exposure > 5, `${exposure} of 10`);
});

/** How exposed systemd finds a service, of 10. */
function exposureOf(path: string): number {
  const { status, stdout, stderr } = spawnSync(
    'systemd-analyze',
    ['security', '--offline=true', '--no-pager', path],
    { encoding: 'utf8', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } },
  );
  assert.equal(status, 0, stderr);
  const [, exposure] = /Overall exposure level for parlor\.service: ([\d.]+)/.exec(stdout) ?? [];
  assert.ok(exposure !== undefined, stderr);
  return Number(exposure);
}

test('the unit leaves V8 what it needs, and has as much memory for what is new as npm start', () => {
  assert.match(text, /^MemoryDenyWriteExecute=no$/m);
  const { scripts } = JSON.parse(page('package.json'));
  const [, option = '-'] = /node (--\S+) /.exec(scripts.start) ?? [];
  assert.match(text, new RegExp(`NODE_OPTIONS=${option}$`, 'm'));
  const started = spawnSync(process.execPath, ['--version'], { env: { NODE_OPTIONS: option } });
  assert.equal(started.status, 0);
});
