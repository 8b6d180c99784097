import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import SqliteDatabase from 'better-sqlite3';
import { exportRoom } from '../../src/stores/sqlite/export.ts';
import { storeMessages } from '../fault/support/stored-messages.ts';
import { ApiClient, type WireEvent } from '../support/api-client.ts';
import { cli, cliEnvironment, runCli } from '../support/cli.ts';
import { has } from '../support/needs.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { talkingServer } from '../support/talking-server.ts';
import { waitUntil } from '../support/wait-until.ts';

async function stored(t: TestContext, messages: number): Promise<string> {
  const folder = temporaryFolder(t);
  await storeMessages(join(folder, 'parlor.db'), 'lobby', messages);
  return folder;
}

function exported(folder: string, room: string) {
  return runCli(['export', '--room', room, '--store', 'sqlite:parlor.db'], { cwd: folder });
}

/** Runs a line of bash in which `parlor` stands for the command; answers what it printed on both ways. */
async function bash(folder: string, line: string): Promise<{ stdout: string; stderr: string }> {
  const script = `set -o pipefail; parlor() { ${cli.map((word) => `'${word}'`).join(' ')} "$@"; }; ${line}`;
  return promisify(execFile)('bash', ['-c', script], { cwd: folder, env: cliEnvironment });
}

function idsOf(stdout: string): number[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line): WireEvent => JSON.parse(line))
    .map(({ id }) => id);
}

describe('parlor export', () => {
  it('prints what the history over HTTP has, byte for byte, while the server runs', async (t) => {
    const folder = temporaryFolder(t);
    const server = await ServerProcess.start({ cwd: folder });
    t.after(() => server.stop());
    const ada = await ApiClient.join(server.url, 'Ada');
    const bob = await ApiClient.join(server.url, 'Böb');
    await ada.send('two lines,\n"quoted", with \\ and 🦜\u2028\ufeff', 'key-1');
    await bob.send('</script>');
    await bob.destroy();
    const answer = await fetch(`${server.url}/v1/rooms/lobby/history`);
    const [, events = ''] = /"events":\[(.*)\]/s.exec(await answer.text()) ?? [];
    const { code, stdout, stderr } = await runCli(['export', '--room', 'lobby'], { cwd: folder });
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(stdout.replace(/\n$/, '').replaceAll('\n', ','), events);
    assert.deepEqual(idsOf(stdout), [1, 2, 3, 4, 5]);
  });

  it('prints one moment of a room in which members talk all the time', async (t) => {
    const { folder, said, stopTalking } = await talkingServer(t, 4);
    await waitUntil(() => said.size >= 100, 'members talk');
    const before = Math.max(...said.keys());
    const { code, stdout } = await runCli(['export', '--room', 'lobby'], { cwd: folder });
    const after = said.size;
    await stopTalking();
    assert.equal(code, 0);
    const ids = idsOf(stdout);
    assert.deepEqual(
      ids,
      Array.from(ids, (_, index) => index + 1),
    );
    assert(ids.length >= before && after > 100);
  });

  it('is not put out by a reader who has read enough', async (t) => {
    if (!has(t, 'bash')) return;
    const folder = await stored(t, 20_000);
    const { stdout, stderr } = await bash(
      folder,
      'parlor export --room lobby --store sqlite:parlor.db | head -n 1',
    );
    assert.match(stdout, /^\{"id":1,"type":"join",[^\n]+\}\n$/);
    assert.equal(stderr, '');
  });

  it('fails in one line if what it prints is not taken', async (t) => {
    if (!has(t, 'bash')) return;
    const folder = await stored(t, 1);
    const line = 'parlor export --room lobby --store sqlite:parlor.db > /dev/full || echo $?';
    const { stdout, stderr } = await bash(folder, line);
    assert.equal(stdout, '1\n');
    assert.match(stderr, /^parlor: ENOSPC[^\n]+\n$/);
  });

  it('holds little of a long log in memory, however slowly it is read', async (t) => {
    if (!has(t, 'bash')) return;
    const folder = await stored(t, 200_000);
    // Some 36 MB of events.
    const line = `NODE_OPTIONS=--max-old-space-size=24 parlor export --room lobby --store sqlite:parlor.db |
      { read -r first; wc -l; }`;
    assert.equal((await bash(folder, line)).stdout.trim(), '200000');
  });

  it('keeps no server from writing its log back, however slowly it is read', async (t) => {
    const folder = await stored(t, 100);
    const path = join(folder, 'parlor.db');
    const server = new SqliteDatabase(path, { timeout: 0 });
    t.after(() => server.close());
    const events = exportRoom(path, 'lobby');
    assert.equal(events.next().done, false);
    server.exec("INSERT OR REPLACE INTO meta VALUES ('probe', '1')");
    assert.deepEqual(server.pragma('wal_checkpoint(TRUNCATE)'), [{ busy: 0, log: 0, checkpointed: 0 }]);
    assert.equal([...events].length, 100);
  });

  it('says in one line that there is no such room, and which there are', async (t) => {
    const folder = await stored(t, 1);
    assert.deepEqual(await exported(folder, 'garden'), {
      code: 1,
      stdout: '',
      stderr: 'parlor: parlor.db has no room garden; it has lobby.\n',
    });
  });

  it('stops at an event that is not as it was written', async (t) => {
    const folder = await stored(t, 100);
    const path = join(folder, 'parlor.db');
    const bytes = readFileSync(path);
    bytes.write('M', bytes.indexOf('message 42:'));
    writeFileSync(path, bytes);
    const { code, stderr } = await exported(folder, 'lobby');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^parlor: parlor\.db is damaged \(event 44 of room lobby is not as it was written\)/,
    );
  });
});
