/** Whoever interrupts a soak leaves nothing behind. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { has, hasLinux } from '../../support/needs.ts';
import { programCommand } from '../../support/program.ts';
import { waitUntil } from '../../support/wait-until.ts';

const timeout = 120_000;

describe('npm run soak, interrupted', { concurrency: true, timeout }, () => {
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    it(`leaves no redis-server and no folder behind at ${signal}`, async (t) => {
      if (!hasLinux(t) || !has(t, 'redis-server')) return;
      const folder = mkdtempSync(join(tmpdir(), 'parlor-'));
      t.after(() => rmSync(folder, { recursive: true }));
      const [program = '', ...args] = programCommand('bench/soak/run.ts');
      const soak = spawn(program, [...args, '15s', '--redis'], {
        env: { ...process.env, TMPDIR: folder },
        stdio: 'ignore',
      });
      const exited = once(soak, 'exit');
      t.after(() => soak.kill('SIGKILL'));
      let redis: number | undefined;
      await waitUntil(() => {
        redis = childOf(soak.pid ?? 0, 'redis-server');
        return redis !== undefined || soak.exitCode !== null;
      }, 'its redis-server ran');
      assert.ok(redis, `it exited with ${soak.exitCode}`);
      const pid = redis;
      t.after(() => isThere(pid, 'redis-server') && process.kill(pid, 'SIGKILL'));
      soak.kill(signal);
      assert.deepEqual(await exited, [code, null]);
      await waitUntil(() => !isThere(pid, 'redis-server'), `redis-server, ${pid}, was gone`);
      assert.deepEqual(readdirSync(folder), []);
    });
  }
});

/** The process of that name that `parent` has started. */
function childOf(parent: number, name: string): number | undefined {
  const pids = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ');
  return pids.map(Number).find((pid) => isThere(pid, name));
}

/** Whether it runs: one that has ended is a zombie until its parent asks, and has no command. */
function isThere(pid: number, name: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(name);
  } catch {
    return false;
  }
}
