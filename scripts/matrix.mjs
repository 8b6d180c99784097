/**
 * Tries Parlor on every Node it supports: `npm run matrix`, or `npm run matrix -- 22 24 --quick`.
 *
 * Each comes out of npm's package `node` into a temporary folder; there the last commit is cloned, `npm ci` run, and then
 * `npm test`; with `--quick` only the tests of the domain, the stores, HTTP and the start of the server. Linux only. A table closes the
 * output; the exit code is 1 if any of them failed. `--keep` leaves the folders behind.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const supported = ['20', '22', '24'];
const quickTests = ['test/core', 'test/stores', 'test/http', 'test/app.test.ts', 'test/server.test.ts'];

/**
 * Whose headers better-sqlite3 is compiled with, where not those of the Node itself: with the headers of 24.19 to 24.21 it ends the
 * process by an assertion when a statement is collected (https://github.com/nodejs/node/issues/65446).
 */
const headersOf = { 24: '24.18' };

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const isQuick = args.includes('--quick');
const chosen = args.filter((arg) => !arg.startsWith('--'));
const unknown = [
  ...chosen.filter((version) => !/^\d+(\.\d+){0,2}$/.test(version)),
  ...args.filter((arg) => arg.startsWith('--') && !['--quick', '--keep'].includes(arg)),
];
if (unknown.length > 0) {
  console.error(`Expected versions of Node, --quick or --keep, not ${unknown.join(' ')}.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'parlor-matrix-'));
const rows = [];
try {
  if (run('git', ['diff', '--quiet', 'HEAD']) !== 0) console.log('What is not committed is not tried.');
  for (const version of chosen.length > 0 ? chosen : supported) rows.push(await tryOn(version));
} finally {
  if (args.includes('--keep')) console.log(`\nThe folders are in ${folder}.`);
  else rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${table([['node', 'npm ci', 'tests', 'passed', 'failed', 'skipped', 'result'], ...rows])}`);
process.exitCode = rows.every((row) => row.at(-1) === 'ok') ? 0 : 1;

/** A row of the table. */
async function tryOn(wanted) {
  const place = join(folder, wanted);
  const node = installNode(wanted, join(place, 'node'));
  if (node === undefined) return [wanted, '-', '-', '-', '-', '-', 'not installed'];
  const clone = join(place, 'parlor');
  run('git', ['clone', '--quiet', project, clone]);
  const env = {
    ...process.env,
    PATH: `${node.programs}${delimiter}${process.env.PATH}`,
    // Where there is no ready-made binary for this Node, node-gyp finds its headers here.
    npm_config_nodedir: node.home,
  };
  const installed = await step(
    `npm ci on Node ${node.version}`,
    'npm',
    ['ci', '--prefer-offline'],
    clone,
    env,
  );
  if (installed.code !== 0) return [node.version, installed.time, '-', '-', '-', '-', 'npm ci failed'];
  const command = isQuick ? ['run', '--silent', 'test:run', '--', ...quickTests] : ['test'];
  const tested = await step(`tests on Node ${node.version}`, 'npm', command, clone, env);
  const count = (what) => new RegExp(`^ℹ ${what} (\\d+)$`, 'm').exec(tested.output)?.[1] ?? '-';
  const counts = ['pass', 'fail', 'skipped'].map(count);
  return [node.version, installed.time, tested.time, ...counts, tested.code === 0 ? 'ok' : 'failed'];
}

/** Puts a Node into a folder; undefined if npm has none such for this machine. */
function installNode(wanted, into) {
  mkdirSync(into, { recursive: true });
  // Its install script puts the binary in place, which some settings of npm's leave out.
  writeFileSync(join(into, 'package.json'), '{"private":true,"allowScripts":{"node":true}}');
  const options = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts=false'];
  if (run('npm', ['install', ...options, `node@${wanted}`], into) !== 0) return undefined;
  const programs = join(into, 'node_modules/node/bin');
  const { status, stdout } = spawnSync(join(programs, 'node'), ['--version'], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const version = stdout.trim().slice(1);
  return { home: homeOf(version, into), programs, version };
}

/** The folder of a Node with its headers. */
function homeOf(version, into) {
  const platform = `node-linux-${process.arch}`;
  const own = join(into, `node_modules/node/node_modules/${platform}`);
  const other = headersOf[version.split('.')[0]];
  if (other === undefined) return own;
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `${platform}@${other}`], into);
  return join(into, 'node_modules', platform);
}

function run(program, args, cwd = project) {
  return spawnSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] }).status;
}

/** Runs a command whose output is seen. */
function step(name, program, args, cwd, env) {
  console.log(`\n== ${name}`);
  const startedAt = performance.now();
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    process.stdout.write(text);
  });
  return new Promise((resolve) => {
    child.once('close', (code) => {
      resolve({ code, output, time: `${Math.round((performance.now() - startedAt) / 1000)} s` });
    });
  });
}

function table(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
