import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { cli, cliEnvironment } from '../support/cli.ts';
import { CliProcess } from '../support/cli-process.ts';
import { Operator, operated } from '../support/operator.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

async function start(t: TestContext, ...args: Parameters<typeof startServer>) {
  const server = await startServer(...args);
  t.after(() => server.close());
  return server;
}

describe('parlor tail', { concurrency: 3 }, () => {
  it('prints the last events and then what happens, and is nobody in the room', async (t) => {
    const { url } = await start(t);
    const ada = await ApiClient.join(url, 'Ada');
    for (const text of ['one', 'two\nlines', '/me waves']) await ada.send(text);
    const tail = CliProcess.start(t, ['tail', url, '--last', '2']);
    await tail.printed(/waves/);
    await ada.send('hostile \u202e text');
    await tail.printed(/hostile/);
    assert.deepEqual(tail.stdout.replaceAll(/^\d\d:\d\d/gm, 'TIME').split('\n'), [
      'TIME Ada: two',
      '      lines',
      'TIME * Ada waves',
      'TIME Ada: hostile \\u{202e} text',
      '',
    ]);
    assert.deepEqual((await ada.users()).body.users, ['Ada']);
    tail.child.kill('SIGINT');
    assert.equal(await tail.exited, 'SIGINT');
  });

  it('LOG-4: prints announcements and what is redacted, as lines and as JSON', async (t) => {
    const { url } = await start(t, operated);
    const operator = new Operator(url);
    const ada = await ApiClient.join(url, 'Ada');
    const { body: bad } = await ada.send('bad');
    const tails = [['--last', '1'], ['--json']].map((args) => CliProcess.start(t, ['tail', url, ...args]));
    for (const tail of tails) await tail.printed(/bad/);
    const announced = await operator.announce('we close\nat noon');
    await operator.redact(bad.id);
    const late = CliProcess.start(t, ['tail', url]);
    for (const tail of [...tails, late]) await tail.printed(/was removed|"redaction"/);
    const shown = (tail?: CliProcess) => tail?.stdout.replaceAll(/\d\d:\d\d/g, 'TIME').split('\n');
    const announcement = ['TIME — Announcement: we close', '      at noon'];
    const gone = 'TIME — the message of Ada, TIME, was removed';
    assert.deepEqual(shown(tails[0]), ['TIME Ada: bad', ...announcement, gone, '']);
    assert.deepEqual(shown(late), ['TIME — Ada joined', 'TIME Ada: (removed)', ...announcement, gone, '']);
    const events =
      tails[1]?.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)) ?? [];
    assert.deepEqual(
      events.slice(-2).map(({ timestamp, ...event }) => event),
      [
        { id: announced, type: 'announcement', message: 'we close\nat noon' },
        { id: announced + 1, type: 'redaction', target: bad.id },
      ],
    );
  });

  it('goes on by cursor after a break, each event once, and tells what is lost', async (t) => {
    const env = { STORE_URL: `sqlite:${temporaryFolder(t)}/parlor.db`, HISTORY_EVENTS: '3' };
    const first = await startServer(env);
    const ada = await ApiClient.join(first.url, 'Ada');
    const tail = CliProcess.start(t, ['tail', first.url, '--json']);
    await tail.printed(/"id":1,/);
    await first.close();
    // Of this instance nobody hears on the port that the reader knows.
    const unheard = await startServer(env);
    const again = new ApiClient(unheard.url);
    again.token = ada.token;
    for (const text of ['a', 'b', 'c', 'd', 'e']) await again.send(text);
    await unheard.close();
    await start(t, { ...env, PORT: String(first.port) });
    await tail.printed(/"e"/);
    const lines = tail.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ type, lost, message }) => message ?? lost ?? type),
      ['join', 2, 'c', 'd', 'e'],
    );
    assert.deepEqual(lines[1], { type: 'gap', lost: 2 });
  });

  it('ends without a word when its reader has read enough', async (t) => {
    const { url } = await start(t, { SEND_LIMIT: 'off' });
    const ada = await ApiClient.join(url, 'Ada');
    const [program = '', ...args] = cli;
    const child = spawn(program, [...args, 'tail', url], { env: cliEnvironment });
    t.after(() => child.kill('SIGKILL'));
    let complaint = '';
    child.stderr.on('data', (bytes) => {
      complaint += bytes;
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    let code: number | null | undefined;
    child.once('exit', (exitCode) => {
      code = exitCode;
    });
    await waitUntil(async () => {
      await ada.send('anybody?');
      return code !== undefined;
    }, 'it noticed');
    assert.deepEqual([code, complaint], [0, '']);
  });

  it('says in a line that there is no feed, and ends with 4', async (t) => {
    const { url } = await start(t, { FEED: 'off' });
    const { code, stderr } = await CliProcess.start(t, ['tail', `${url}/lobby`]).fed('');
    assert.equal(code, 4);
    assert.match(stderr, /^parlor: The feed cannot be read: .*FEED=off.*\n$/);
  });
});
