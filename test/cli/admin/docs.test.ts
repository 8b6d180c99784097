import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { adminCommands } from '../../../src/cli/admin-commands.ts';
import { notLetIn, notReached } from '../../../src/cli/chat/exit-codes.ts';
import { adminToken, startAdminServer } from '../../support/admin.ts';
import { ApiClient } from '../../support/api-client.ts';
import { pathWithParlor } from '../../support/parlor-command.ts';
import { assertProblem } from '../../support/problem.ts';
import { commandsOf, page } from '../../support/readme.ts';
import { temporaryFolder } from '../../support/sqlite.ts';

const docs = page('docs/administration.md');

describe('docs/administration.md', () => {
  it('has commands for the terminal that do what is said there', async (t) => {
    const { url, port } = await startAdminServer(t, { SESSION_TIMEOUT: 'off' });
    const cwd = temporaryFolder(t);
    const env = { PATH: pathWithParlor(cwd), ADMIN_TOKEN: adminToken, PORT: `${port}` };
    const run = async (group: string): Promise<string[]> => {
      const commands = commandsOf(group, 'docs/administration.md').replaceAll('192.0.2.7', '127.0.0.1');
      assert.notEqual(commands, '');
      const script = ['-c', `set -eu\n${commands}`];
      const { stdout, stderr } = await promisify(execFile)('sh', script, { cwd, env });
      assert.equal(stderr, '');
      return stdout.split('\n');
    };
    const eve = await ApiClient.join(url, 'Eve');
    await eve.send('Come to my street.');
    const listed = await run('cli-list');
    assert.equal(listed.filter((line) => / {2}Eve {2}/.test(line)).length, 2);
    assert.match((await run('cli-redact')).join('\n'), /Come to my street\.\nThe text of 2 in lobby is gone/);
    assert.match((await run('cli-remove')).join('\n'), /^Removed "Eve" from lobby/);
    assert.equal(assertProblem(await eve.ping(), 410, 'session-gone').endingDetail, 'No adverts, please.');

    const mallory = await ApiClient.join(url, 'Mallory');
    assert.match(
      (await run('cli-ban')).join('\n'),
      /name +Mallory[\s\S]+\nLifted the ban of the name "Mallory" from all rooms\.\n$/,
    );
    assertProblem(await mallory.ping(), 410, 'session-gone');
    assert.match(
      (await run('cli-rooms')).join('\n'),
      /Closed the room lobby\.[\s\S]+Back at nine\.\nThe room lobby is open again\.\n$/,
    );
    assert.match((await run('cli-announce')).join('\n'), /^(Announced in lobby \(event \d+\)\.\n){2}$/);
    assert.match((await run('cli-stats')).join('\n'), /^server [\s\S]+\n +TIME .+\n.+\n.+\n$/);
    const others = [await ApiClient.join(url, 'Ada'), await ApiClient.join(url, 'Bob')];
    assert.equal((await run('cli-script')).filter((line) => line.startsWith('Removed ')).length, 2);
    for (const other of others) assertProblem(await other.ping(), 410, 'session-gone');
  });

  it('has every command of the terminal, and every exit code, as the help does', () => {
    for (const [name, { more }] of Object.entries(adminCommands)) {
      assert(docs.includes(`parlor ${name}`), name);
      for (const code of [0, 1, 2, notReached, notLetIn, 130]) {
        assert.match(more(), new RegExp(`^ {2}${code} +\\w`, 'm'));
        assert.match(docs, new RegExp(`^\\| ${code} (?:and others )?\\| `, 'm'));
      }
    }
  });
});
