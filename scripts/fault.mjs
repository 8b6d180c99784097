/**
 * Makes faults for real in their long forms: `npm run test:fault`, or some of them:
 * `npm run test:fault -- test/fault/kill.test.ts`.
 *
 * One file after the other, so that what is measured is not disturbed. At the end stands a table of what was tried and
 * found; the exit code is the runner's.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTests, startRunner } from './test-runner.mjs';

/** What a whole file of tests may take before it is killed. */
const fileTimeoutMs = 30 * 60_000;
/** What a run may take before it is given up. */
const runTimeoutMs = 2 * 60 * 60_000;
/** How wide the table is, and its columns but the last: fault, tried. */
const tableWidth = 120;
const columnWidths = [32, 42];

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const chosen = process.argv.slice(2);
const files = findTests(chosen.length > 0 ? chosen : [join(project, 'test/fault')]);

const folder = mkdtempSync(join(tmpdir(), 'parlor-faults-'));
const reportFile = join(folder, 'report.jsonl');
try {
  process.exitCode = await runTests();
  printTable(existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : '');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The runner's output passes through as it comes. */
function runTests() {
  const args = [
    `--import=${join(project, 'scripts/from-source.mjs')}`,
    '--test-concurrency=1',
    `--test-timeout=${fileTimeoutMs}`,
    ...files,
  ];
  const options = {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PARLOR_FAULTS: 'long', PARLOR_FAULT_REPORT: reportFile },
  };
  return startRunner(args, options, runTimeoutMs).ended;
}

/** @param lines one `{fault, tried, found}` each, in JSON */
function printTable(lines) {
  const rows = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const last = tableWidth - columnWidths.reduce((sum, width) => sum + width + 2, 0);
  const widths = [...columnWidths, last];
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  console.log();
  for (const { fault, tried, found } of [{ fault: 'fault', tried: 'tried', found: 'found' }, ...rows]) {
    const cells = [fault, tried, found].map((text, column) => wrap(text, widths[column]));
    for (let at = 0; at < Math.max(...cells.map(({ length }) => length)); at++) {
      const line = cells.map((cell, column) => (cell[at] ?? '').padEnd(widths[column])).join('  ');
      console.log(line.trimEnd());
    }
    console.log(rule);
  }
  if (rows.length === 0) console.log('No test reported what it found.');
}

/** Lines of at most `width` characters, broken at spaces; a longer word is broken anywhere. */
function wrap(text, width) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
    for (let end = lines.at(-1); end.length > width; end = lines.at(-1)) {
      lines.splice(-1, 1, end.slice(0, width), end.slice(width));
    }
  }
  return lines;
}
