/** The way from nothing to a room with passwords behind nginx, as docs/proxies.md goes it. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { builtServer } from '../fault/support/built-server.ts';
import { Pair } from '../support/certificates.ts';
import { has, searchPath } from '../support/needs.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { commandsOf } from '../support/readme.ts';
import { freePort } from '../support/redis-server.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { recipes } from './support/recipes.ts';

test('the commands of the page, with its second recipe, let in whoever has a password, over HTTPS', async (t) => {
  if (!has(t, 'bash') || !has(t, 'curl') || !has(t, 'openssl') || !has(t, 'nginx')) return;
  const cwd = temporaryFolder(t);
  const command = await builtServer();
  symlinkSync(dirname(command.at(-1) ?? ''), join(cwd, 'dist'));
  const run = async (group: string, replaced: (text: string) => string = String) => {
    const commands = commandsOf(group, 'docs/proxies.md');
    assert.notEqual(commands, '');
    const env = { PATH: `${dirname(process.execPath)}:${searchPath}` };
    const line = ['-c', `set -eu\n${replaced(commands)}`];
    return (await promisify(execFile)('bash', line, { cwd, env })).stdout;
  };
  assert.equal(await run('start'), 'Ada is a user now.\n');
  // A slow machine has time to hash.
  const server = await ServerProcess.start({ cwd, command, env: { AUTH_TIMEOUT: '60' } });
  t.after(() => server.stop());
  await run('certificate');
  const folder = temporaryFolder(t);
  const [http, https] = [await freePort(), await freePort()];
  const place = {
    folder,
    upstream: Number(new URL(server.url).port),
    http,
    https,
    pair: new Pair(join(cwd, 'chat')),
  };
  await new ProxyProcess(t, 'nginx', recipes.nginx.prepare(place, []), folder, http).start();
  const talk = (password: string) =>
    run('talk', (text) =>
      text
        .replaceAll('https://localhost/', `https://localhost:${https}/`)
        .replace('correct horse battery', password),
    );
  assert.match(await talk('a wrong guess'), /"code":"credentials-required"/);
  const [joined = '', said = ''] = (await talk('correct horse battery')).trim().split('\n');
  assert.equal(JSON.parse(joined).name, 'Ada');
  assert.equal(JSON.parse(said).id, 2);
  assert.doesNotMatch(server.stdout, /TRUST_PROXY/);
});
