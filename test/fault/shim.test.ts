import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { waitUntil } from '../support/wait-until.ts';
import { FaultShim, type Faults } from './support/fault-shim.ts';

const run = promisify(execFile);
// Whose packages the scripts may require.
const project = fileURLToPath(new URL('../..', import.meta.url));

interface SetUp {
  readonly shim: FaultShim;
  /** What the faults are made for. */
  readonly folder: string;
  readonly outside: string;
  /** Runs a script in a process of its own, and returns what it made of its JSON. */
  run(script: string): Promise<unknown>;
}

async function setUp(t: TestContext): Promise<SetUp | undefined> {
  const root = mkdtempSync(join(tmpdir(), 'parlor-'));
  t.after(() => rmSync(root, { recursive: true }));
  const [folder, outside] = [join(root, 'data'), join(root, 'data-beside')];
  for (const each of [folder, outside]) mkdirSync(each);
  const shim = await FaultShim.make(t, folder);
  if (!shim) return undefined;
  const env = { PATH: process.env.PATH, ...shim.env };
  return {
    shim,
    folder,
    outside,
    async run(script) {
      const args = ['--eval', `${prelude}\n${script}`, folder, outside];
      return JSON.parse((await run(process.execPath, args, { env, cwd: project })).stdout);
    },
  };
}

const prelude = `
  const fs = require('node:fs');
  const [folder, outside] = process.argv.slice(1);
  const print = (value) => process.stdout.write(JSON.stringify(value));
  const open = (path) => fs.openSync(path, 'a+');
  const codeOf = (call) => {
    try { return call() ?? 'done'; } catch (error) { return error.code; }
  };
  const msOf = (call) => {
    const start = performance.now();
    call();
    return performance.now() - start;
  };
`;

test('without a fault everything goes through, and nothing is counted but the syncs', async (t) => {
  const made = await setUp(t);
  if (!made) return;
  const found = await made.run(`
    const file = open(folder + '/a');
    fs.writeSync(file, 'one'); fs.writevSync(file, [Buffer.from('two'), Buffer.from('three')]);
    fs.writeSync(file, 'x', 0); fs.ftruncateSync(file, 11);
    fs.fsyncSync(file); fs.fdatasyncSync(file);
    print(fs.readFileSync(folder + '/a', 'utf8'));`);
  assert.equal(found, 'onetwothree');
  assert.deepEqual(made.shim.counts(), { ...nothing, syncs: 2 });
});

test('syncs and writes of the folder take as long as they are told, those beside it do not', async (t) => {
  const made = await setUp(t);
  if (!made) return;
  made.shim.set({ syncDelayMs: 100, writeDelayMs: 40 });
  const found = await made.run(`
    const [a, b] = [open(folder + '/a'), open(outside + '/b')];
    print([
      msOf(() => fs.writeSync(a, 'x')), msOf(() => fs.fsyncSync(a)), msOf(() => fs.fdatasyncSync(a)),
    ]);
    fs.writeSync(b, 'x');
    fs.fsyncSync(b);`);
  assert.ok(isTimes(found));
  const [write = 0, fsync = 0, fdatasync = 0] = found;
  assert.ok(write >= 40, `a write took ${write} ms`);
  assert.ok(fsync >= 100 && fdatasync >= 100, `syncs took ${fsync} and ${fdatasync} ms`);
  // Nothing else was delayed.
  assert.deepEqual(made.shim.counts(), { ...nothing, syncs: 2, syncsDelayed: 2, writesDelayed: 1 });
});

test('a full disk takes what there is room for, then refuses, and takes everything once it is told so', async (t) => {
  const made = await setUp(t);
  if (!made) return;
  made.shim.set({ writeError: 'ENOSPC', writeRoom: 10 });
  const script = `
    const [a, b] = [open(folder + '/a'), open(outside + '/b')];
    print([
      codeOf(() => fs.writeSync(a, 'seven..')), codeOf(() => fs.writevSync(a, [Buffer.from('ten'), Buffer.from('.......')])),
      codeOf(() => fs.writeSync(a, 'x')), codeOf(() => fs.writeSync(a, 'x', 0)), codeOf(() => fs.ftruncateSync(a, 99)),
      codeOf(() => fs.writevSync(a, [Buffer.from('x')])), codeOf(() => fs.writeSync(b, 'x')),
      codeOf(() => fs.fsyncSync(a)),
    ]);`;
  const full = 'ENOSPC';
  assert.deepEqual(await made.run(script), [7, 3, full, full, full, full, 1, 'done']);
  // After a short write Node tries the rest by itself, which is the fifth that fails.
  assert.deepEqual(made.shim.counts(), { ...nothing, syncs: 1, writesFailed: 5, writesShort: 1 });
  assert.equal(readFileSync(join(made.folder, 'a'), 'utf8'), 'seven..ten');
  made.shim.clear();
  assert.deepEqual(await made.run(script), [7, 10, 1, 1, 'done', 1, 1, 'done']);
});

test('a broken disk fails writes or syncs with the error that is set, each by itself', async (t) => {
  const made = await setUp(t);
  if (!made) return;
  const script = `
    const file = open(folder + '/a');
    print([codeOf(() => fs.writeSync(file, 'x')), codeOf(() => fs.fsyncSync(file)), codeOf(() => fs.fdatasyncSync(file))]);`;
  made.shim.set({ syncError: 'EIO' });
  assert.deepEqual(await made.run(script), [1, 'EIO', 'EIO']);
  made.shim.set({ syncError: null, writeError: 'EROFS' });
  assert.deepEqual(await made.run(script), ['EROFS', 'done', 'done']);
  assert.deepEqual(made.shim.counts(), { ...nothing, syncs: 4, syncsFailed: 2, writesFailed: 1 });
});

