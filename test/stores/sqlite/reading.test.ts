import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { copyDatabase } from '../../../src/stores/sqlite/backup.ts';
import { openForReading } from '../../../src/stores/sqlite/database.ts';
import { exportRoom } from '../../../src/stores/sqlite/export.ts';
import { StoreRefusal } from '../../../src/stores/store-refusal.ts';
import { cli, runCli } from '../../support/cli.ts';
import { has } from '../../support/needs.ts';
import { openSqlite, temporaryFolder } from '../../support/sqlite.ts';
import { contentsOf } from './support/folder-contents.ts';
import { storedTalk } from './support/stored-talk.ts';

const file = 'parlor.db';

/** Takes the right to do everything away from root. */
const asAnybody =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];

function refusalOf(path: string): string {
  try {
    openForReading(path).close();
  } catch (error) {
    if (error instanceof StoreRefusal) return error.message.replace(path, 'PATH');
    throw error;
  }
  return 'none';
}

describe('reading a database', () => {
  it('of a server that has ended leaves nothing beside it, and changes nothing', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, file);
    await storedTalk(path);
    const before = contentsOf(folder);
    assert.equal([...exportRoom(path, 'lobby')].length, 8);
    assert.deepEqual(contentsOf(folder), before);
    assert.deepEqual(copyDatabase(path, join(temporaryFolder(t), 'copy.db')), { rooms: 2, events: 9 });
    assert.deepEqual(contentsOf(folder), before);
    // Who breaks off leaves nothing either.
    const lines = exportRoom(path, 'lobby');
    lines.next();
    lines.return();
    assert.deepEqual(contentsOf(folder), before);
  });

  it('keeps nothing from the server, also if it outlasts it', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, file);
    await storedTalk(path);
    const store = await openSqlite(path);
    const reader = openForReading(path);
    const count = reader.prepare('SELECT count(*) FROM events').pluck();
    assert.equal(count.get(), 9);
    await store.close();
    assert.equal(count.get(), 9);
    reader.close();
    const again = await openSqlite(path);
    await again.close();
    assert.deepEqual(Object.keys(contentsOf(folder)), [file, `${file}-lock`]);
  });

  it('says in one line what cannot be read, and leaves it as it is', async (t) => {
    const folder = temporaryFolder(t);
    const path = (name: string) => join(folder, name);
    writeFileSync(path('letter'), 'Dear Ada');
    writeFileSync(path('empty'), '');
    mkdirSync(path('folder'));
    symlinkSync('nowhere', path('link'));
    // Emptied, but not its log: SQLite would delete it.
    writeFileSync(path('emptied'), '');
    writeFileSync(path('emptied-wal'), 'what was said last');
    writeFileSync(path('emptied-lock'), '');
    await storedTalk(path('newer'));
    const newer = new SqliteDatabase(path('newer'));
    newer.pragma('user_version = 99');
    newer.close();
    const before = contentsOf(folder);
    const refusals = {
      letter: /^PATH is not a database of Parlor; it was left as it is\.$/,
      empty: /^PATH is empty\.$/,
      folder: /^PATH is a folder; name a file in it\.$/,
      link: /^PATH is a link to something that is not there; [^\n]+$/,
      emptied: /^PATH is empty, but its write-ahead log emptied-wal is there; [^\n]+$/,
      newer: /^PATH was written by a newer Parlor \(schema 99; [^\n]+$/,
      nothing: /^PATH is not there\.$/,
      'nowhere/file': /^PATH is not there\.$/,
      'letter/file': /^PATH cannot be read: \S+\/letter is not a folder\.$/,
    };
    for (const [name, line] of Object.entries(refusals)) {
      assert.match(refusalOf(path(name)), line, name);
      assert.deepEqual(contentsOf(folder), before, name);
    }
  });

  it('says that who may not read it cannot', async (t) => {
    if (asAnybody.length > 0 && !has(t, 'setpriv')) return;
    const folder = temporaryFolder(t);
    await storedTalk(join(folder, file));
    const command = [...asAnybody, ...cli];
    const args = ['export', '--room', 'lobby', '--store', `sqlite:${file}`];
    const line = /^parlor: parlor\.db cannot be read by this user: [^\n]+\. Let the server’s user do it\.\n$/;
    for (const [what, rights] of [
      [join(folder, file), 0o200],
      // The file may be read, but not what SQLite would have to make beside it.
      [folder, 0o500],
    ] as const) {
      chmodSync(what, rights);
      const before = contentsOf(folder);
      const { code, stdout, stderr } = await runCli(args, { cwd: folder, command });
      chmodSync(what, 0o700);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, line);
      assert.deepEqual(Object.keys(contentsOf(folder)), Object.keys(before));
    }
  });
});
