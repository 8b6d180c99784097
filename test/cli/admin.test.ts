import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { adminCommands } from '../../src/cli/admin-commands.ts';
import { columnsOf } from '../../src/cli/chat/width.ts';
import type { StatsAnswer } from '../../src/schemas/overview.ts';
import { adminToken, startAdminServer } from '../support/admin.ts';
import { ApiClient } from '../support/api-client.ts';
import { cli, runCli } from '../support/cli.ts';
import { CliProcess } from '../support/cli-process.ts';
import { listening } from '../support/listening.ts';
import { has } from '../support/needs.ts';
import { assertProblem } from '../support/problem.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { Pane, shellWords } from '../support/tmux.ts';

interface Asked {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A server, and its operator at a pipe. */
async function setUp(t: TestContext, options: Readonly<Record<string, string>> = {}) {
  const server = await startAdminServer(t, { ROOMS: 'lobby,tea', ...options });
  const cwd = temporaryFolder(t);
  const admin = ([name = '', ...args]: readonly string[], { input = '', env = {} }: Asked = {}) =>
    runCli(['admin', name, '--url', server.url, ...args], {
      cwd,
      input,
      env: { ADMIN_TOKEN: adminToken, ...env },
    });
  /** What it prints, line by line, once it has ended with 0 and without a complaint. */
  const lines = async (...args: readonly string[]): Promise<string[]> => {
    const { code, stdout, stderr } = await admin(args);
    assert.deepEqual([code, stderr], [0, ''], args.join(' '));
    assert.match(stdout, /\n$/);
    return stdout.slice(0, -1).split('\n');
  };
  // biome-ignore lint/suspicious/noExplicitAny: whatever was printed, for tests to look into
  const values = async (...args: readonly string[]): Promise<any[]> =>
    (await lines(...args, '--json')).map((line) => JSON.parse(line));
  /** Why it fails: the exit code, and its one line. */
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await admin(args);
    assert.equal(stdout, '', args.join(' '));
    assert.match(stderr, /^parlor: [^\n]+\n$/);
    return `${code} ${stderr.slice('parlor: '.length, -1)}`;
  };
  return { ...server, cwd, admin, lines, values, refused };
}

