import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import SqliteDatabase from 'better-sqlite3';
import { builtServer } from '../../fault/support/built-server.ts';
import { MountedDisk } from '../../fault/support/mounted-disk.ts';
import { has, hasLinux, searchPath, without } from '../../support/needs.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { temporaryFolder } from '../../support/sqlite.ts';
import { contentsOf } from './support/folder-contents.ts';
import { storedTalk } from './support/stored-talk.ts';

const file = 'parlor.db';
const lock = `${file}-lock`;
/** For a server that starts where it should refuse, and never ends. */
const timeout = 120_000;

const holding = `
  const database = require('better-sqlite3')(process.argv[1]);
  database.pragma('locking_mode = EXCLUSIVE');
  database.exec('BEGIN EXCLUSIVE');
  console.log('held');
  process.stdin.resume();`;

interface Case {
  /** What stands at `path` or around it. */
  readonly is: string;
  /** What the line says of it, after the name. */
  readonly line: RegExp;
  /** Beside the file may stand afterwards. */
  readonly leaves?: readonly string[];
  prepare(path: string, t: TestContext): void | Promise<void>;
}

const cases: readonly Case[] = [
  {
    is: 'a text',
    line: /is not a database of Parlor; it was left as it is/,
    prepare: (path) => writeFileSync(path, 'Dear Ada,\n'.repeat(1_000)),
  },
  {
    is: 'a text of a few letters',
    line: /is not a database of Parlor; it was left as it is/,
    prepare: (path) => writeFileSync(path, 'Ada'),
  },
  {
    is: 'a database of another program',
    line: /is not a database of Parlor; it was left as it is/,
    prepare: (path) => foreign(path).close(),
  },
  {
    is: 'a database of another program, with a log',
    line: /is not a database of Parlor; it was left as it is/,
    prepare: (path, t) => {
      const database = foreign(path);
      t.after(() => database.close());
      database.pragma('journal_mode = WAL');
      database.exec('INSERT INTO letters VALUES (2)');
    },
  },
  {
    is: 'a database of a newer version',
    line: /was written by a newer Parlor \(schema 99; this one knows up to \d+\); it was left as it is/,
    leaves: [lock],
    prepare: (path) => changed(path, 'PRAGMA user_version = 99'),
  },
  {
    is: 'a database without a schema',
    line: /is damaged \(it has no schema\)/,
    leaves: [lock],
    prepare: (path) => changed(path, 'PRAGMA user_version = 0'),
  },
  {
    is: 'a database of which half is gone',
    line: /is damaged \([^)]+\); it was left as it is\. Put a backup in its place, or move parlor\.db and what/,
    leaves: [lock],
    prepare: async (path) => {
      await storedTalk(path);
      truncateSync(path, Math.floor(readFileSync(path).length / 2));
    },
  },
  {
    is: 'a database with another letter in a message',
    line: /is damaged \(event \d of room lobby is not as it was written\)/,
    leaves: [lock],
    prepare: async (path) => {
      await storedTalk(path);
      const bytes = readFileSync(path);
      bytes.write('J', bytes.indexOf('hello'));
      writeFileSync(path, bytes);
    },
  },
  {
    is: 'a database with a page of zeroes',
    line: /is damaged \(/,
    leaves: [lock],
    prepare: async (path) => {
      await storedTalk(path);
      writeFileSync(path, readFileSync(path).fill(0, 4_096, 8_192));
    },
  },
  {
    is: 'a database whose header allows nobody to write',
    line: /is damaged \(/,
    leaves: [lock],
    prepare: async (path) => {
      await storedTalk(path);
      const bytes = readFileSync(path);
      // The version that is needed to write the file.
      bytes[18] = 0x82;
      writeFileSync(path, bytes);
    },
  },
  {
    is: 'a database beside the log of another one',
    line: /is damaged \(/,
    leaves: [lock, `${file}-shm`, `${file}-found`],
    prepare: async (path, t) => {
      await storedTalk(path);
      const other = join(temporaryFolder(t), file);
      await storedTalk(other);
      const database = new SqliteDatabase(other);
      t.after(() => database.close());
      database.exec('UPDATE sessions SET record = record; UPDATE tally SET sum = sum + 1');
      copyFileSync(`${other}-wal`, `${path}-wal`);
    },
  },
  {
    is: 'a log alone',
    line: /is not there, but its write-ahead log parlor\.db-wal is there; put both back, or move that away/,
    prepare: (path, t) => {
      const database = foreign(`${path}-other`);
      t.after(() => database.close());
      database.pragma('journal_mode = WAL');
      database.exec('INSERT INTO letters VALUES (2)');
      copyFileSync(`${path}-other-wal`, `${path}-wal`);
    },
  },
  {
    is: 'an empty file and a log',
    line: /is empty, but its write-ahead log parlor\.db-wal is there/,
    prepare: (path) => {
      writeFileSync(path, '');
      writeFileSync(`${path}-wal`, 'a log');
    },
  },
  {
    is: 'a folder',
    line: /is a folder; name a file in it/,
    prepare: (path) => {
      mkdirSync(path);
      writeFileSync(join(path, 'letter'), 'Dear Ada');
    },
  },
  {
    is: 'a pipe',
    line: /is not a file/,
    prepare: (path) => {
      execFileSync('mkfifo', [path]);
    },
  },
  {
    is: 'a link that leads nowhere',
    line: /is a link to something that is not there; remove the link, or make what it names/,
    prepare: (path) => symlinkSync('nowhere', path),
  },
  {
    is: 'in use by another program',
    line: /is locked by another program; close that one/,
    leaves: [lock],
    prepare: async (path, t) => {
      await storedTalk(path);
      // In a process of its own: this one looks into the file, and would lose the lock by closing it again.
      const holder = spawn(process.execPath, ['-e', holding, path], {
        cwd: fileURLToPath(new URL('../../..', import.meta.url)),
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      t.after(() => holder.kill('SIGKILL'));
      await once(holder.stdout, 'data');
    },
  },
];

function foreign(path: string) {
  const database = new SqliteDatabase(path);
  database.exec('CREATE TABLE letters (number); INSERT INTO letters VALUES (1)');
  return database;
}

async function changed(path: string, sql: string): Promise<void> {
  await storedTalk(path);
  const database = new SqliteDatabase(path);
  database.exec(sql);
  database.close();
}

interface Refusal {
  readonly folder: string;
  readonly line: RegExp;
  readonly leaves?: readonly string[] | undefined;
  readonly url?: string;
  /** What runs the server. */
  readonly by?: readonly string[];
}

/** Starts the server as it is run in earnest: it says one line, ends with 1, and leaves everything as it was. */
async function refuses(t: TestContext, { folder, line, leaves = [], url, by = [] }: Refusal): Promise<void> {
  const before = contentsOf(folder);
  const server = ServerProcess.spawn({
    cwd: folder,
    env: { STORE_URL: url ?? `sqlite:${file}`, PATH: searchPath },
    command: [...by, ...(await builtServer())],
  });
  t.after(() => server.stop());
  assert.equal(await server.exited, 1);
  assert.match(server.stderr, /^parlor: STORE_URL: [^\n]+\n$/);
  assert.match(server.stderr, line);
  assert.equal(server.stdout, '');
  const left = contentsOf(folder);
  for (const name of leaves) if (!(name in before)) delete left[name];
  assert.deepEqual(left, before);
}

/** A folder on a file system that is mounted so that nobody writes it. */
function readOnlyFolder(): string | undefined {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const folders = mounts.flatMap((line) => {
    const [, folder, , options = ''] = line.split(' ');
    return folder !== undefined && options.split(',').includes('ro') ? [folder] : [];
  });
  return folders.find((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory());
}

/** Takes the right to do everything away from root. */
const asAnybody =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];

describe('a server refuses in one line, with the exit code 1, and leaves as it is', {
  concurrency: 2,
  timeout,
}, () => {
  for (const { is, line, leaves, prepare } of cases) {
    it(`what is ${is}`, async (t) => {
      const folder = temporaryFolder(t);
      await prepare(join(folder, file), t);
      await refuses(t, { folder, line, leaves });
    });
  }

  it('what is reached through a link, by the name that was given', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'letter'), 'Dear Ada');
    symlinkSync('letter', join(folder, file));
    await refuses(t, { folder, line: /\/parlor\.db is not a database of Parlor/ });
  });

  it('what is in a folder that is none', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'letter'), 'Dear Ada');
    await refuses(t, {
      folder,
      url: `sqlite:letter/${file}`,
      line: /cannot be made: \S+\/letter is not a folder/,
    });
  });

  it('what is in a folder that nobody can make', async (t) => {
    if (!hasLinux(t)) return;
    const folder = temporaryFolder(t);
    await refuses(t, {
      folder,
      url: `sqlite:/proc/parlor/${file}`,
      line: /cannot be opened: ENOENT: .* '\/proc\/parlor'/,
    });
  });

  it('a link to something whose name ends with white space', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'letter '), '');
    symlinkSync('letter ', join(folder, 'link.db'));
    const line = /link\.db has a name that begins or ends with white space; name another file/;
    await refuses(t, { folder, url: 'sqlite:link.db', line });
  });

  it('what is beside a file in the place of its lock', async (t) => {
    const folder = temporaryFolder(t);
    await storedTalk(join(folder, file));
    writeFileSync(join(folder, lock), 'Dear Ada,\n'.repeat(1_000));
    const line =
      /parlor\.db cannot be locked: parlor\.db-lock beside it is not empty, as a lock is; move it away\./;
    await refuses(t, { folder, line });
  });

  it('a file that may not be written', async (t) => {
    if (asAnybody.length > 0 && !has(t, 'setpriv')) return;
    const folder = temporaryFolder(t);
    await storedTalk(join(folder, file));
    chmodSync(join(folder, file), 0o400);
    await refuses(t, { folder, by: asAnybody, line: /cannot be written by this user: EACCES/ });
  });

  it('a file in a folder that may not be written, and one that is not there yet', async (t) => {
    if (asAnybody.length > 0 && !has(t, 'setpriv')) return;
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'data'));
    await storedTalk(join(folder, 'data', file));
    chmodSync(join(folder, 'data'), 0o500);
    try {
      for (const name of [file, 'new.db', `new/${file}`]) {
        const url = `sqlite:data/${name}`;
        await refuses(t, { folder, url, by: asAnybody, line: /cannot be written by this user: EACCES/ });
      }
    } finally {
      chmodSync(join(folder, 'data'), 0o700);
    }
  });

  it('a file on a file system that cannot be written', async (t) => {
    if (!hasLinux(t)) return;
    const folder = temporaryFolder(t);
    const line = /is on a file system that cannot be written/;
    const disk = await MountedDisk.make(t, 4);
    if (!disk) {
      // Where nothing may be mounted, something that is read-only often is.
      const mounted = readOnlyFolder();
      if (!mounted)
        without(t, 'no file system can be mounted: run as root, or where users may make namespaces');
      else await refuses(t, { folder, url: `sqlite:${join(mounted, file)}`, line });
      return;
    }
    await storedTalk(join(folder, file));
    const inside = async (...command: string[]) => {
      const [program = '', ...args] = [...disk.enter, ...command];
      const { stdout } = await promisify(execFile)(program, args, { env: { PATH: searchPath } });
      return stdout;
    };
    await inside('cp', '-p', join(folder, file), disk.folder);
    await inside('mount', '-t', 'tmpfs', '-o', 'remount,ro', 'tmpfs', disk.folder);
    const url = `sqlite:${join(disk.folder, file)}`;
    await refuses(t, { folder, url, by: disk.enter, line });
    assert.equal(await inside('ls', '-A', disk.folder), `${file}\n`);
    assert.equal(await inside('cat', join(disk.folder, file)), readFileSync(join(folder, file), 'utf8'));
  });

  it('and starts as soon as what was in the way is gone', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, file), 'Dear Ada');
    await refuses(t, { folder, line: /is not a database of Parlor/ });
    renameSync(join(folder, file), join(folder, 'letter'));
    const command = await builtServer();
    const server = await ServerProcess.start({ cwd: folder, env: { STORE_URL: `sqlite:${file}` }, command });
    t.after(() => server.stop());
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  });
});
