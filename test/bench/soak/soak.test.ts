/** The soak in a tiny form: it works, and it notices what it is there to notice. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { hasLinux } from '../../support/needs.ts';
import { programCommand } from '../../support/program.ts';

const leak = fileURLToPath(new URL('support/leak.mjs', import.meta.url));
const timeout = 220_000;

interface Report {
  readonly faults: readonly string[];
  readonly verdict: { readonly total: number; readonly events: number };
  readonly doings: Readonly<Record<string, { readonly done: number }>>;
  readonly instances: readonly {
    readonly left: Readonly<Record<string, number>>;
    readonly endings: Readonly<Record<string, number>>;
    readonly findings: readonly { readonly grows: boolean; readonly points: readonly unknown[] }[];
  }[];
}

describe('npm run soak', { concurrency: true, timeout }, () => {
  it('is content with a server that lets go of everything, and shows how it was', async (t) => {
    if (!hasLinux(t)) return;
    const { code, output, report } = await runSoak(t, '15s');
    assert.equal(code, 0, output);
    assert.match(output, /✔ Nothing grows, nobody is left, and the judge is content\.\n$/);
    assert.match(output, /\nheap\n *[\d.]+ MB │.*\n(?:.*│.*\n){7} +└·+─+\n/);
    assert.equal(report?.verdict.total, 0);
    assert.ok(report.verdict.events > 0);
    const [instance] = report.instances;
    assert.deepEqual(instance?.left, { sessions: 0, streams: 0, polls: 0, rooms: 0 });
    assert.ok(instance.findings.every(({ points }) => points.length >= 8));
    for (const [what, { done }] of Object.entries(report.doings)) assert.ok(done > 0, `${what}: ${done}`);
    for (const ending of ['session taken-over', 'session expired', 'session destroyed', 'stream slow']) {
      assert.ok((instance.endings[ending] ?? 0) > 0, `${ending}: ${JSON.stringify(instance.endings)}`);
    }
  });

  it('finds memory, descriptors, timers and listeners that a server keeps', async (t) => {
    if (!hasLinux(t)) return;
    const { code, output, report } = await runSoak(t, '15s', `--import=${leak}`);
    assert.equal(code, 1, output);
    assert.match(output, /✖ buffers: it grows\n/);
    const faults = report?.faults ?? [];
    for (const what of ['buffers', 'descriptors', 'timers', 'listeners']) {
      assert.ok(faults.includes(`${what}: it grows`), output);
    }
    assert.ok(
      faults.some((fault) => fault.startsWith('Node warned: MaxListenersExceededWarning')),
      output,
    );
    assert.ok(
      faults.some((fault) => /^descriptors: \d+ more than before the load$/.test(fault)),
      output,
    );
    assert.ok(
      faults.some((fault) => /^objects of Timeout: \d+ more than before the load$/.test(fault)),
      output,
    );
    // What it keeps is no fault of what was said.
    assert.equal(report?.verdict.total, 0, output);
  });

  it('says what it expects where it is asked for nothing it knows', async (t) => {
    const { code, output } = await runSoak(t, '30');
    assert.equal(code, 2);
    assert.match(output, /^A duration of 15s or more is expected, such as 30m; got "30"\.\n\nnpm run soak/);
  });
});

async function runSoak(t: TestContext, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'parlor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [program = '', ...command] = programCommand('bench/soak/run.ts');
  const env = { ...process.env, TMPDIR: folder };
  return new Promise<{ code: number; output: string; report?: Report }>((resolve) => {
    execFile(
      program,
      [...command, ...args],
      { env, timeout, maxBuffer: 2 ** 24 },
      (error, stdout, stderr) => {
        const code = error ? Number(error.code) : 0;
        const [, file] = /The samples are in (.*)\.\n/.exec(stdout) ?? [];
        const output = stdout + stderr;
        resolve(file ? { code, output, report: JSON.parse(readFileSync(file, 'utf8')) } : { code, output });
      },
    );
  });
}
