/**
 * Runs the tests: `npm run test:run`, or some of them: `npm run test:run -- test/config test/app.test.ts`.
 *
 * `npm run coverage` runs all of them, and says how much of `src` they reach; so does every run of all in CI. It takes
 * longer. Whatever is printed before, node's own summary closes the output, and the exit code is the runner's (or
 * 1 if coverage fell below the bounds).
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { transformSync } from 'esbuild';
import { compileProject, project } from './compile.mjs';
import { findTests, startRunner } from './test-runner.mjs';

/** What a whole file of tests may take before it is killed; Node 20 knows no default for a single test. */
const fileTimeoutMs = 240_000;
/** What a run may take before it is given up: several times of what it takes on two quiet cores. */
const runTimeoutMs = 45 * 60_000;
/** Per cent of what all tests reach. */
const leastCoverage = { lines: 85, functions: 85, branches: 80 };

const coverageFolder = join(project, 'coverage');
/** What of the docs the tests ask for, to run it. */
const docsCommands = join(coverageFolder, 'docs-commands');
const wantsCoverage = process.argv.includes('--coverage');
const chosen = process.argv.slice(2).filter((argument) => argument !== '--coverage');
const isWhole = chosen.length === 0;
if (wantsCoverage && !isWhole) {
  console.error(`Coverage is of all tests; expected no files beside --coverage, got ${chosen.join(' ')}.`);
  process.exit(1);
}
const isMeasured = wantsCoverage || (isWhole && process.env.CI === 'true');
const files = findTests(isWhole ? ['test'] : chosen);

if (isWhole) rmSync(coverageFolder, { recursive: true, force: true });
if (isWhole) mkdirSync(coverageFolder);
const compiled = files.some(isOwn) ? await compileProject() : undefined;
if (compiled) process.once('exit', () => rmSync(compiled, { recursive: true, force: true }));
const { exitCode, summary } = await runTests();
const coverageCode = isMeasured ? await reportCoverage() : 0;
const docsCode = isWhole && exitCode === 0 && !summary.some(hasSkipped) ? judgeDocs() : 0;
if (coverageCode !== 0) console.log('✖ Coverage is below the bounds in scripts/test.mjs.');
console.log(summary.join('\n'));
process.exitCode = exitCode || coverageCode || docsCode;

/** Others are not compiled: those of the tests of this script. */
function isOwn(file) {
  return !relative(project, resolve(file)).startsWith('..');
}

function compiledFile(file) {
  return join(compiled, relative(project, resolve(file)).replace(/ts$/, 'js'));
}

/** The runner's output passes through as it comes, except for the closing summary, which is kept back. */
async function runTests() {
  const args = [
    ...(files.every(isOwn) ? [] : [`--import=${join(project, 'scripts/from-source.mjs')}`]),
    '--enable-source-maps',
    // Half of the time they wait: for deadlines, disks, browsers.
    `--test-concurrency=${2 * Math.max(2, availableParallelism())}`,
    `--test-timeout=${fileTimeoutMs}`,
    ...files.map((file) => (isOwn(file) ? compiledFile(file) : file)),
  ];
  const options = {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...(isWhole ? { PARLOR_DOCS_COMMANDS: docsCommands } : {}),
      ...(isMeasured ? { NODE_V8_COVERAGE: join(coverageFolder, 'tmp') } : {}),
    },
  };
  const { child, ended } = startRunner(args, options, runTimeoutMs);

  const summary = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (isSummary(line)) summary.push(line);
    else console.log(line);
    if (line.includes('test timed out after')) {
      console.log('  (If its tests all passed, the file left something open: a server, a timer, a browser.)');
    }
  }
  return { exitCode: await ended, summary };
}

function isSummary(line) {
  return /^(?:ℹ|#) (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [0-9.]+$/.test(
    stripVTControlCharacters(line),
  );
}

/** A test that was skipped for want of a program has run none of its commands. */
function hasSkipped(line) {
  return / skipped [1-9]/.test(stripVTControlCharacters(line));
}

function judgeDocs() {
  const args = [join(project, 'scripts/docs-commands.mjs'), docsCommands];
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}

function reportCoverage() {
  const args = [
    'report',
    `--temp-directory=${join(coverageFolder, 'tmp')}`,
    `--reports-dir=${coverageFolder}`,
    '--reporter=text-summary',
    '--reporter=lcovonly',
    '--all',
    '--src=src',
    '--include=src/**/*.ts',
    // The page runs in the browser, where its tests look at it.
    '--exclude=src/web/**',
    ...typeFiles().map((file) => `--exclude=${file}`),
    '--exclude-after-remap',
    '--merge-async',
    '--check-coverage',
    ...Object.entries(leastCoverage).map(([kind, percent]) => `--${kind}=${percent}`),
  ];
  const c8 = join(project, 'node_modules/c8/bin/c8.js');
  const child = spawn(process.execPath, [c8, ...args], { cwd: project, stdio: 'inherit' });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

/** Files of which nothing is left to run once the types are gone: they would count as never reached. */
function typeFiles() {
  const names = readdirSync(join(project, 'src'), { recursive: true }).filter((name) => name.endsWith('.ts'));
  const files = names.map((name) => join('src', name));
  return files.filter((file) => {
    const { code } = transformSync(readFileSync(join(project, file), 'utf8'), { loader: 'ts' });
    return code.trim() === '';
  });
}
