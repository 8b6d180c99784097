import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { loadConfig } from '../../src/config/load-config.ts';
import { adminToken, startAdminServer } from '../support/admin.ts';
import { ApiClient } from '../support/api-client.ts';
import { has } from '../support/needs.ts';
import { assertProblem } from '../support/problem.ts';
import { commandsOf } from '../support/readme.ts';
import { temporaryFolder } from '../support/sqlite.ts';

test('docs/administration.md has commands that make a token, for whoever starts the server alone', async (t) => {
  if (!has(t, 'openssl')) return;
  const cwd = temporaryFolder(t);
  const commands = ['token', 'export'].map((name) => commandsOf(name, 'docs/administration.md')).join('\n');
  const { stdout } = await promisify(execFile)('sh', ['-c', `${commands}\nprintenv ADMIN_TOKEN`], { cwd });
  const config = loadConfig({ environment: {}, directory: cwd, warn: (line) => assert.fail(line) });
  assert.equal(config.adminToken, stdout.trim());
  assert.equal(statSync(join(cwd, '.env')).mode & 0o777, 0o600);
});

test('the commands of docs/administration.md do what is said there', async (t) => {
  if (!has(t, 'curl')) return;
  const { url } = await startAdminServer(t);
  const run = async (name: string, more: Record<string, string> = {}): Promise<string> => {
    const command = commandsOf(name, 'docs/administration.md').replaceAll('http://127.0.0.1:3000', url);
    const env = { PATH: process.env.PATH, ADMIN_TOKEN: adminToken, ...more };
    return (await promisify(execFile)('sh', ['-c', command], { env })).stdout;
  };
  const eve = await ApiClient.join(url, 'Eve');
  const [session] = JSON.parse(await run('sessions')).sessions;
  assert.equal(session.name, 'Eve');
  assert.equal(await run('remove', { SESSION_ID: session.sessionId }), '');
  assert.equal(assertProblem(await eve.ping(), 410, 'session-gone').endingDetail, 'No adverts, please.');

  const mallory = await ApiClient.join(url, 'Mallory');
  const ban = JSON.parse(await run('ban'));
  assertProblem(await mallory.ping(), 410, 'session-gone');
  assertProblem(await new ApiClient(url).create({ name: 'Mallory' }), 403, 'permission-denied');
  assert.deepEqual(JSON.parse(await run('bans')), { bans: [ban], total: 1 });
  assert.equal(await run('unban', { BAN_ID: ban.id }), '');
  assert.deepEqual(JSON.parse(await run('bans')), { bans: [], total: 0 });

  const announced = JSON.parse(await run('announce'));
  const said = async (): Promise<string> => JSON.parse(await run('history')).events.find(hasId).message;
  const hasId = ({ id }: { readonly id: number }): boolean => id === announced.id;
  assert.equal(await said(), 'We close at noon.');
  assert.ok(JSON.parse(await run('redact', { EVENT_ID: announced.id })).id > announced.id);
  assert.equal(await said(), '');

  assert.equal(JSON.parse(await run('rooms')).rooms[0].name, 'lobby');
  assert.equal(JSON.parse(await run('stats')).rooms, 1);

  assert.equal(await run('close'), '');
  const { detail } = assertProblem(await new ApiClient(url).history(), 403, 'permission-denied');
  assert.equal(detail, 'The room lobby is closed (Back at nine.).');
  assert.equal(await run('reopen'), '');
  assert.equal((await new ApiClient(url).create({ name: 'Mallory' })).status, 201);
});
