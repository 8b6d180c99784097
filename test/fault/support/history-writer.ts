/**
 * A process that writes a database by the store itself, one commit after the other, and prints the state of the file
 * after each. Now and then it prints `copied` and the commit after the files were copied as they stood. At the end it prints `end` and the
 * epochs, and waits to be killed.
 *
 * Arguments: the file, a seed, how many commits, how many copies, and whether the log is written back as always
 * (`usual`), while somebody reads (`read`), or once more at the end without being truncated (`twice`).
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { openForReading } from '../../../src/stores/sqlite/database.ts';
import { openSqlite } from '../../support/sqlite.ts';
import { epochsOf, stateOf } from './database-state.ts';
import { RandomDeeds } from './random-deeds.ts';
import { SeededRandom } from './seeded-random.ts';

const [path = '', seed = '0', commits = '0', copies = '0', manner = 'usual'] = process.argv.slice(2);
const history = { events: 80, bytes: 1 << 24, ageMs: 3_600_000 };
/** When somebody begins to read, and when he stops: in parts of all commits. */
const reading = { from: 0.2, to: 0.8 };
/** How large the log is at the end, in bytes: more takes longer to read again each time. */
const leastLog = 1 << 17;
const mostLog = 1 << 18;

const store = await openSqlite(path, { history });
const reader = openForReading(path);
const slowReader = openForReading(path);
const deeds = new RandomDeeds(store, new SeededRandom(Number(seed)));
const count = Number(commits);
const copyEach = Math.ceil(count / (Number(copies) + 1));
say(stateOf(reader));
for (let commit = 1; commit <= count || !isLogFit(); commit++) {
  if (manner === 'read' && commit === Math.round(count * reading.from)) {
    slowReader.exec('BEGIN; SELECT count(*) FROM rooms');
    slowReader.prepare('SELECT count(*) FROM rooms').get();
  }
  if (manner === 'read' && commit === Math.round(count * reading.to)) slowReader.exec('COMMIT');
  await deeds.next();
  say(stateOf(reader));
  if (commit < count && commit % copyEach === 0) await copy(commit);
}
if (manner === 'twice') new SqliteDatabase(path).pragma('wal_checkpoint(FULL)');
say(`end ${epochsOf(reader)}`);
setInterval(() => {}, 1 << 30);

/** By another process: if this one closed a file of the database, it would lose its locks on it. */
async function copy(commit: number): Promise<void> {
  // Whatever the store had to do after the commit is done when it answers once more.
  await store.expired([], 1);
  const folder = join(path, `../at-${commit}`);
  mkdirSync(folder);
  execFileSync('cp', [path, `${path}-wal`, `${path}-shm`, folder]);
  say(`copied ${commit}`);
}

function isLogFit(): boolean {
  const { size } = statSync(`${path}-wal`);
  // Under who reads it grows, and stays as it is.
  return size >= leastLog && (size <= mostLog || manner === 'read');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
