import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import SqliteDatabase from 'better-sqlite3';
import { openDatabase, openForReading } from '../../../src/stores/sqlite/database.ts';
import { takeLock } from '../../../src/stores/sqlite/lock.ts';
import { claimOf } from '../../contract/store-contract.ts';
import { epochsOf } from '../../fault/support/database-state.ts';
import { nodeOptions, programFile } from '../../support/program.ts';
import { openSqlite, temporaryFolder } from '../../support/sqlite.ts';

const file = 'parlor.db';

/** The database of a server that was killed, or of which some files were copied, and the epoch of its room. */
async function leftBehind(t: TestContext, ...without: string[]) {
  const first = temporaryFolder(t);
  const before = await openSqlite(join(first, file));
  await before.openSession(claimOf('Ada'), true, 10);
  await before.close();
  const store = await openSqlite(join(first, file));
  await store.openSession(claimOf('Bob'), true, 10);
  // As it stands at this moment: what is left if its process is killed.
  const folder = temporaryFolder(t);
  cpSync(first, folder, { recursive: true });
  await store.close();
  for (const ending of without) rmSync(join(folder, file + ending));
  const original = new SqliteDatabase(join(first, file));
  const epoch = epochsOf(original);
  original.close();
  return { path: join(folder, file), epoch };
}

/** What the next server finds, and the one after it. */
function started(path: string): { readonly epochs: readonly string[]; readonly lost: readonly boolean[] } {
  const starts = [0, 1].map(() => {
    const { database, isLost, close } = openDatabase(path, 'full');
    const epoch = epochsOf(database);
    close();
    return { epoch, isLost };
  });
  assert.ok(!existsSync(`${path}-found`), 'nothing is left to be done');
  return { epochs: starts.map(({ epoch }) => epoch), lost: starts.map(({ isLost }) => isLost) };
}

function isRenewed(path: string, before: string, isLost: boolean): void {
  const { epochs, lost } = started(path);
  assert.ok(epochs[0], 'the room is there');
  assert.notEqual(epochs[0], before);
  assert.equal(epochs[1], epochs[0], 'once');
  assert.deepEqual(lost, [isLost, false]);
}

/** Starts with a file, and is killed while it reads it. */
function killedStart(path: string): void {
  const script = `
    import SqliteDatabase from 'better-sqlite3';
    import { openDatabase } from '${pathToFileURL(programFile('src/stores/sqlite/database.ts'))}';
    const { pragma } = SqliteDatabase.prototype;
    SqliteDatabase.prototype.pragma = function (...args) {
      const result = pragma.apply(this, args);
      if (args[0].startsWith('quick_check')) process.kill(process.pid, 'SIGKILL');
      return result;
    };
    openDatabase(${JSON.stringify(path)}, 'full');`;
  const { signal, stderr } = spawnSync(
    process.execPath,
    [...nodeOptions, '--input-type=module', '--eval', script],
    { cwd: fileURLToPath(new URL('../../..', import.meta.url)), encoding: 'utf8' },
  );
  assert.equal(signal, 'SIGKILL', stderr);
}

describe('[LOG-2] epochs', () => {
  it('stay after a kill, whoever reads before the next start', async (t) => {
    const { path, epoch } = await leftBehind(t);
    openForReading(path).close();
    killedStart(path);
    const { epochs, lost } = started(path);
    assert.deepEqual(
      [epochs, lost],
      [
        [epoch, epoch],
        [false, false],
      ],
    );
  });

  it('are new in a copy without its log, also if its first start was killed', async (t) => {
    const { path, epoch } = await leftBehind(t, '-wal', '-shm');
    killedStart(path);
    assert.ok(existsSync(`${path}-wal`) && existsSync(`${path}-shm`), 'it made a log and its index');
    isRenewed(path, epoch, false);
  });

  it('are new in a copy without the index of its log, also if somebody read it before', async (t) => {
    const { path, epoch } = await leftBehind(t, '-shm');
    openForReading(path).close();
    killedStart(path);
    isRenewed(path, epoch, false);
  });

  for (const [who, read] of [
    ['a command read the file', (path: string) => openForReading(path).close()],
    ['a start was killed', killedStart],
  ] as const) {
    it(`are new after the log has lost its end, also if ${who} before, and that is told`, async (t) => {
      const { path, epoch } = await leftBehind(t);
      truncateSync(`${path}-wal`, statSync(`${path}-wal`).size - 1);
      read(path);
      isRenewed(path, epoch, true);
    });
  }

  it('are left to the server if one has the file: what a reader sees of it may be of two moments', async (t) => {
    const { path } = await leftBehind(t);
    truncateSync(`${path}-wal`, statSync(`${path}-wal`).size - 1);
    const lock = takeLock(path);
    openForReading(path).close();
    lock.close();
    assert.ok(!existsSync(`${path}-found`));
  });
});
