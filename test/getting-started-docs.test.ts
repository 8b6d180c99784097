import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { builtServer } from './fault/support/built-server.ts';
import { has } from './support/needs.ts';
import { outputUntil } from './support/output-until.ts';
import { commandsOf, environmentOf, page } from './support/readme.ts';
import { ServerProcess } from './support/server-process.ts';
import { temporaryFolder } from './support/sqlite.ts';

const docs = 'docs/getting-started.md';

test('docs/getting-started.md goes from nothing to a room that keeps what was said', async (t) => {
  if (!has(t, 'bash') || !has(t, 'curl')) return;
  const cwd = temporaryFolder(t);
  const command = await builtServer();
  symlinkSync(dirname(command.at(-1) ?? ''), join(cwd, 'dist'));
  const [, lines = ''] = /<!-- env: start -->\n```sh\n([\s\S]*?)```/.exec(page(docs)) ?? [];
  assert.match(lines, /^ROOMS=tea,help$/m);
  writeFileSync(join(cwd, '.env'), lines);
  const start = async () => {
    const server = await ServerProcess.start({ cwd, command, env: environmentOf('kept', docs) });
    t.after(() => server.stop());
    return server;
  };
  const env = { PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  const shown = (group: string, { url }: { readonly url: string }): string => {
    const commands = commandsOf(group, docs);
    assert.notEqual(commands, '');
    return commands.replaceAll('127.0.0.1:3000', new URL(url).host);
  };
  const run = async (group: string, server: { readonly url: string }): Promise<string> => {
    const script = `set -eu\n(${shown(group, server)}) < /dev/null`;
    return (await promisify(execFile)('bash', ['-c', script], { cwd, env })).stdout;
  };
  const first = await start();
  assert.match(await run('script', first), /"name":"Backup","room":"tea"[^\n]+\n\{"id":2,/);
  await run('terminal', first);
  const follow = shown('follow', first);
  assert.match(follow, / -m 2 /);
  const told = /^event: init$[\s\S]+The backup is done\.[\s\S]+"type":"leave"[^\n]+"Ada"/m;
  // However slow this machine is.
  await outputUntil(t, follow.replace(' -m 2 ', ' '), told, { cwd, env });
  first.child.kill('SIGINT');
  assert.equal(await first.exited, 0);
  const { events } = JSON.parse(await run('history', await start()));
  const kept = events.map(({ type, name }: { type: string; name: string }) => `${type} ${name}`);
  assert.deepEqual(kept, ['join Backup', 'message Backup', 'leave Backup', 'join Ada', 'leave Ada']);
});
