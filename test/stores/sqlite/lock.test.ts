import assert from 'node:assert/strict';
import { statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { builtServer } from '../../fault/support/built-server.ts';
import { ApiClient } from '../../support/api-client.ts';
import { runCli } from '../../support/cli.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { openSqlite, sqliteStore, temporaryFolder } from '../../support/sqlite.ts';
import { storedTalk } from './support/stored-talk.ts';

const file = 'parlor.db';
const inUse = /^parlor: STORE_URL: \S+ is in use by another server; stop that one, or name another file\.\n$/;
/** For a server that starts where it should refuse, and never ends. */
const timeout = 120_000;

async function serve(t: TestContext, folder: string): Promise<ServerProcess & { url: string }> {
  const command = await builtServer();
  const server = await ServerProcess.start({ cwd: folder, env: { STORE_URL: `sqlite:${file}` }, command });
  t.after(() => server.stop());
  return server;
}

async function refused(t: TestContext, folder: string, name = file): Promise<void> {
  const command = await builtServer();
  const server = ServerProcess.spawn({ cwd: folder, env: { STORE_URL: `sqlite:${name}` }, command });
  t.after(() => server.stop());
  assert.equal(await server.exited, 1);
  assert.match(server.stderr, inUse);
}

describe('the lock of a database', { timeout }, () => {
  it('keeps a second server out, which disturbs nobody, until the first one is killed', async (t) => {
    const folder = temporaryFolder(t);
    const first = await serve(t, folder);
    const ada = await ApiClient.join(first.url, 'Ada');
    assert.equal((await ada.send('before')).status, 201);
    await refused(t, folder);
    symlinkSync(file, join(folder, 'link.db'));
    await refused(t, folder, 'link.db');
    assert.equal((await ada.send('after')).status, 201);
    assert.equal(first.stderr, '');

    first.child.kill('SIGKILL');
    await first.exited;
    const second = await serve(t, folder);
    const again = new ApiClient(second.url);
    again.token = ada.token;
    const { status, body } = await again.updates({ after: ada.cursor });
    assert.equal(status, 200);
    assert.deepEqual(
      body.events.map(({ message }) => message),
      [undefined, 'before', 'after'],
    );
    await refused(t, folder);
  });

  it('lets others read meanwhile, and belongs to its owner alone', async (t) => {
    const folder = temporaryFolder(t);
    const server = await serve(t, folder);
    const ada = await ApiClient.join(server.url, 'Ada');
    assert.equal((await ada.send('hello')).status, 201);
    const env = { STORE_URL: `sqlite:${file}` };
    const exported = await runCli(['export', '--room', 'lobby'], { cwd: folder, env });
    assert.deepEqual([exported.code, exported.stderr], [0, '']);
    assert.match(exported.stdout, /"message":"hello"/);
    const copied = await runCli(['backup', 'copy.db'], { cwd: folder, env });
    assert.deepEqual([copied.code, copied.stderr], [0, '']);
    // The readers have come and gone, and it is held all the same.
    await refused(t, folder);
    assert.equal((await ada.send('again')).status, 201);
    assert.equal(statSync(join(folder, `${file}-lock`)).mode & 0o777, 0o600);
  });

  it('holds in one process too, and is not lost by who is refused there', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, file);
    const store = await openSqlite(path);
    t.after(() => store.close());
    const second = sqliteStore(path);
    t.after(() => second.close());
    await assert.rejects(second.opened(), /is in use by another server/);
    await refused(t, folder);
  });

  it('is freed by a clean end', async (t) => {
    const path = join(temporaryFolder(t), file);
    await storedTalk(path);
    const store = await openSqlite(path);
    await store.close();
    await (await openSqlite(path)).close();
  });
});
