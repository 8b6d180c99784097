import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { betweenMarkers } from '../../scripts/between-markers.ts';
import { commandReference } from '../../scripts/command-reference.ts';
import { commands } from '../../src/cli/commands.ts';
import { commandHelp } from '../../src/cli/help.ts';
import { builtServer } from '../fault/support/built-server.ts';
import { ApiClient } from '../support/api-client.ts';
import { has } from '../support/needs.ts';
import { commandsOf, page } from '../support/readme.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/sqlite.ts';

/** A folder in which the built server stands, as after `npm ci`. */
async function builtFolder(t: TestContext): Promise<string> {
  const folder = temporaryFolder(t);
  symlinkSync(dirname((await builtServer()).at(-1) ?? ''), join(folder, 'dist'));
  return folder;
}

async function start(t: TestContext, cwd: string) {
  const server = await ServerProcess.start({ cwd, command: await builtServer() });
  t.after(() => server.stop());
  return server;
}

async function run(cwd: string, commands: string): Promise<string> {
  assert.notEqual(commands, '');
  const env = { PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  const { stdout } = await promisify(execFile)('bash', ['-c', `set -eu\n${commands}`], { cwd, env });
  return stdout;
}

describe('docs/backup.md', () => {
  it('has the commands that bring a room back as it was, and its clients are told of a gap', async (t) => {
    if (!has(t, 'bash')) return;
    const folder = await builtFolder(t);
    const first = await start(t, folder);
    const ada = await ApiClient.join(first.url, 'Ada');
    await ada.send('before');
    assert.match(
      await run(folder, commandsOf('backup', 'docs/backup.md')),
      /^backups\/parlor\.db: 1 room, 2 events, \d+ bytes\n$/,
    );
    await ada.send('after');
    const { cursor } = (await ada.users()).body;
    // Killed, it leaves its log behind.
    await first.stop();
    await run(folder, commandsOf('restore', 'docs/backup.md'));
    const second = await start(t, folder);
    const again = new ApiClient(second.url);
    again.token = ada.token;
    assert.equal((await again.send('and on')).body.id, 3, 'an id is given again');
    const { body } = await again.updates({ after: cursor });
    assert.equal(body.lost, null, 'and its cursor is of another epoch');
    assert.deepEqual(
      body.events.map(({ type, message }) => message ?? type),
      ['join', 'before', 'and on'],
    );
    await run(folder, commandsOf('export', 'docs/backup.md'));
    assert.match(readFileSync(join(folder, 'lobby.jsonl'), 'utf8'), /^(\{.+\}\n){3}$/);
  });
});

describe('docs/command-line.md', () => {
  const docs = page('docs/command-line.md');

  it('has every command with all of its options', () => {
    assert.equal(betweenMarkers(docs, 'commands', commandReference()), docs, 'npm run options writes it');
  });

  it('has every exit code that a help names', () => {
    const [, section = ''] = docs.split('## Exit codes');
    const rows = [...section.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, codes = '']) => codes.split(', '));
    const helps = Object.entries(commands).map(([name, command]) => commandHelp(name, command));
    const named = helps.flatMap((help) =>
      [...help.matchAll(/^ {2}(\d+) {2,}\S/gm)].map(([, code = '']) => code),
    );
    assert.ok(named.length > 20, String(named.length));
    assert.deepEqual(
      [...new Set(named)].filter((code) => !rows.includes(code)),
      [],
    );
  });

  it('has the command that prints the help', async (t) => {
    if (!has(t, 'bash')) return;
    const shown = await run(await builtFolder(t), commandsOf('help', 'docs/command-line.md'));
    assert.ok(docs.includes(`<!-- help -->\n\`\`\`\n${shown}\`\`\`\n`), shown);
  });
});

describe('the README', () => {
  it('has the commands that back a room up and export it, as docs/operating.md has before an upgrade', async (t) => {
    if (!has(t, 'bash')) return;
    const folder = await builtFolder(t);
    await ApiClient.join((await start(t, folder)).url, 'Ada');
    assert.match(
      await run(folder, commandsOf('backup')),
      /^parlor-backup\.db: 1 room, 1 event, \d+ bytes\n$/,
    );
    assert.match(readFileSync(join(folder, 'lobby.jsonl'), 'utf8'), /^\{"id":1,"type":"join".+\}\n$/);
    assert.match(
      await run(folder, commandsOf('before-upgrade', 'docs/operating.md')),
      /^before-upgrade\.db: 1 room, /,
    );
  });
});
