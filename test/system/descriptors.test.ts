import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { descriptorLimit, limitInReport, limitInTable } from '../../src/system/descriptors.ts';
import { nodeOptions, programFile } from '../support/program.ts';

const run = promisify(execFile);
const here = pathToFileURL(programFile('src/system/descriptors.ts')).href;

const table = `Limit                     Soft Limit           Hard Limit           Units
Max processes             127229               unlimited            processes
Max open files            1024                 524288               files
Max locked memory         8388608              8388608              bytes
`;

test('the limit is the soft one for open files', () => {
  assert.equal(limitInTable(table), 1024);
  assert.equal(limitInTable(table.replace('1024  ', 'unlimited  ')), Number.POSITIVE_INFINITY);
  assert.equal(limitInTable('Max processes 1 1 processes\n'), undefined);
  assert.equal(limitInReport({ userLimits: { open_files: { soft: 256, hard: 'unlimited' } } }), 256);
});

test('without a limit, or without a word about it, there is none', () => {
  for (const report of [
    { userLimits: { open_files: { soft: 'unlimited' } } },
    { userLimits: {} },
    {},
    null,
  ]) {
    assert.equal(limitInReport(report), Number.POSITIVE_INFINITY);
  }
});

test('the system says what the limit of a process is, by both ways alike', async () => {
  assert.ok(descriptorLimit() > 0);
  const script = `import { descriptorLimit, limitInReport } from ${JSON.stringify(here)};
    console.log(descriptorLimit(), limitInReport(process.report.getReport()));`;
  const node = [process.execPath, ...nodeOptions, '--input-type=module', '--eval', script];
  const { stdout } = await run('sh', ['-c', 'ulimit -n 200; exec "$@"', 'sh', ...node]);
  assert.equal(stdout, '200 200\n');
});
