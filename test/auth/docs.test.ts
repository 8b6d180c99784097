import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { builtServer } from '../fault/support/built-server.ts';
import { listening } from '../support/listening.ts';
import { has } from '../support/needs.ts';
import { commandsOf, environmentOf, page as pageOf } from '../support/readme.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { waitUntil } from '../support/wait-until.ts';

const page = 'docs/authentication.md';
const shownUrl = 'http://127.0.0.1:3000';

/** A folder in which the built server stands, as after `npm ci`. */
async function setUp(t: TestContext) {
  const cwd = temporaryFolder(t);
  const command = await builtServer();
  symlinkSync(dirname(command.at(-1) ?? ''), join(cwd, 'dist'));
  const run = async (group: string, url = '', from = page): Promise<string> => {
    const commands = commandsOf(group, from).replaceAll(
      /http:\/\/127\.0\.0\.1:3000|https:\/\/localhost:3000/g,
      url,
    );
    assert.notEqual(commands, '');
    const env = { PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
    const { stdout } = await promisify(execFile)('bash', ['-c', `set -eu\n${commands}`], { cwd, env });
    return stdout;
  };
  const start = async (group: string, options: Record<string, string> = {}) => {
    // A slow machine has time to hash.
    const env = { AUTH_TIMEOUT: '60', ...environmentOf(group, page), ...options };
    const server = await ServerProcess.start({ cwd, command, env });
    t.after(() => server.stop());
    return server;
  };
  /** Runs a program that the page shows, on another port than it says there. */
  const serve = async (file: string, shownPort: string, chat?: string): Promise<number> => {
    const free = createServer();
    const port = Number(new URL(await listening(t, free)).port);
    await new Promise((resolve) => free.close(resolve));
    const marker = `<!-- file: ${file} -->\n\`\`\`js\n`;
    const [code = ''] = pageOf(page).split(marker)[1]?.split('```') ?? [];
    const program = code.replace(shownPort, String(port));
    writeFileSync(join(cwd, file), chat === undefined ? program : program.replace(shownUrl, chat));
    const child = spawn(process.execPath, [file], { cwd, stdio: 'ignore' });
    t.after(() => child.kill('SIGKILL'));
    const answers = () =>
      fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: '{}' }).then(
        () => true,
        () => false,
      );
    await waitUntil(answers, `${file} serves`);
    return port;
  };
  return { run, start, serve };
}

describe('docs/authentication.md', () => {
  it('has the commands that give somebody a password and let him in', async (t) => {
    if (!has(t, 'bash') || !has(t, 'curl')) return;
    const { run, start } = await setUp(t);
    assert.equal(await run('users'), 'Ada is a user now.\nAda\n');
    const { url } = await start('file');
    const answers = (await run('file', url)).trim().split('\n');
    assert.equal(answers.length, 2);
    assert.deepEqual(JSON.parse(answers[1] ?? '').user, { id: 'file:ada', name: 'Ada' });
    assert.deepEqual(JSON.parse(await run('login', url)).takes, ['password']);
  });

  it('has a service that decides, and the commands that join by it', async (t) => {
    if (!has(t, 'bash') || !has(t, 'curl')) return;
    const { run, start, serve } = await setUp(t);
    const port = await serve('door.mjs', '8080');
    const { AUTH = '' } = environmentOf('webhook', page);
    assert.equal(AUTH, 'webhook:http://127.0.0.1:8080/');
    const { url } = await start('webhook', { AUTH: AUTH.replace('8080', String(port)) });
    const answers = (await run('webhook', url)).trim().split('\n');
    assert.deepEqual(JSON.parse(answers[1] ?? '').user, { id: 'webhook:ada', name: 'Ada' });
  });

  it('has the commands that make a certificate for a user and let him in by it', async (t) => {
    if (!has(t, 'bash') || !has(t, 'curl') || !has(t, 'openssl')) return;
    const { run, start } = await setUp(t);
    await run('make', '', 'docs/tls.md');
    await run('certificate-make');
    const { url } = await start('certificate');
    const answers = (await run('certificate', url)).trim().split('\n');
    assert.equal(answers.length, 2);
    const user = { id: 'certificate:CN=Ada,O=Example', name: 'Ada' };
    assert.deepEqual(JSON.parse(answers[1] ?? '').user, user);
  });

  it('has the commands that sign a token and join with it', async (t) => {
    if (!has(t, 'bash') || !has(t, 'curl')) return;
    const { run, start } = await setUp(t);
    const { url } = await start('jwt');
    const { name, token } = JSON.parse(await run('jwt', url));
    assert.equal(name, 'Ada');
    const headers = { authorization: `Bearer ${token}` };
    const session = await (await fetch(`${url}/v1/rooms/lobby/session`, { headers })).text();
    assert.match(session, /"user":\{"id":"jwt: user-7","name":"Ada"\}/);
  });

  it('has a sign-on that gives a cookie by which one comes in', async (t) => {
    const { start, serve } = await setUp(t);
    // It has to know the chat's address, and the chat its.
    const { LOGIN_URL = '', ...options } = environmentOf('sign-on', page);
    assert.equal(LOGIN_URL, 'http://127.0.0.1:8082/?return={url}');
    const { url } = await start('sign-on', options);
    const port = await serve('sign-on.mjs', '8082', url);
    const at = (back: string) =>
      fetch(LOGIN_URL.replace('8082', String(port)).replace('{url}', encodeURIComponent(back)), {
        redirect: 'manual',
      });
    const answer = await at(`${url}/lobby`);
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, `${url}/lobby`]);
    assert.equal((await at('https://elsewhere.example/')).status, 400);
    const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
    const login = await (await fetch(`${url}/v1/rooms/lobby/login`, { headers: { cookie } })).json();
    assert.deepEqual(login, { takes: ['token'], given: true, signIn: LOGIN_URL, maxNameLength: 32 });
    const session = await fetch(`${url}/v1/rooms/lobby/session`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: '{}',
    });
    assert.deepEqual([session.status, Object(await session.json()).name], [201, 'Ada']);
  });

  it('has a session manager, and the commands whom it keeps out and what it does not allow', async (t) => {
    if (!has(t, 'bash') || !has(t, 'curl')) return;
    const { run, start, serve } = await setUp(t);
    const port = await serve('manager.mjs', '8081');
    const { SESSION_WEBHOOK = '' } = environmentOf('manager', page);
    const { url } = await start('manager', {
      SESSION_WEBHOOK: SESSION_WEBHOOK.replace('8081', String(port)),
    });
    const [mallory, guest, message, ...rest] = (await run('manager', url))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([mallory.status, mallory.detail], [403, 'Not today, Mallory.']);
    assert.equal(guest.name, 'Guest');
    assert.deepEqual([message.status, message.detail], [403, 'Guests only read.']);
    assert.deepEqual(rest, []);
  });
});