describe('parlor admin', { concurrency: 3 }, () => {
  it('lists who is there, sorted and filtered, and shows out by name or by the beginning of an id', async (t) => {
    const { url, lines, values, refused, deeds } = await setUp(t);
    const [ada, bob] = [await ApiClient.join(url, 'Ada'), await ApiClient.join(url, 'Bob 日本')];
    await ApiClient.join(url, 'Ada', { room: 'tea' });
    const [titles = '', ...rows] = await lines('list');
    assert.match(titles, /^SESSION +NAME +ROOM +USER +ADDRESS +DELIVERY +STATE +STREAMS +AGE +IN +OUT +LAG$/);
    assert.deepEqual(
      rows.map((row) => row.split(/ {2,}/).slice(1, 3)),
      [
        ['Ada', 'lobby'],
        ['Bob 日本', 'lobby'],
        ['Ada', 'tea'],
      ],
    );
    const sessions = await values('list', '--sort', 'room', '--name', 'AD');
    assert.deepEqual(
      sessions.map(({ name, room }) => [name, room]),
      [
        ['Ada', 'lobby'],
        ['Ada', 'tea'],
      ],
    );
    assert.deepEqual(
      (await values('list', '--room', 'tea')).map(({ room }) => room),
      ['tea'],
    );

    assert.match(
      await refused('remove', '--name', 'ADA'),
      /^1 Expected one session with the name "ADA"; got 2: /,
    );
    assert.match(await refused('remove', '--name', 'Eve'), /^1 Nobody has the name "Eve"\.$/);
    const [removed] = await values('remove', '--name', 'АDA', '--room', 'lobby', '--reason', 'No adverts.');
    assert.equal(removed.sessionId, sessions[0].sessionId, 'by a name that looks the same');
    assert.equal(assertProblem(await ada.ping(), 410, 'session-gone').endingDetail, 'No adverts.');
    const [first] = await values('list', '--room', 'lobby');
    const beginning = first.sessionId.slice(0, 20).toUpperCase();
    assert.deepEqual(await lines('remove', beginning), [
      `Removed "Bob 日本" from lobby (session ${first.sessionId}).`,
    ]);
    assertProblem(await bob.ping(), 410, 'session-gone');
    assert.match(await refused('remove', beginning), /^1 There is no session that begins with /);
    assert.equal(deeds.filter(({ act }) => act === 'session removed').length, 2);
  });

  it('bans and lifts bans, by whom they hit or by their id', async (t) => {
    const { url, lines, values, refused } = await setUp(t);
    const eve = await ApiClient.join(url, 'Eve');
    const [ban] = await values('ban', '--name', 'Eve', '--for', '2h', '--reason', 'No adverts.');
    assert.deepEqual(
      [ban.kind, ban.value, ban.room, ban.reason, ban.until - ban.createdAt],
      ['name', 'Eve', null, 'No adverts.', 7_200_000],
    );
    assertProblem(await eve.ping(), 410, 'session-gone');
    const [told = ''] = await lines('ban', '--address', '192.0.2.77/24', '--room', 'tea');
    assert.match(
      told,
      /^Banned the address "192\.0\.2\.0\/24" from the room tea, until it is lifted \(ban \S{22}\)\.$/,
    );
    const hostile = 'a\u001b[2J\u202eb';
    await values('ban', '--user', hostile);
    const [titles = '', ...rows] = await lines('bans');
    assert.match(titles, /^BAN +KIND +VALUE +ROOM +SINCE +UNTIL +REASON$/);
    assert.equal(rows.length, 3);
    assert(
      rows.some((row) => row.includes('a\\u{1b}[2J\\u{202e}b')),
      rows.join('\n'),
    );
    assert(
      (await values('bans')).some(({ value }) => value === hostile),
      'as JSON it is what it is',
    );

    assert.match(
      await refused('unban', '--address', '192.0.2.0/24'),
      /^1 There is no ban of the address "192\.0\.2\.0\/24" from all rooms; there is one from tea\.$/,
    );
    assert.deepEqual(await lines('unban', '--address', '192.0.2.1/24', '--room', 'tea'), [
      'Lifted the ban of the address "192.0.2.0/24" from the room tea.',
    ]);
    // It may begin with a dash.
    assert.deepEqual(
      (await lines('unban', '--json', '--', ban.id.slice(0, 12))).map((line) => JSON.parse(line)),
      [ban],
    );
    await values('unban', '--user', hostile);
    assert.deepEqual((await ApiClient.join(url, 'Eve')).room, 'lobby');
  });

  it('closes and reopens rooms, announces, and takes texts out', async (t) => {
    const { url, admin, lines, values, refused } = await setUp(t);
    const ada = await ApiClient.join(url, 'Ada');
    assert.equal((await ada.send('first\nand last\u202e')).status, 201);
    assert.deepEqual(
      await values('announce', '--room', 'lobby', 'We close.').then(([{ room, id }]) => [room, id]),
      ['lobby', 3],
    );
    const fromInput = await admin(['announce', '--all'], { input: 'Tea\ntime\n' });
    assert.deepEqual(fromInput, {
      code: 0,
      stdout: 'Announced in lobby (event 4).\nAnnounced in tea (event 1).\n',
      stderr: '',
    });
    const [, ...rows] = await lines('history', 'lobby');
    assert.deepEqual(
      rows.map((row) => row.trim().split(/ {2,}/).toSpliced(1, 1)),
      [
        ['2', 'Ada', 'first ⏎ and last\\u{202e}'],
        ['3', '(announcement)', 'We close.'],
        ['4', '(announcement)', 'Tea ⏎ time'],
      ],
    );
    assert.deepEqual(
      (await values('history', 'lobby', '--last', '1')).map(({ id, message }) => [id, message]),
      [[4, 'Tea\ntime']],
    );
    assert.deepEqual(await lines('redact', 'lobby', '2', '--reason', 'Not here.'), [
      'The text of 2 in lobby is gone (event 5).',
    ]);
    assert.deepEqual((await values('redact', 'lobby', '2'))[0].id, 5, 'again: the same');
    assert.match((await lines('history', 'lobby'))[1] ?? '', / Ada +\(removed\)$/);
    assert.match(await refused('redact', 'lobby', '1'), /^1 /);
    assert.match(await refused('redact', 'lobby', 'x'), /^2 Expected the ID of a message/);

    assert.deepEqual(await values('close', 'lobby', '--reason', 'Back at nine.'), [
      { room: 'lobby', isClosed: true, reason: 'Back at nine.' },
    ]);
    assert.match(assertProblem(await ada.ping(), 410, 'session-gone').endingDetail ?? '', /Back at nine/);
    const rooms = await values('rooms');
    assert.deepEqual(
      rooms.map(({ name, closed }) => [name, closed?.reason]),
      [
        ['lobby', 'Back at nine.'],
        ['tea', undefined],
      ],
    );
    assert.match(
      (await lines('rooms'))[1] ?? '',
      /^lobby +0 +0 +0 +\d+ +\S+ \S+ +\d{4}-\d\d-\d\d \d\d:\d\d +Back at nine\.$/,
    );
    assert.match(
      (await admin(['announce', '--all'], { input: 'Hi' })).stdout,
      /^Announced in tea \(event 2\)\.\n$/,
    );
    assert.deepEqual(await lines('reopen', 'lobby'), ['The room lobby is open again.']);
    assert.match(await refused('close', 'nowhere'), /^1 There is no room "nowhere"/);
  });

  it('reads more than one page of a history', async (t) => {
    const { url, values } = await setUp(t);
    const ada = await ApiClient.join(url, 'Ada');
    for (let count = 0; count < 600; count++) await ada.send(`${count}`);
    const messages = await values('history', 'lobby', '--last', '550');
    assert.deepEqual(
      messages.map(({ message }) => Number(message)),
      Array.from({ length: 550 }, (_, index) => index + 50),
    );
  });

  it('prints the figures, once or again and again, also over a break', async (t) => {
    const { url, lines, values } = await setUp(t);
    await ApiClient.join(url, 'Ada');
    const [stats] = await values('stats');
    assert.deepEqual([stats.members, stats.counters.created], [1, 1]);
    const shown = (await lines('stats')).join('\n');
    assert(shown.includes(`\nmembers     1 in 1 room\nsessions    0 push, 1 pull, 0 reserved\n`), shown);

    const troubles: ((response: ServerResponse) => void)[] = [];
    let isOverloaded = true;
    const relay = createServer(async ({ url: path = '' }, response) => {
      const trouble = troubles.shift();
      if (trouble) return trouble(response);
      const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${adminToken}` } });
      const { now, ...told } = (await answer.json()) as StatsAnswer;
      const overload = isOverloaded ? { cause: 'memory', since: now - 65_000 } : null;
      response.end(JSON.stringify({ ...told, now, overload }));
    });
    const relayUrl = await listening(t, relay);
    assert.match(shown, /\noverload {4}none\n/);
    const overloaded = await runCli(['admin', 'stats', '--url', relayUrl], {
      env: { ADMIN_TOKEN: adminToken },
      input: '',
    });
    assert.match(
      overloaded.stdout,
      /\noverload {4}memory is short: nobody new has been let in for 1m, since \d{4}-\d\d-\d\d \d\d:\d\d\n/,
    );
    const args = ['admin', 'stats', '--watch', '--url', relayUrl];
    const watching = CliProcess.start(t, args, { ADMIN_TOKEN: adminToken });
    await watching.complained(
      /^parlor: overload: memory is short: nobody new has been let in for 1m, since .+\n$/,
    );
    isOverloaded = false;
    await watching.printed(/^ +TIME .+\n[\d:]{8} .+\n[\d:]{8} .+\n/);
    await watching.complained(/\nparlor: overload: over\n$/);
    troubles.push(
      (response) => response.socket?.destroy(),
      // As a server that starts says it.
      (response) => response.writeHead(503).end('{"code":"unavailable","detail":"The server is starting."}'),
    );
    await watching.complained(/over\n.*\n/);
    const before = watching.stdout.length;
    await watching.complained(
      /over\nparlor: http:\S+ cannot be reached: [^\n]+ Trying again\.\nparlor: back\n$/,
    );
    await watching.printed(new RegExp(`^[\\s\\S]{${before}}[\\d:]{8} `));
    watching.child.kill('SIGINT');
    assert.equal(await watching.exited, 'SIGINT');
  });

  it('ends when its reader has enough', async (t) => {
    if (!has(t, 'bash')) return;
    const { url, cwd } = await setUp(t);
    const watch = shellWords([...cli, 'admin', 'stats', '--watch', '--json', '--url', url]);
    const command = ['bash', '--norc', '-c', `${watch} | head -1 >/dev/null; echo "\${PIPESTATUS[0]}"`];
    const ran = await runCli([], { cwd, command, env: { ADMIN_TOKEN: adminToken } });
    assert.deepEqual(ran, { code: 0, stdout: '0\n', stderr: '' });
  });

  it('finds server and token in .env, the environment or a file, and says where it has looked', async (t) => {
    const { url, port, cwd } = await setUp(t);
    const run = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
      runCli(['admin', 'rooms', '--json', ...args], { cwd, env, input: '' });
    const none = await run({ PORT: `${port}` });
    assert.deepEqual(none, {
      code: 4,
      stdout: '',
      stderr: `parlor: Expected the token of ${url} in ADMIN_TOKEN of the environment or of .env, or --token-file PATH; got none.\n`,
    });
    writeFileSync(join(cwd, 'token'), `${adminToken}\n`);
    assert.equal((await run({ PORT: `${port}` }, '--token-file', 'token')).code, 0);
    assert.equal((await run({ PORT: '1' }, '--url', url, '--token-file', 'token')).code, 0);
    writeFileSync(join(cwd, '.env'), `PORT=${port}\nADMIN_TOKEN=${adminToken}\n`);
    assert.match((await run({})).stdout, /^\{"name":"lobby",/);
    assert.equal(
      (await run({ ADMIN_TOKEN: 'another-secret-of-enough-characters' })).code,
      4,
      'the environment wins',
    );
    writeFileSync(join(cwd, '.env'), `PORT=1\nPUBLIC_URL=${url}\nADMIN_TOKEN=${adminToken}\n`);
    assert.equal((await run({})).code, 0);
    const gone = await run({}, '--token-file', 'nowhere');
    assert.deepEqual(
      [gone.code, gone.stderr],
      [
        4,
        `parlor: The token file "nowhere" cannot be read (it is not there, seen from ${JSON.stringify(cwd)}).\n`,
      ],
    );
    const nobody = await run({ PUBLIC_URL: 'http://127.0.0.1:9999' });
    assert.equal(nobody.code, 3, nobody.stderr);
  });

  it('says what it does not understand before it asks anybody, and ends with 2', async (t) => {
    const { refused, deeds } = await setUp(t);
    const wrong: readonly (readonly [args: readonly string[], line: RegExp])[] = [
      [['remove'], /^Expected either a SESSION or --name NAME; got neither\.$/],
      [['remove', 'abcd', '--name', 'Ada'], /got both\.$/],
      [['remove', 'Abc'], /at least 4 characters of its beginning; got "Abc"\. What is a name/],
      [['ban'], /^Expected one of --user ID, --name NAME and --address ADDRESS; got none\.$/],
      [['ban', '--user', 'a', '--name', 'b'], /; got 2\.$/],
      [['ban', '--name', 'a', '--for', 'ever'], /^--for: expected a time such as .+; got "ever"\.$/],
      [['unban'], /; got none\.$/],
      [['announce', 'Hi'], /^Expected either --room ROOM or --all; got neither\.$/],
      [['list', '--sort', 'constructor'], /^--sort: expected one of name, room, .+; got "constructor"\.$/],
      [['history', 'lobby', '--last', '-1'], /^Expected --last N; got nothing behind it\.$/],
    ];
    for (const [args, line] of wrong) {
      const told = await refused(...args);
      assert.equal(told.slice(0, 2), '2 ', told);
      assert.match(told.slice(2), line);
    }
    assert.deepEqual(deeds, []);
  });

  it('is explained, command by command, on lines that fit a terminal', async () => {
    const general = await runCli(['admin', '--help']);
    assert.match(general.stdout, /^Usage: parlor admin COMMAND\n/);
    for (const name of Object.keys(adminCommands)) {
      const word = name.slice('admin '.length);
      assert.match(general.stdout, new RegExp(`\\n {2}${word} `));
    }
    for (const { more, options, run } of Object.values(adminCommands)) {
      assert.equal(typeof run, 'function');
      for (const line of more().split('\n')) assert(line.length <= 80, line);
      for (const [option, { value = '', sentence }] of Object.entries(options)) {
        assert(`  --${option} ${value}  ${sentence}`.length <= 80, option);
      }
    }
    assert.match((await runCli(['admin', 'ban', '-h'])).stdout, /^Usage: parlor admin ban \(--user ID \| /);
  });
});

describe('parlor admin at a terminal', { concurrency: 2 }, () => {
  it('asks for the token without showing it, and keeps to the width of the terminal', async (t) => {
    if (!has(t, 'tmux')) return;
    const { url, cwd } = await setUp(t);
    for (const name of ['Ada', 'Bob 日本語の名前です とても長い', 'Mallory the Very Long-Named One']) {
      await ApiClient.join(url, name);
    }
    const command = `cd ${shellWords([cwd])}; ${shellWords([...cli, 'admin', 'list', '--url', url])}`;
    for (const columns of [40, 70]) {
      const pane = await Pane.open(t, command, { columns, rows: 20 });
      await pane.shows(/ADMIN_TOKEN of/);
      await pane.type(adminToken);
      await pane.press('Enter');
      await pane.shows(/ended with 0/);
      const rows = await pane.rows();
      assert(!rows.join('').includes(adminToken));
      const table = rows.slice(
        rows.findIndex((row) => row.startsWith('SESSION')),
        -1,
      );
      assert.equal(table.length, 4, rows.join('\n'));
      for (const row of table) assert(columnsOf(row) <= columns, row);
      assert.match(table[1] ?? '', /^[0-9a-f]{8} {2}Ada +lobby/);
      assert.match(table[2] ?? '', /^[0-9a-f]{8} {2}Bob 日本語/);
      const [titles = ''] = (await pane.rows('-e')).filter((row) => row.includes('SESSION'));
      assert.match(titles, /^\u001b\[1mSESSION/, 'the titles are bold');
    }
  });

  it('leaves the terminal as it was when nothing is typed, and wants a text to announce', async (t) => {
    if (!has(t, 'tmux')) return;
    const { url, cwd } = await setUp(t);
    const words = (...args: readonly string[]) => shellWords([...cli, 'admin', ...args, '--url', url]);
    const command = `cd ${shellWords([cwd])}; ${words('rooms')}; echo "first $?"; ${words('announce', '--all')}`;
    const pane = await Pane.open(t, command);
    await pane.shows(/ADMIN_TOKEN of/);
    await pane.press('C-c');
    await pane.shows(/Nothing was given\.\nfirst 4\n/);
    await pane.shows(/Expected a TEXT, or one in the standard input; got neither\.\nended with 2/);
  });
});
