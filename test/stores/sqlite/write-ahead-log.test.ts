import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ChatError } from '../../../src/core/errors.ts';
import { claimOf } from '../../contract/store-contract.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { openSqlite, temporaryFolder } from '../../support/sqlite.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { storedTalk } from './support/stored-talk.ts';

const file = 'parlor.db';
const room = 'lobby';
const logBytes = 4 * 1024 * 1024;

describe('the write-ahead log of an open file', () => {
  it('is written back before it has grown large, also if the file is reached through a link', async (t) => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'real'));
    symlinkSync(join('real', file), join(folder, file));
    await storedTalk(join(folder, 'real', file));
    const store = await openSqlite(join(folder, file));
    t.after(() => store.close());
    const { sessionId } = claimOf('Eve');
    await store.openSession(claimOf('Eve', { sessionId }), true, 10);
    const draft = { sessionId, message: 'x'.repeat(64 * 1024), key: null, isRepeatOnly: false };
    let largest = 0;
    for (let written = 0; written < 3 * logBytes; written += draft.message.length) {
      await store.append(room, [draft]);
      largest = Math.max(largest, statSync(join(folder, 'real', `${file}-wal`)).size);
    }
    assert.ok(largest >= logBytes, 'it has never grown large');
    assert.ok(largest < 1.5 * logBytes, `it grew to ${largest} bytes`);
  });

  for (const [what, displace] of [
    ['the file is removed', (path: string) => rmSync(path)],
    ['its log is removed', (path: string) => rmSync(`${path}-wal`)],
    [
      'its folder is moved away',
      (path: string) => renameSync(join(path, '..'), join(path, '..', '..', 'old')),
    ],
    ['another file is put in its place', (path: string) => renameSync(`${path}-other`, path)],
  ] as const) {
    it(`is missed: if ${what}, nothing is acknowledged any more, and that is said once`, async (t) => {
      const folder = join(temporaryFolder(t), 'data');
      const path = join(folder, file);
      mkdirSync(folder);
      await storedTalk(path);
      await storedTalk(`${path}-other`);
      const other = readFileSync(`${path}-other`);
      const faults: string[] = [];
      const clock = new FakeClock();
      const store = await openSqlite(path, { clock, onFault: (error) => faults.push(String(error)) });
      t.after(() => store.close());
      const { sessionId } = claimOf('Eve');
      await store.openSession(claimOf('Eve', { sessionId }), true, 10);
      displace(path);
      await waitUntil(() => store.status === 'away', 'it is missed');
      const draft = { sessionId, message: 'never', key: null, isRepeatOnly: false };
      await assert.rejects(
        store.append(room, [draft]),
        (error) => error instanceof ChatError && error.code === 'unavailable',
      );
      clock.advance(60_000);
      await store.close();
      assert.equal(store.status, 'away');
      assert.equal(faults.length, 1, faults.join('\n'));
      assert.match(faults[0] ?? '', /parlor\.db is damaged \(while it was open, it or its .* replaced\)/);
      if (what === 'another file is put in its place') assert.deepEqual(readFileSync(path), other);
      if (what === 'the file is removed') assert.ok(!readdirSync(folder).includes(file));
    });
  }
});
