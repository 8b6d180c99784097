import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { FaultShim } from '../fault/support/fault-shim.ts';
import { storeMessages } from '../fault/support/stored-messages.ts';
import { ApiClient } from '../support/api-client.ts';
import { cli, runCli } from '../support/cli.ts';
import { ServerProcess } from '../support/server-process.ts';
import { openSqlite, temporaryFolder } from '../support/sqlite.ts';
import { talkingServer } from '../support/talking-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const members = 8;
const listener = { deliver() {}, ended() {} };

/** What a server would have that is started with this file. */
async function opened(path: string) {
  const store = await openSqlite(path);
  const { log } = await store.load('lobby', listener);
  await store.close();
  return log;
}

/** A folder with a database of some messages that no server has open. */
async function stopped(t: TestContext, messages = 100): Promise<string> {
  const folder = temporaryFolder(t);
  await storeMessages(join(folder, 'parlor.db'), 'lobby', messages);
  return folder;
}

function backup(folder: string, target = 'copy.db', env: Readonly<Record<string, string>> = {}) {
  return runCli(['backup', target], { cwd: folder, env: { STORE_URL: 'sqlite:parlor.db', ...env } });
}

/** It fails with this line, and makes and changes nothing. */
async function refused(
  folder: string,
  line: string | RegExp,
  target?: string,
  env?: Readonly<Record<string, string>>,
) {
  const before = contents(folder);
  const { code, stdout, stderr } = await backup(folder, target, env);
  assert.deepEqual([code, stdout], [1, '']);
  if (typeof line === 'string') assert.equal(stderr, `parlor: ${line}\n`);
  else assert.match(stderr, line);
  assert.match(stderr, /^parlor: [^\n]+\n$/);
  assert.deepEqual(contents(folder), before);
}

