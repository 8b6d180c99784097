import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { cli, cliEnvironment, runCli } from '../support/cli.ts';
import { has } from '../support/needs.ts';
import { passwordLine } from '../support/password-file.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/sqlite.ts';

function setUp(t: TestContext) {
  const cwd = temporaryFolder(t);
  const path = join(cwd, 'users');
  const env = { AUTH: 'file:users' };
  return {
    cwd,
    path,
    users: (args: readonly string[], input = '') => runCli(['users', ...args], { cwd, env, input }),
    text: () => readFileSync(path, 'utf8'),
  };
}

async function logsIn(url: string, name: string, password: string): Promise<number> {
  const body = new URLSearchParams({ name, password, credential: 'bearer' });
  return (await fetch(`${url}/v1/rooms/lobby/session`, { method: 'POST', body })).status;
}

describe('parlor users', () => {
  it('adds, lists, changes and removes users, whom the server knows from their next login on', async (t) => {
    const { cwd, path, users, text } = setUp(t);
    assert.deepEqual(await users(['add', 'Ada Lovelace'], 'correct horse\n'), {
      code: 0,
      stdout: 'Ada Lovelace is a user now.\n',
      stderr: '',
    });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.match(text(), /^Ada Lovelace:\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}\n$/);
    const server = await ServerProcess.start({ cwd, env: { AUTH: 'file:users', AUTH_TIMEOUT: '60' } });
    t.after(() => server.stop());
    assert.equal(await logsIn(server.url, 'Ada Lovelace', 'correct horse'), 201);
    assert.equal((await users(['add', 'Bob'], 'battery staple\r\nmore\n')).code, 0);
    assert.equal(await logsIn(server.url, 'Bob', 'battery staple'), 201);
    assert.deepEqual(await users(['list']), { code: 0, stdout: 'Ada Lovelace\nBob\n', stderr: '' });
    const ends = 'A running server ends the sessions under that name within REVOKE_SECONDS.';
    assert.deepEqual(await users(['passwd', 'ada lovelace'], 'another one\n'), {
      code: 0,
      stdout: `Ada Lovelace has another password. ${ends}\n`,
      stderr: '',
    });
    assert.equal(await logsIn(server.url, 'Ada Lovelace', 'correct horse'), 401);
    assert.equal(await logsIn(server.url, 'Ada Lovelace', 'another one'), 201);
    assert.equal((await users(['remove', 'BOB'])).stdout, `Bob is no user any more. ${ends}\n`);
    assert.equal(await logsIn(server.url, 'Bob', 'battery staple'), 401);
    assert.equal((await users(['list'])).stdout, 'Ada Lovelace\n');
    server.child.kill('SIGTERM');
    assert.equal(await server.exited, 0);
    assert.doesNotMatch(server.stdout + server.stderr, /horse|staple|another one/);
  });

  it('says in one line what it cannot do, and changes nothing', async (t) => {
    const { path, users, text } = setUp(t);
    writeFileSync(path, `${passwordLine('Ada', 'correct horse')}\n`);
    const before = text();
    const cases: [args: string[], input: string, line: RegExp][] = [
      [['add', 'ADA'], 'correct horse\n', /"Ada" is a user already/],
      [['add', 'Bob'], 'short\n', /at least 8 characters/],
      [['add', 'Bob'], '', /it is empty/],
      [['add', 'Bob'], `${'x'.repeat(2000)}\n`, /at most 1024 bytes/],
      [['add', 'a:b'], 'correct horse\n', /A name has letters/],
      [['passwd', 'Bob'], 'correct horse\n', /There is no user "Bob"/],
      [['remove', 'Bob'], '', /There is no user "Bob"/],
    ];
    for (const [args, input, line] of cases) {
      const { code, stdout, stderr } = await users(args, input);
      assert.deepEqual([code, stdout], [1, ''], args.join(' '));
      assert.match(stderr, line);
      assert.match(stderr, /^parlor: [^\n]+\n$/);
      assert.equal(text(), before);
    }
    const { code, stderr } = await users(['add', 'Bob', 'in arguments']);
    assert.deepEqual([code, /got also/.test(stderr)], [2, true]);
  });

  it('leaves a file alone that it cannot understand, and what somebody else is changing', async (t) => {
    const { path, users, text } = setUp(t);
    writeFileSync(path, 'Ada:in the clear\n');
    const broken = await users(['add', 'Bob'], 'correct horse\n');
    assert.match(broken.stderr, /cannot be understood, line 1/);
    assert.doesNotMatch(broken.stderr, /in the clear/);
    assert.equal(text(), 'Ada:in the clear\n');
    writeFileSync(path, '');
    writeFileSync(`${path}.new`, 'half');
    assert.match((await users(['add', 'Bob'], 'correct horse\n')).stderr, /^parlor: Somebody else changes/);
    assert.equal(readFileSync(`${path}.new`, 'utf8'), 'half');
  });

  it('keeps other lines as they are, the place of a link, and its file private', async (t) => {
    const { cwd, path, users, text } = setUp(t);
    const real = join(cwd, 'real');
    writeFileSync(
      real,
      `# ours\n\n${passwordLine('Ada', 'correct horse')}\n${passwordLine('Bob', 'battery')}\n`,
    );
    chmodSync(real, 0o644);
    symlinkSync('real', path);
    const [, , , bob] = text().split('\n');
    assert.equal((await users(['passwd', 'Ada'], 'another one\n')).code, 0);
    assert.ok(lstatSync(path).isSymbolicLink());
    assert.equal(statSync(real).mode & 0o777, 0o600);
    const lines = text().split('\n');
    assert.deepEqual([lines[0], lines[1], lines[3], lines[4]], ['# ours', '', bob, '']);
    assert.match(lines[2] ?? '', /^Ada:\$scrypt\$ln=15/);
    assert.equal(existsSync(`${real}.new`), false);
  });

  it('needs to know which file', async (t) => {
    const cwd = temporaryFolder(t);
    const ran = await runCli(['users', 'list'], { cwd });
    assert.deepEqual(
      [ran.code, ran.stderr],
      [1, 'parlor: AUTH names no file:PATH; say which file with --file PATH.\n'],
    );
    assert.equal(
      (await runCli(['users', 'add', 'Ada', '--file', 'new/users'], { cwd, input: 'correct horse' })).code,
      0,
    );
    assert.equal((await runCli(['users', 'list', '--file=new/users'], { cwd })).stdout, 'Ada\n');
    assert.match(
      (await runCli(['users', '--help'], { cwd })).stdout,
      /^Usage: parlor users COMMAND\n[\s\S]*\n {2}passwd NAME {2}/,
    );
    assert.match((await runCli(['users', 'add', '--help'], { cwd })).stdout, /^Usage: parlor users add NAME/);
  });

  it('asks twice at a terminal, and shows nothing of what is typed', async (t) => {
    if (!has(t, 'script')) return;
    const { cwd, text, users } = setUp(t);
    const type = async (...answers: string[]) => {
      const command = [...cli, 'users', 'add', 'Ada', '--file', 'users'].map((word) => `'${word}'`).join(' ');
      const child = spawn('script', ['-qec', command, '/dev/null'], { cwd, env: cliEnvironment });
      t.after(() => child.kill('SIGKILL'));
      let shown = '';
      child.stdout.on('data', (bytes) => {
        shown += bytes;
        if (/(?:Password for "Ada"|Once more): $/.test(shown)) child.stdin.write(answers.shift() ?? '\u0003');
      });
      const [code] = await once(child, 'close');
      assert.doesNotMatch(shown, /horse|house/);
      return { code, shown };
    };
    const differing = await type('correct horse\r', 'correct house\r');
    assert.equal(differing.code, 1);
    assert.match(differing.shown, /These were two passwords/);
    assert.match((await type('correct\r', '\u0003')).shown, /Interrupted/);
    assert.equal((await users(['list'])).stdout, '');
    assert.equal((await type('wrong\u0015correct hoo\u007frse\r', 'correct horse\r')).code, 0);
    assert.match(text(), /^Ada:\$scrypt\$/);
  });
});