test('a descriptor that is used again for a file elsewhere is not taken for the old one', async (t) => {
  const made = await setUp(t);
  if (!made) return;
  made.shim.set({ writeError: 'EIO' });
  const found = await made.run(`
    const a = open(folder + '/a');
    const first = codeOf(() => fs.writeSync(a, 'x'));
    fs.closeSync(a);
    const b = open(outside + '/b');
    const second = codeOf(() => fs.writeSync(b, 'x'));
    fs.closeSync(b);
    const c = open(folder + '/c');
    print([a === b && b === c, first, second, codeOf(() => fs.writeSync(c, 'x'))]);`);
  assert.deepEqual(found, [true, 'EIO', 1, 'EIO']);
});

test('a fault begins and ends while the process runs', async (t) => {
  const made = await setUp(t);
  if (!made) return;
  const { shim } = made;
  const running = made.run(`
    const file = open(folder + '/a');
    const until = (code) => {
      for (const start = Date.now(); Date.now() - start < 20_000; ) if (codeOf(() => fs.writeSync(file, 'x')) === code) return code;
    };
    fs.mkdirSync(folder + '/began');
    const first = until('EIO');
    fs.mkdirSync(folder + '/failed');
    print([first, until(1)]);`);
  for (const [name, act] of [
    ['began', () => shim.set({ writeError: 'EIO' })],
    ['failed', () => shim.clear()],
  ] as const) {
    await made.run(`
      const seen = () => fs.existsSync(folder + '/${name}');
      for (const start = Date.now(); !seen() && Date.now() - start < 20_000; );
      print(seen());`);
    assert.ok(readdirSync(made.folder).includes(name));
    act();
  }
  assert.deepEqual(await running, ['EIO', 1]);
});

test('the wall clock steps both ways, and monotonic time and timers go on as they did', async (t) => {
  const made = await setUp(t);
  if (!made) return;
  const script = `
    const start = performance.now();
    const times = [Date.now(), performance.timeOrigin + start, Number(process.hrtime.bigint() / 1_000_000n)];
    setTimeout(() => print([...times, performance.now() - start]), 50);`;
  const now = async () => {
    const [before, monotonic] = [Date.now(), Number(process.hrtime.bigint() / 1_000_000n)];
    const found = await made.run(script);
    assert.ok(isTimes(found));
    const [date = 0, , child = 0, timer = 0] = found;
    assert.ok(child >= monotonic && child - monotonic < 60_000, 'monotonic time was changed');
    assert.ok(timer >= 45 && timer < 10_000, `a timer of 50 ms took ${timer} ms`);
    return date - before;
  };
  const near = async (expectedMs: number) => {
    const found = await now();
    assert.ok(found >= expectedMs && found < expectedMs + 60_000, `${found} ms instead of ${expectedMs}`);
  };
  await near(0);
  assert.equal(made.shim.counts().timesShifted, 0);
  for (const seconds of [3600, -3600, 0.75, -1.5]) {
    made.shim.set({ wallStepSeconds: seconds });
    await near(seconds * 1000);
  }
  assert.ok(made.shim.counts().timesShifted > 0);
});

test('SQLite meets these faults: a transaction fails by its name, and the next one goes through', async (t) => {
  const made = await setUp(t);
  if (!made) return;
  const { shim } = made;
  const commit = () =>
    made.run(`
      const Database = require('better-sqlite3');
      const database = new Database(folder + '/a.db');
      database.pragma('journal_mode = WAL');
      database.exec('CREATE TABLE IF NOT EXISTS texts (text)');
      fs.mkdirSync(folder + '/open');
      while (fs.existsSync(folder + '/open'));
      const insert = () => void database.prepare('INSERT INTO texts VALUES (?)').run('x'.repeat(20_000));
      const outcome = codeOf(insert);
      print([outcome, database.prepare('SELECT count(*) FROM texts').pluck().get()]);`);
  const withFault = async (faults: Faults) => {
    const committed = commit();
    const isOpen = () => existsSync(join(made.folder, 'open'));
    await waitUntil(isOpen, 'the database was open');
    shim.set(faults);
    rmdirSync(join(made.folder, 'open'));
    const found = await committed;
    shim.clear();
    return found;
  };
  assert.deepEqual(await withFault({}), ['done', 1]);
  assert.deepEqual(await withFault({ syncError: 'EIO' }), ['SQLITE_IOERR_FSYNC', 1]);
  assert.deepEqual(await withFault({ writeError: 'ENOSPC' }), ['SQLITE_FULL', 1]);
  assert.deepEqual(await withFault({ writeError: 'ENOSPC', writeRoom: 10_000 }), ['SQLITE_FULL', 1]);
  assert.deepEqual(await withFault({ writeError: 'EIO' }), ['SQLITE_IOERR_WRITE', 1]);
  assert.deepEqual(await withFault({}), ['done', 2]);
});

test('a process that cannot read its control file does not run without its faults', async (t) => {
  const made = await setUp(t);
  if (!made) return;
  const env = { ...made.shim.env, SHIM_CONTROL: join(made.folder, 'none') };
  await assert.rejects(run(process.execPath, ['--version'], { env }), { code: 97 });
});

const nothing = {
  syncs: 0,
  syncsDelayed: 0,
  syncsFailed: 0,
  writesDelayed: 0,
  writesFailed: 0,
  writesShort: 0,
  timesShifted: 0,
};

function isTimes(found: unknown): found is number[] {
  return Array.isArray(found) && found.every((each) => typeof each === 'number');
}
