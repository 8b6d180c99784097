import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { has } from '../support/needs.ts';
import { outputUntil } from '../support/output-until.ts';
import { pathWithParlor } from '../support/parlor-command.ts';
import { commandsOf, environmentOf } from '../support/readme.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/sqlite.ts';

const page = 'docs/tls.md';

describe('docs/tls.md', () => {
  it('has the commands that make a certificate, start with it, and talk over it', async (t) => {
    if (!has(t, 'bash') || !has(t, 'curl') || !has(t, 'openssl')) return;
    const cwd = temporaryFolder(t);
    const run = async (group: string, url = '') => {
      const commands = commandsOf(group, page).replaceAll('https://localhost:3000', url);
      assert.notEqual(commands, '');
      return promisify(execFile)('bash', ['-c', `set -eu\n${commands}`], { cwd });
    };
    await run('make');
    const server = await ServerProcess.start({ cwd, env: environmentOf('tls', page) });
    t.after(() => server.stop());
    assert.match(server.url, /^https:/);
    const { stdout } = await run('talk', server.url);
    assert.match(stdout, /"name":"Ada"[^\n]+\n\{"id":2,"timestamp":\d+\}\n$/);
    const command = commandsOf('tail', page).replace('https://localhost:3000', server.url);
    await outputUntil(t, command, /Ada.+Hello/, { cwd, env: { PATH: pathWithParlor(cwd) } });
    server.child.kill('SIGTERM');
    assert.equal(await server.exited, 0);
  });
});
