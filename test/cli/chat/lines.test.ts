import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ChatError } from '../../../src/core/errors.ts';
import { ApiClient } from '../../support/api-client.ts';
import { CliProcess } from '../../support/cli-process.ts';
import { writePasswords } from '../../support/password-file.ts';
import { temporaryFolder } from '../../support/sqlite.ts';
import { startServer } from '../../support/test-server.ts';
import { adasClaims, hmac, secret } from '../../support/tokens.ts';
import { waitUntil } from '../../support/wait-until.ts';

async function start(t: TestContext, ...args: Parameters<typeof startServer>) {
  const server = await startServer(...args);
  t.after(() => server.close());
  return server;
}

/** What was said in the lobby, in order. */
async function saidIn(url: string): Promise<string[]> {
  const reader = await ApiClient.join(url, 'Reader');
  const { body } = await reader.call<{ events: { type: string; message: string }[] }>(
    'GET',
    '/history?limit=1000',
  );
  return body.events.filter(({ type }) => type === 'message').map(({ message }) => message);
}

describe('parlor chat in a pipe', { concurrency: 3 }, () => {
  it('posts each line but the empty ones as it is, prints what happens, and leaves', async (t) => {
    const { url } = await start(t);
    const bot = CliProcess.start(t, ['chat', `${url}/lobby`, '--name', 'Bot']);
    const { code, stdout, stderr } = await bot.fed('one\n\n  \n/leave\r\n/etc\tno end');
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(await saidIn(url), ['one', '/leave', '/etc\tno end']);
    const shown = stdout.replaceAll(/^\d\d:\d\d/gm, 'TIME').split('\n');
    assert.deepEqual(shown, [
      'TIME — Bot joined',
      'TIME Bot: one',
      'TIME Bot: /leave',
      'TIME Bot: /etc    no end',
      '',
    ]);
    const room = new ApiClient(url);
    assert.equal((await room.call<{ members: number }>('GET', '')).body.members, 1, 'Reader alone is there');
  });

  for (const pull of [[], ['--pull']]) {
    it(`prints events as they go over the wire with --json ${pull}`, async (t) => {
      const { url } = await start(t);
      const ada = await ApiClient.join(url, 'Ada');
      const bot = CliProcess.start(t, ['chat', url, '--name', 'Bot', '--json', ...pull]);
      await bot.printed(/"Bot"/);
      await ada.send('hello\u2028 \u202e Bot');
      await bot.printed(/hello/);
      const { code, stdout, stderr } = await bot.fed('hi\n');
      assert.deepEqual([code, stderr], [0, '']);
      assert(!/[^\n\x20-\x7e]/.test(stdout), 'nothing in it can do anything to a terminal');
      const { body } = await ada.updates({ after: '0' });
      const events = body.events.filter(({ id }) => id > 1 && id < 5);
      assert.deepEqual(
        stdout.split('\n').map((line) => line && JSON.parse(line)),
        [...events, ''],
      );
    });
  }

  it('asks for no stream with --pull', async (t) => {
    const asked: string[] = [];
    const { url } = await start(t, {}, {});
    const proxy = createServer((request, response) => {
      asked.push(request.url ?? '');
      const { method = 'GET', headers } = request;
      const body: Buffer[] = [];
      request.on('data', (bytes) => body.push(bytes));
      request.on('end', async () => {
        const { host: _, connection: __, 'content-length': ___, ...rest } = headers;
        const answer = await fetch(url + request.url, {
          method,
          headers: rest as Record<string, string>,
          body: body.length > 0 ? Buffer.concat(body) : null,
        });
        response.writeHead(answer.status, { 'Content-Type': answer.headers.get('Content-Type') ?? '' });
        response.end(Buffer.from(await answer.arrayBuffer()));
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    t.after(() => proxy.close());
    const { port } = proxy.address() as AddressInfo;
    const bot = CliProcess.start(t, ['chat', `127.0.0.1:${port}`, '--name', 'Bot', '--pull']);
    assert.equal((await bot.fed('hi\n')).code, 0);
    assert.match(bot.stdout, /Bot: hi\n/);
    assert(asked.some((path) => path.includes('/session/updates?')));
    assert(!asked.some((path) => path.includes('/session/events')));
  });

  it('loses no line to the limit of sends, and is not shown out for them', async (t) => {
    const { url } = await start(t, { SEND_LIMIT: '2/1', FLOOD_STRIKES: '4' });
    const lines = Array.from({ length: 9 }, (_, index) => `line ${index}`);
    const bot = CliProcess.start(t, ['chat', url, '--name', 'Bot']);
    const { code, stderr } = await bot.fed(lines.join('\n'));
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(await saidIn(url), lines);
  });

  it('tells which lines cannot be posted, posts the others, and ends with 1', async (t) => {
    const { url } = await start(t, { MAX_MESSAGE_BYTES: '16', FLOOD_STRIKES: '1' });
    const bot = CliProcess.start(t, ['chat', url, '--name', 'Bot']);
    const { code, stderr } = await bot.fed(`one\n${'é'.repeat(9)}\n\u001b[31mred\ntwo\n`);
    assert.equal(code, 1);
    assert.equal(
      stderr,
      'parlor: line 2 was not posted: A message has at most 16 bytes of UTF-8; this one has 18.\n' +
        'parlor: line 3 was not posted: A message has no control characters but line feed and tab; this one has "\\u{1b}".\n' +
        'parlor: 2 lines were not posted.\n',
    );
    assert.deepEqual(await saidIn(url), ['one', 'two']);
  });

  it('goes on where it was when its server comes back, and posts what came meanwhile', async (t) => {
    const first = await startServer();
    const bot = CliProcess.start(t, ['chat', first.url, '--name', 'Bot', '--json']);
    await bot.printed(/"join"/);
    await first.close();
    bot.child.stdin.write('meanwhile\n');
    await bot.complained(/^parlor: connection lost, trying again in \d+ s; /);
    await start(t, { PORT: String(first.port) });
    await bot.printed(/"meanwhile"/);
    const { code, stdout, stderr } = await bot.fed('');
    assert.equal(code, 0);
    assert.match(stdout, /^\{"type":"gap","lost":null\}$/m);
    assert.match(stderr, /^parlor: back$/m);
  });

  it('gives up with --timeout, and ends with 3', async (t) => {
    const server = await startServer();
    const bot = CliProcess.start(t, ['chat', server.url, '--name', 'Bot', '--timeout', '1']);
    await bot.printed(/joined/);
    await server.close();
    assert.equal(await bot.exited, 3);
    assert.match(bot.stderr, /parlor: The server was out of reach for 1 s \(--timeout\)\.\n$/);
  });

  it('ends with 5 and the reason when it is shown out', async (t) => {
    let shows = (): void => {};
    const { url } = await start(
      t,
      {},
      {
        hooks: {
          onSessionCreated: (handle) => {
            shows = () => void handle.destroy('removed', 'Not so loud!');
          },
        },
      },
    );
    const bot = CliProcess.start(t, ['chat', url, '--name', 'Bot']);
    await bot.printed(/joined/);
    shows();
    assert.equal(await bot.exited, 5);
    assert.equal(bot.stderr, 'parlor: You were removed from the room. “Not so loud!”\n');
  });

  it('leaves on a signal, which whoever waits for it sees', async (t) => {
    const { url } = await start(t);
    const bot = CliProcess.start(t, ['chat', url, '--name', 'Bot']);
    await bot.printed(/joined/);
    bot.child.kill('SIGTERM');
    assert.equal(await bot.exited, 'SIGTERM');
    const ada = await ApiClient.join(url, 'Ada');
    assert.deepEqual((await ada.users()).body.users, ['Ada']);
  });

  it('leaves quietly when nobody reads what it prints any more', async (t) => {
    const { url } = await start(t, { SEND_LIMIT: 'off' });
    const ada = await ApiClient.join(url, 'Ada');
    const bot = CliProcess.start(t, ['chat', url, '--name', 'Bot']);
    await bot.printed(/joined/);
    bot.child.stdout.destroy();
    let isOver = false;
    void bot.exited.then(() => {
      isOver = true;
    });
    await waitUntil(async () => {
      await ada.send('anybody?');
      return isOver;
    }, 'it noticed');
    assert.deepEqual([await bot.exited, bot.stderr], [0, '']);
    assert.deepEqual((await ada.users()).body.users, ['Ada']);
  });
});

describe('parlor chat is not let in', { concurrency: 3 }, () => {
  it('under a name in use: 4', async (t) => {
    const { url } = await start(t);
    await ApiClient.join(url, 'Ada');
    const { code, stdout, stderr } = await CliProcess.start(t, ['chat', url], { PARLOR_NAME: 'ADA' }).fed(
      'hi',
    );
    assert.deepEqual([code, stdout], [4, '']);
    assert.match(stderr, /^parlor: The name ADA is already in use.*\n$/);
  });

  it('without a password where one is needed, and is with PARLOR_PASSWORD', async (t) => {
    const { url } = await start(
      t,
      {},
      {
        authenticator: {
          authenticate: async ({ name = '', password }) => {
            if (password === undefined) throw new ChatError('credentials-required', 'A password is needed.');
            if (password !== 'secret') throw new ChatError('permission-denied', 'The password is wrong.');
            return { name, user: null };
          },
        },
      },
    );
    const without = await CliProcess.start(t, ['chat', url, '--name', 'Bot']).fed('hi');
    assert.deepEqual(
      [without.code, without.stderr],
      [4, 'parlor: A password is needed. PARLOR_PASSWORD has the password where nobody can be asked.\n'],
    );
    const wrong = await CliProcess.start(t, ['chat', url, '--name', 'Bot'], { PARLOR_PASSWORD: 'x' }).fed(
      'hi',
    );
    assert.deepEqual([wrong.code, wrong.stderr], [4, 'parlor: The password is wrong.\n']);
    const right = CliProcess.start(t, ['chat', url, '--name', 'Bot'], { PARLOR_PASSWORD: 'secret' });
    assert.equal((await right.fed('hi')).code, 0);
  });

  it('by a token from a file or the environment, as whom it says, and not without one', async (t) => {
    const { url } = await start(t, {
      AUTH: 'jwt',
      JWT_SECRET: secret,
      FEED: 'public',
      LOGIN_URL: 'https://login.example/?return={url}',
    });
    const without = await CliProcess.start(t, ['chat', url, '--name', 'Bot']).fed('hi');
    const page = encodeURIComponent(`${url}/lobby`);
    assert.deepEqual(
      [without.code, without.stderr],
      [
        4,
        `parlor: This room asks for a token: give it by --token-file or in PARLOR_TOKEN. Sign in at https://login.example/?return=${page}\n`,
      ],
    );
    const file = join(temporaryFolder(t), 'token');
    const tokenOf = (more: object) => hmac({ alg: 'HS256' }, adasClaims(Date.now(), { ...more }));
    writeFileSync(file, `${tokenOf({})}\n`);
    const byFile = await CliProcess.start(t, ['chat', url, '--json', '--token-file', file]).fed('by a file');
    assert.deepEqual([byFile.code, byFile.stderr], [0, '']);
    assert.match(byFile.stdout, /"name":"Ada","message":"by a file"/);
    const byEnv = await CliProcess.start(t, ['chat', url, '--json'], { PARLOR_TOKEN: tokenOf({}) }).fed('hi');
    assert.deepEqual([byEnv.code, byEnv.stderr], [0, '']);

    const old = { PARLOR_TOKEN: tokenOf({ exp: 1 }), PARLOR_PASSWORD: 'of something else' };
    const refused = await CliProcess.start(t, ['chat', url], old).fed('hi');
    assert.deepEqual(
      [refused.code, refused.stderr],
      [4, 'parlor: Your token is not valid here, or no longer.\n'],
    );
    for (const [args, env, text] of [
      [['--token-file', `${file}.not`], {}, /cannot be read \(it is not there\)/],
      [
        [],
        { PARLOR_TOKEN: 'a b' },
        /^parlor: Expected a token in PARLOR_TOKEN, of one line; got something else\.$/m,
      ],
    ] as const) {
      const { code, stderr } = await CliProcess.start(t, ['chat', url, ...args], env).fed('hi');
      assert.equal(code, 4);
      assert.match(stderr, text);
      assert.doesNotMatch(stderr, /a b/);
    }
  });

  it('with the token that the file has when a session is created anew', async (t) => {
    const options = { AUTH: 'jwt', JWT_SECRET: secret, FEED: 'public' };
    const file = join(temporaryFolder(t), 'token');
    const tokenBy = (key: string) => hmac({ alg: 'HS256' }, adasClaims(Date.now()), key);
    writeFileSync(file, tokenBy(secret));
    const { url, port, close } = await start(t, options);
    const ada = CliProcess.start(t, ['chat', url, '--json', '--token-file', file]);
    await ada.printed(/"type":"join"/);
    // The next one knows no session of before, and takes no token of before.
    const next = `${secret}, and another one`;
    writeFileSync(file, tokenBy(next));
    await close();
    await start(t, { ...options, JWT_SECRET: next, PORT: String(port) });
    await ada.printed(/"type":"join".*"type":"join"/s);
    const { code } = await ada.fed('still here');
    assert.equal(code, 0);
    assert.match(ada.stdout, /"message":"still here"/);
  });

  it('with a password where it is wanted at once, and is told that it were too many wrong ones', async (t) => {
    const file = join(temporaryFolder(t), 'users');
    writePasswords(file, { Ada: 'correct horse' });
    const { url } = await start(t, { AUTH: `file:${file}` });
    for (let time = 0; time < 12; time++)
      await new ApiClient(url).create({ name: 'Ada', password: 'a guess' });
    const env = { PARLOR_PASSWORD: 'a guess' };
    const { code, stderr } = await CliProcess.start(t, ['chat', url, '--name', 'Ada'], env).fed('hi');
    assert.equal(code, 4);
    assert.match(stderr, /^parlor: (Too many logins have failed|That is not the password)/);
  });
});
