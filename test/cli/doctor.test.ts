import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { cli, runCli } from '../support/cli.ts';
import { CliProcess } from '../support/cli-process.ts';
import { listening } from '../support/listening.ts';
import { has } from '../support/needs.ts';
import { pathWithParlor } from '../support/parlor-command.ts';
import { nginxArguments, ProxyProcess } from '../support/proxy-process.ts';
import { commandsOf, page } from '../support/readme.ts';
import { freePort } from '../support/redis-server.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { startServer } from '../support/test-server.ts';
import { Pane, shellWords } from '../support/tmux.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('parlor doctor', () => {
  it('ends with 0 if there is no problem, with one finding a line of at most 80 columns', async (t) => {
    const server = await startServer();
    t.after(() => server.close());
    const { code, stdout, stderr } = await runCli(['doctor', `${server.url}/lobby`]);
    assert.deepEqual([code, stderr], [0, '']);
    for (const line of stdout.split('\n')) assert(line.length <= 80, line);
    assert.match(stdout, /^ok {7}address {9}A Parlor answers at http/);
    assert.match(stdout, /\n\n0 problems, 0 warnings, 1 untried \(its arrow says how to try it\)\.\n$/);
    assert(!stdout.includes('\u001b'));
    const coloured = await runCli(['doctor', server.url], { env: { FORCE_COLOR: '1', TERM: 'xterm' } });
    assert(coloured.stdout.startsWith('\u001b[32mok\u001b[0m       address'), coloured.stdout);
    const both = await runCli(['doctor', server.url], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } });
    assert(!both.stdout.includes('\u001b'));
  });

  it('ends with 1 if there is one, and with 2 if it does not understand', async () => {
    const gone = await runCli(['doctor', 'http://127.0.0.1:1']);
    assert.deepEqual([gone.code, gone.stderr], [1, '']);
    assert.match(gone.stdout, /^problem {2}address .*cannot be reached[\s\S]*\n1 problem, 0 warnings\.\n$/);
    for (const [args, expected] of [
      [[], /got no URL/],
      [['ftp://example.org'], /begins with ftp:/],
      [['localhost', '--origin', 'example'], /--origin: expected an origin/],
      [['localhost', '--long', 'soon'], /--long: expected a whole number/],
    ] as const) {
      const { code, stdout, stderr } = await runCli(['doctor', ...args]);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, expected);
    }
  });

  it('does what its page says', async (t) => {
    const server = await startServer();
    t.after(() => server.close());
    const cwd = temporaryFolder(t);
    const env = { PATH: pathWithParlor(cwd) };
    const [reading, inside] = [
      commandsOf('doctor', 'docs/doctor.md'),
      commandsOf('name', 'docs/doctor.md'),
    ].map((command) => command.replace('http://127.0.0.1:3000', server.url));
    const run = (command = '') => promisify(execFile)('sh', ['-c', command], { cwd, env });
    assert.match((await run(reading)).stdout, /untried {2}member/);
    assert.match((await run(inside)).stdout, /ok {7}message {9}A message was back on the stream/);
    const answer = await fetch(`${server.url}/v1/rooms/lobby`);
    assert.deepEqual(await answer.json(), { name: 'lobby', members: 0 });
  });

  it('leaves also when a signal ends it', async (t) => {
    const server = await startServer();
    t.after(() => server.close());
    const doctor = CliProcess.start(t, ['doctor', server.url, '--name', 'Doc', '--long', '600']);
    const members = async () =>
      JSON.stringify(await (await fetch(`${server.url}/v1/rooms/lobby`)).json()).includes('"members":1');
    await waitUntil(members, 'it is in the room', 60_000);
    doctor.child.kill('SIGTERM');
    assert.equal(await doctor.exited, 'SIGTERM');
    assert.equal(await members(), false);
  });

  it('names every check in its page', () => {
    const folder = new URL('../../src/cli/doctor/', import.meta.url);
    const source = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
    const checks = source.flatMap((text) =>
      [...text.matchAll(/findingsOf\(\s*'([^']+)'/g)].map(([, check]) => check),
    );
    assert.ok(checks.length > 15);
    const docs = page('docs/doctor.md');
    for (const check of checks) assert.ok(docs.includes(`| \`${check}\` |`), check);
  });

  it('does nothing that a hostile server writes [P-5]', async (t) => {
    const evil = '\u001b]0;title\u0007\u009b2J\u202e';
    const url = await listening(
      t,
      http.createServer(({ url: path = '', method }, response) => {
        if (path === '/livez') response.end('{"status":"alive"}');
        else if (path === '/readyz') response.end(JSON.stringify({ status: evil, store: evil }));
        else if (path.includes('/feed')) {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.end(`event: bye\ndata: ${JSON.stringify({ reason: evil })}\n\n`);
        } else if (path === '/v1/rooms/lobby') {
          const body = { code: 'permission-denied', requestId: evil, detail: evil.repeat(500) };
          response.writeHead(403, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body));
        } else
          response
            .writeHead(method === 'GET' ? 200 : 403, { age: '\u009b2J', 'content-type': '\u009b' })
            .end(evil);
      }),
    );
    for (const form of [[], ['--json']]) {
      const { code, stdout, stderr } = await runCli(['doctor', `${url}/lobby`, ...form]);
      assert.deepEqual([code, stderr], [1, '']);
      assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
      assert.match(stdout, form.length === 0 ? /\\u\{1b\}\]0;title/ : /\\u001b\]0;title/);
    }
  });

  it('finds what a real nginx holds back that is told to', async (t) => {
    if (!has(t, 'nginx')) return;
    const server = await startServer();
    t.after(() => server.close());
    const port = await freePort();
    const folder = temporaryFolder(t);
    const site = `server {
  listen 127.0.0.1:${port};
  location / {
    proxy_pass ${server.url};
    proxy_set_header Host $http_host;
    proxy_buffering on;
    proxy_ignore_headers X-Accel-Buffering;
  }
}`;
    await new ProxyProcess(t, 'nginx', nginxArguments(folder, site), folder, port).start();
    const { code, stdout } = await runCli(['doctor', `http://127.0.0.1:${port}`]);
    assert.equal(code, 1, stdout);
    assert.match(stdout, /problem {2}buffering {7}The first event should come at once/);
  });

  it('colours its words on a terminal, within its columns', async (t) => {
    if (!has(t, 'tmux')) return;
    const server = await startServer();
    t.after(() => server.close());
    const pane = await Pane.open(t, shellWords([...cli, 'doctor', `${server.url}/nowhere`]), { columns: 60 });
    await pane.shows(/1 problem, 0 warnings\./);
    const rows = await pane.rows('-e');
    assert.ok(
      rows.some((row) => /^\u001b\[1m\u001b\[31mproblem\u001b\[0m|^\u001b\[1;31mproblem/.test(row)),
      rows.join('\n'),
    );
    // The advice is broken where its column ends.
    assert.ok(
      rows.some((row) => /^ {25}→ Check the address, or put the$/.test(row.trimEnd())),
      rows.join('\n'),
    );
  });
});