/** Every file with what is in it. What SQLite needs to read is no change: an index, and an empty log. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    ({ name }) =>
      !name.endsWith('-shm') && !(name.endsWith('-wal') && statSync(join(folder, name)).size === 0),
  );
  return Object.fromEntries(
    files.map((file) => [
      file.name,
      file.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(folder, file.name)))
            .digest('hex')
        : 'no file',
    ]),
  );
}

describe('parlor backup', () => {
  it('has everything that was acknowledged before it began, while members talk all the time', async (t) => {
    const { folder, said, stopTalking, server } = await talkingServer(t, members);
    await waitUntil(() => said.size >= 200, 'members talk');
    const before = [...said];
    const ran = await runCli(['backup', 'copy.db'], { cwd: folder });
    const after = said.size;
    await stopTalking();
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    assert(after > before.length + members, 'they talked meanwhile');

    const log = await opened(join(folder, 'copy.db'));
    const events = new Map(log.events.map(({ event }) => [event.id, event]));
    assert.deepEqual(
      [...events.keys()],
      Array.from({ length: events.size }, (_, index) => index + 1),
    );
    for (const [id, text] of before) {
      const event = events.get(id);
      assert.equal(event?.type === 'message' && event.message, text);
    }
    const live = (await new ApiClient(server.url).history()).body.cursor;
    assert.notEqual(log.epoch, live.split('-')[0], 'ids are given again: a new epoch [LOG-2]');
    assert.equal((await opened(join(folder, 'copy.db'))).epoch, log.epoch, 'which is kept');
  });

  it('copies the file of a server that is stopped, leaves it as it is, and says what it wrote', async (t) => {
    const folder = await stopped(t);
    const before = contents(folder);
    const ran = await backup(folder);
    const { size, mode } = statSync(join(folder, 'copy.db'));
    // The messages, and the join before them.
    assert.deepEqual(ran, { code: 0, stdout: `copy.db: 1 room, 101 events, ${size} bytes\n`, stderr: '' });
    assert.equal(mode & 0o777, 0o600);
    const { 'copy.db': copy, ...others } = contents(folder);
    assert.deepEqual(others, before);
    assert.deepEqual(
      (await opened(join(folder, 'copy.db'))).events,
      (await opened(join(folder, 'parlor.db'))).events,
    );
  });

  it('has what a killed server acknowledged, and leaves its files as they are', async (t) => {
    const { folder, said, server, stopTalking } = await talkingServer(t, members);
    await waitUntil(() => said.size >= 200, 'members talk');
    await server.stop();
    await stopTalking();
    const data = join(folder, 'data');
    const before = contents(data);
    assert(Object.keys(before).includes('parlor.db-wal'));
    assert.equal((await runCli(['backup', 'copy.db'], { cwd: folder })).code, 0);
    assert.deepEqual(contents(data), before);
    const ids = (await opened(join(folder, 'copy.db'))).events.map(({ event }) => event.id);
    for (const id of said.keys()) assert(ids.includes(id), `${id}`);
  });

  it('checks and marks a copy whatever its name is', async (t) => {
    const folder = await stopped(t);
    const name = 'copy of today ';
    const ran = await backup(folder, name);
    assert.equal(ran.stdout, `${name}: 1 room, 101 events, ${statSync(join(folder, name)).size} bytes\n`);
    cpSync(join(folder, name), join(folder, 'again.db'));
    const [copy, original] = [
      await opened(join(folder, 'again.db')),
      await opened(join(folder, 'parlor.db')),
    ];
    assert.deepEqual(copy.events, original.events);
    assert.notEqual(copy.epoch, original.epoch);
  });

  it('takes the file from --store rather than from STORE_URL or .env, and both rather than the default', async (t) => {
    const folder = await stopped(t, 3);
    await storeMessages(join(folder, 'other.db'), 'lobby', 5);
    writeFileSync(join(folder, '.env'), 'STORE_URL=sqlite:other.db\n');
    const own = await runCli(['backup', 'own.db'], { cwd: folder });
    assert.match(own.stdout, / 6 events/);
    assert.match((await backup(folder)).stdout, / 4 events/);
    const named = await runCli(['backup', '--store=sqlite:parlor.db', 'named.db'], { cwd: folder });
    assert.match(named.stdout, / 4 events/);
  });

  it('does not understand a --store of which it knows no file, and keeps its secrets', async (t) => {
    const cwd = temporaryFolder(t);
    const other = await runCli(['backup', 'x', '--store', 'postgres://user:secret@host'], { cwd });
    assert.equal(other.code, 2);
    assert.match(
      other.stderr,
      /^parlor: --store: expected memory:, sqlite: [^\n]+; got "postgres:…", whose scheme is none of these\.\n$/,
    );
    const redis = await runCli(['backup', 'x', '--store', 'redis://user:secret@host'], { cwd });
    assert.equal(redis.code, 1);
    assert.match(redis.stderr, /^parlor: --store is a Redis, which has tools of its own for this\.\n$/);
  });

  it('never writes over what is there, be it a link that leads nowhere', async (t) => {
    const folder = await stopped(t);
    writeFileSync(join(folder, 'copy.db'), 'mine');
    await refused(folder, 'copy.db is there already; it was left as it is.');
    symlinkSync('nowhere', join(folder, 'link.db'));
    await refused(folder, 'link.db is there already; it was left as it is.', 'link.db');
    await refused(folder, 'parlor.db is there already; it was left as it is.', 'parlor.db');
  });

  it('does not put a copy beside a log of another database', async (t) => {
    const folder = await stopped(t);
    writeFileSync(join(folder, 'copy.db-wal'), 'of another one');
    await refused(
      folder,
      'copy.db-wal is there already, and would be taken for a part of the new file; move it away.',
    );
  });

  it('says in one line what there is not', async (t) => {
    const folder = await stopped(t);
    const nowhere = join(folder, 'nowhere');
    await refused(folder, `nowhere/x.db cannot be written: there is no folder ${nowhere}.`, 'nowhere/x.db');
    await refused(folder, 'nowhere.db is not there.', 'x.db', { STORE_URL: 'sqlite:nowhere.db' });
    await refused(folder, 'STORE_URL is memory:, of which there is nothing on the disk.', 'x.db', {
      STORE_URL: 'memory:',
    });
    writeFileSync(join(folder, 'letter'), 'Dear Ada,\n'.repeat(100));
    await refused(folder, 'letter is not a database of Parlor; it was left as it is.', 'x.db', {
      STORE_URL: 'sqlite:letter',
    });
    mkdirSync(join(folder, 'folder'));
    await refused(folder, /there already/, 'folder');
  });

  it('refuses a database in which a letter is not as it was written', async (t) => {
    const folder = await stopped(t);
    const path = join(folder, 'parlor.db');
    const bytes = readFileSync(path);
    const at = bytes.indexOf('message 42:');
    bytes.write('M', at);
    writeFileSync(path, bytes);
    await refused(
      folder,
      /^parlor: parlor\.db is damaged \(event 44 of room lobby is not as it was written\)/,
    );
  });

  it('refuses a database of which a page is lost', async (t) => {
    const folder = await stopped(t, 1_000);
    const path = join(folder, 'parlor.db');
    const bytes = readFileSync(path);
    bytes.fill(0, bytes.length / 2 - 4096, bytes.length / 2 + 4096);
    writeFileSync(path, bytes);
    await refused(folder, /^parlor: parlor\.db is damaged \(/);
  });

  it('leaves nothing behind when the disk gets full', async (t) => {
    const folder = await stopped(t, 2_000);
    const target = join(folder, 'target');
    mkdirSync(target);
    const shim = await FaultShim.make(t, target);
    if (!shim) return;
    for (const writeRoom of [0, 100_000]) {
      shim.set({ writeError: 'ENOSPC', writeRoom });
      await refused(folder, /^parlor: target\/copy\.db cannot be written: /, 'target/copy.db', shim.env);
      assert.deepEqual(readdirSync(target), []);
    }
    assert(shim.counts().writesFailed > 0);
  });

  it('leaves nothing behind when the disk does not take it in the end', async (t) => {
    const folder = await stopped(t);
    const target = join(folder, 'target');
    mkdirSync(target);
    const shim = await FaultShim.make(t, target);
    if (!shim) return;
    shim.set({ syncError: 'EIO' });
    await refused(folder, /^parlor: target\/copy\.db cannot be written: /, 'target/copy.db', shim.env);
    assert.deepEqual(readdirSync(target), []);
    assert(shim.counts().syncsFailed > 0);
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`leaves nothing behind when ${signal} interrupts it, and ends by it`, async (t) => {
      const folder = await stopped(t);
      const target = join(folder, 'target');
      mkdirSync(target);
      // Keeps it from reading for some seconds, in which it cannot be asked anything.
      const lock = new SqliteDatabase(join(folder, 'parlor.db'));
      t.after(() => lock.close());
      lock.pragma('locking_mode = EXCLUSIVE');
      lock.exec('BEGIN EXCLUSIVE');
      const running = ServerProcess.spawn({
        command: [...cli, 'backup', 'target/copy.db'],
        cwd: folder,
        env: { STORE_URL: 'sqlite:parlor.db' },
      });
      t.after(() => running.stop());
      await waitUntil(() => readdirSync(target).length > 0, 'it begins');
      running.child.kill(signal);
      await running.exited;
      assert.equal(running.child.signalCode, signal);
      assert.deepEqual(readdirSync(target), []);
    });
  }

  it('is what the first server after it takes for a backup: members who were there are members again', async (t) => {
    const folder = temporaryFolder(t);
    const first = await ServerProcess.start({ cwd: folder });
    t.after(() => first.stop());
    const ada = await ApiClient.join(first.url, 'Ada');
    await ada.send('before');
    assert.equal((await runCli(['backup', 'copy.db'], { cwd: folder })).code, 0);
    const { cursor } = (await ada.users()).body;
    await ada.send('after');
    const bob = await ApiClient.join(first.url, 'Bob');
    await first.stop();
    rmSync(join(folder, 'data'), { recursive: true });

    const second = await ServerProcess.start({ cwd: folder, env: { STORE_URL: 'sqlite:copy.db' } });
    t.after(() => second.stop());
    const [adaAgain, bobAgain] = [ada, bob].map(({ token }) => {
      const client = new ApiClient(second.url);
      client.token = token;
      return client;
    });
    const { status, body } = (await adaAgain?.updates({ after: cursor })) ?? {};
    assert.equal(status, 200);
    assert.equal(body?.lost, null, 'a gap is told');
    assert.deepEqual(
      body?.events.map(({ type, message }) => message ?? type),
      ['join', 'before'],
    );
    assert.equal((await bobAgain?.users())?.status, 410, 'who came after the backup is not known');
    assert(!existsSync(join(folder, 'data')));
  });
});
