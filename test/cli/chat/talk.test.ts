import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { columnsOf } from '../../../src/cli/chat/width.ts';
import { ChatError } from '../../../src/core/errors.ts';
import { ApiClient } from '../../support/api-client.ts';
import { cli } from '../../support/cli.ts';
import { has } from '../../support/needs.ts';
import { Operator, operated } from '../../support/operator.ts';
import { temporaryFolder } from '../../support/sqlite.ts';
import { startServer } from '../../support/test-server.ts';
import { Pane, type PaneOptions, shellWords } from '../../support/tmux.ts';
import { waitUntil } from '../../support/wait-until.ts';

async function start(t: TestContext, ...args: Parameters<typeof startServer>) {
  const server = await startServer(...args);
  t.after(() => server.close());
  return server;
}

/** Somebody at a terminal, already inside. */
async function chat(t: TestContext, url: string, name = 'Ada', options: PaneOptions = {}): Promise<Pane> {
  const pane = await Pane.open(t, shellWords([...cli, 'chat', `${url}/lobby`, '--name', name]), options);
  await pane.shows(new RegExp(`you are in lobby as ${name}`));
  return pane;
}

/** The rows of the line being typed. */
async function typedIn(pane: Pane): Promise<string[]> {
  const rows = await pane.rows();
  return rows.slice(rows.findLastIndex((row) => /^>( |$)/.test(row)));
}

const long =
  'this line is longer than the terminal is wide and 日本語 is in it, so that it must be wrapped 👍 twice over, at least';

describe('the line being typed', { concurrency: 3 }, () => {
  it('stays whole while others talk, also where it wraps, and is sent as it was typed', async (t) => {
    if (!has(t, 'tmux')) return;
    const { url } = await start(t, { SEND_LIMIT: 'off' });
    const pane = await chat(t, url, 'Ada', { columns: 50, rows: 12 });
    const bob = await ApiClient.join(url, 'Bob');
    for (let at = 0; at < long.length; at += 10) {
      await pane.type(long.slice(at, at + 10));
      await bob.send(`meanwhile ${at} ${'and on '.repeat(at % 30)}`);
    }
    await pane.shows(new RegExp(`meanwhile ${Math.floor((long.length - 1) / 10) * 10} `));
    await pane.shows(/at least$/);
    const typed = await typedIn(pane);
    assert.equal(typed.length, 3);
    assert.equal(
      typed
        .map((row) => row.slice(2))
        .join('')
        .replaceAll(' ', ''),
      long.replaceAll(' ', ''),
    );
    const before = (await pane.rows()).slice(0, -typed.length);
    const said = before.filter((row) => row.includes('Bob: meanwhile'));
    assert.equal(said.length, Math.ceil(long.length / 10), 'each message once');
    assert(!before.some((row) => row.includes('this line')), 'nothing of it was left behind');
    await pane.press('Enter');
    await pane.shows(/Ada: this line/);
    const { body } = await bob.updates({ after: '0' });
    assert.equal(body.events.at(-1)?.message, long);
    assert.deepEqual(await typedIn(pane), ['>']);
  });

  it('is drawn anew when the terminal becomes narrower or wider', async (t) => {
    if (!has(t, 'tmux')) return;
    const { url } = await start(t, { SEND_LIMIT: 'off' });
    const pane = await chat(t, url, 'Ada', { columns: 70 });
    const bob = await ApiClient.join(url, 'Bob');
    // A full screen, as it soon is. Of one that is not, tmux puts rows out of reach when it becomes narrower.
    for (let count = 1; count <= 24; count++) await bob.send(`message ${count}`);
    await pane.shows(/message 24/);
    await pane.type(long);
    await pane.shows(/at least/);
    for (const columns of [30, 90, 45]) {
      await pane.resize(columns);
      let typed: string[] = [];
      await waitUntil(async () => {
        typed = await typedIn(pane);
        const text = typed.map((row) => row.slice(2)).join('');
        const isWhole = text.replaceAll(' ', '') === long.replaceAll(' ', '');
        return isWhole && typed.every((row) => columnsOf(row) < columns) && typed.length < 150 / columns + 2;
      }, `it fits ${columns} columns`).catch((error) => {
        throw new Error(`${error.message}\n${typed.join('\n')}`);
      });
      await bob.send(`at ${columns}`);
      await pane.shows(new RegExp(`Bob: at ${columns}`));
    }
    const all = (await pane.rows()).join('\n');
    assert.equal(all.split('this line').length, 2, `it stands there once:\n${all}`);
    for (const text of ['message 24', 'at 30', 'at 90', 'at 45'])
      assert.match(all, new RegExp(`Bob: ${text}\n`));
  });

  it('has names by Tab, what was sent by Up, and a caret that moves', async (t) => {
    if (!has(t, 'tmux')) return;
    const { url } = await start(t);
    await ApiClient.join(url, 'Bella');
    const bob = await ApiClient.join(url, 'Bob');
    const pane = await chat(t, url);
    await bob.send('it is me');
    await pane.shows(/it is me/);
    await pane.type('b');
    await pane.press('Tab');
    await pane.shows(/^> Bob: *$/m);
    await pane.press('Tab');
    await pane.shows(/^> Bella: *$/m);
    await pane.press('BTab');
    await pane.type('hello');
    await pane.press('Enter');
    await pane.shows(/Ada: Bob: hello/);
    await pane.type('draft');
    await pane.press('Up');
    await pane.shows(/^> Bob: hello$/m);
    await pane.press('Down');
    await pane.shows(/^> draft$/m);
    await pane.press('Home');
    await pane.type('日 ');
    await pane.press('Right', 'BSpace');
    await pane.shows(/^> 日 raft$/m);
  });

  it('takes a paste as one text, and sends it as one message', async (t) => {
    if (!has(t, 'tmux')) return;
    const { url } = await start(t);
    const pane = await chat(t, url);
    await pane.paste('one\ntwo\tx\nthree');
    await pane.shows(/^> one\n {2}two {4}x\n {2}three$/m);
    await pane.press('Enter');
    await pane.shows(/Ada: one\n {6}two {4}x\n {6}three\n>/);
    const bob = await ApiClient.join(url, 'Bob');
    const { body } = await bob.updates({ after: '0' });
    assert.deepEqual(body.events.map(({ message }) => message).filter(Boolean), ['one\ntwo\tx\nthree']);
  });

  it('keeps what cannot be sent, and says why', async (t) => {
    if (!has(t, 'tmux')) return;
    const { url } = await start(t, { MAX_MESSAGE_BYTES: '10' });
    const pane = await chat(t, url);
    for (const [text, why] of [
      ['much too long', 'A message has at most 10 bytes of UTF-8; this one has 13.'],
      ['/nick Bob', 'there is no command /nick; /help lists them, //nick says it'],
    ] as const) {
      await pane.type(text);
      await pane.press('Enter');
      await pane.shows(new RegExp(`— ${why}\n> ${text}$`));
      await pane.press('C-u');
    }
    await pane.type('/who');
    await pane.press('Enter');
    await pane.shows(/— 1 here: Ada \(you\)\n>$/);
  });
});

describe('what is said', { concurrency: 3 }, () => {
  it('begins with the last messages, and is plain with NO_COLOR', async (t) => {
    if (!has(t, 'tmux')) return;
    const { url } = await start(t, { SEND_LIMIT: 'off' });
    const bob = await ApiClient.join(url, 'Bob');
    for (let count = 1; count <= 25; count++) await bob.send(`message ${count}.`);
    const [plain, coloured] = [
      await chat(t, url, 'Ada', { rows: 40, env: { NO_COLOR: '1' } }),
      await chat(t, url, 'Eve', { rows: 40 }),
    ];
    const rows = await plain.rows();
    assert.match(rows[0] ?? '', /^\d\d:\d\d Bob: message 6\.$/);
    assert.match(rows[19] ?? '', /message 25\.$/);
    assert.match(rows[20] ?? '', /^— you are in lobby as Ada, with Bob; \/help/);
    const colour = /\u001b\[(?:\d+;)*(?:3[0-7]|38;5;\d+)m/;
    assert.doesNotMatch((await plain.rows('-e')).join('\n'), colour);
    assert.match((await coloured.rows('-e')).join('\n'), colour);
  });

  it('does nothing to the terminal, and calls whom it names [P-5]', async (t) => {
    if (!has(t, 'tmux')) return;
    const { url } = await start(t);
    const pane = await chat(t, url);
    const record = join(temporaryFolder(t), 'record');
    await pane.record(record);
    const bob = await ApiClient.join(url, 'Bob');
    await bob.send('nobody: \u202egnp.exe \u2028 and \u{e0041} zero\u200b');
    await pane.shows(/Bob: nobody: \\u\{202e\}gnp\.exe \\u\{2028\} and \\u\{e0041\} zero\\u\{200b\}\n/);
    await waitUntil(() => readFileSync(record, 'utf8').includes('zero'), 'it was recorded');
    assert.doesNotMatch(readFileSync(record, 'utf8'), /\u0007/);
    await bob.send('hello ada!');
    await pane.shows(/hello ada/);
    await waitUntil(() => readFileSync(record, 'utf8').includes('hello'), 'it was recorded');
    assert.match(readFileSync(record, 'utf8'), /\u0007[\s\S]*\u001b\[1mhello ada!\u001b\[0m/);
  });

  it('LOG-4: tells whose message of when was redacted, and has one’s own by Up no more', async (t) => {
    if (!has(t, 'tmux')) return;
    const { url } = await start(t, operated);
    const operator = new Operator(url);
    const bob = await ApiClient.join(url, 'Bob');
    const { body: before } = await bob.send('before she came');
    await operator.redact(before.id);
    const pane = await chat(t, url);
    await pane.shows(/^\d\d:\d\d Bob: \(removed\)$/m);
    const announced = await operator.announce('we close at noon');
    await pane.shows(/^\d\d:\d\d — Announcement: we close at noon$/m);
    for (const text of ['a good one', 'a bad one']) {
      await pane.type(text);
      await pane.press('Enter');
      await pane.shows(new RegExp(`Ada: ${text}\n`));
    }
    const own = (await bob.history('?limit=1')).body.events[0];
    assert.equal(own?.message, 'a bad one');
    await operator.redact(own.id);
    await operator.redact(announced);
    await pane.shows(/^\d\d:\d\d — the message of Ada, \d\d:\d\d, was removed$/m);
    await pane.shows(/^\d\d:\d\d — the announcement of \d\d:\d\d was removed$/m);
    await pane.press('Up');
    await pane.shows(/^> a good one$/m);
  });

  it('goes on after the server was away, with what was typed meanwhile', async (t) => {
    if (!has(t, 'tmux')) return;
    const first = await startServer();
    const pane = await chat(t, first.url);
    await first.close();
    await pane.shows(/— connection lost, trying again in \d+ s; what you send meanwhile is kept\n>$/);
    await pane.type('meanwhile');
    await pane.press('Enter');
    await pane.type('half a li');
    await start(t, { PORT: String(first.port) });
    await pane.shows(/— back\n[\s\S]*Ada: meanwhile\n> half a li$/);
    await pane.shows(/— the room began anew; what was said before is lost\n/);
  });
});

describe('leaving', { concurrency: 3 }, () => {
  for (const [how, leave] of [
    ['Ctrl+C', (pane: Pane) => pane.press('C-c')],
    ['Ctrl+D on an empty line', (pane: Pane) => pane.press('C-d')],
    ['/leave', (pane: Pane) => pane.type('/leave').then(() => pane.press('Enter'))],
  ] as const) {
    it(`by ${how} ends with 0, and the name is free`, async (t) => {
      if (!has(t, 'tmux')) return;
      const { url } = await start(t);
      const pane = await chat(t, url);
      const bob = await ApiClient.join(url, 'Bob');
      await leave(pane);
      await pane.shows(/\nended with 0$/);
      assert.deepEqual((await bob.users()).body.users, ['Bob']);
      await pane.type('the terminal echoes again');
      await pane.shows(/\nended with 0\nthe terminal echoes again$/);
    });
  }

  it('does not wait for a server that is gone if it is asked for twice', async (t) => {
    if (!has(t, 'tmux')) return;
    const server = await startServer();
    const pane = await chat(t, server.url);
    await server.close();
    await pane.shows(/connection lost/);
    await pane.type('lost words');
    await pane.press('Enter');
    await pane.press('C-c', 'C-c');
    await pane.shows(/\nended with 0$/);
  });

  it('is told with the reason when the server shows one out, and ends with 5', async (t) => {
    if (!has(t, 'tmux')) return;
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
    const pane = await chat(t, url);
    await pane.type('half');
    await pane.shows(/^> half$/m);
    shows();
    await pane.shows(/\nparlor: You were removed from the room\. “Not so loud!”\nended with 5$/);
  });

  it('for a while by Ctrl+Z leaves the shell its terminal, and fg comes back to the line', async (t) => {
    if (!has(t, 'tmux') || !has(t, 'bash')) return;
    const { url } = await start(t);
    const pane = await Pane.open(t, 'bash --norc --noprofile', { env: { PS1: '$_ ' } });
    await pane.type(shellWords([...cli, 'chat', url, '--name', 'Ada']));
    await pane.press('Enter');
    await pane.shows(/you are in lobby/);
    await pane.type('half');
    await pane.shows(/^> half$/m);
    await pane.press('C-z');
    await pane.shows(/Stopped/);
    await pane.type('echo shell works');
    await pane.press('Enter');
    await pane.shows(/^shell works$/m);
    await pane.type('fg');
    await pane.press('Enter');
    await pane.shows(/\n> half$/);
    await pane.type(' and half');
    await pane.press('Enter');
    await pane.shows(/Ada: half and half/);
  });
});

describe('going in', () => {
  it('asks for another name where one is in use, and for a password without showing it', async (t) => {
    if (!has(t, 'tmux')) return;
    const { url } = await start(
      t,
      {},
      {
        authenticator: {
          authenticate: async ({ name = '', password }) => {
            if (name.startsWith('N')) throw new ChatError('invalid-name', 'That is nobody.');
            if (password === undefined) throw new ChatError('credentials-required', 'A password is needed.');
            if (password !== 'secret') throw new ChatError('permission-denied', 'The password is wrong.');
            return { name, user: null };
          },
        },
      },
    );
    await new ApiClient(url).create({ name: 'Ada', password: 'secret' });
    const pane = await Pane.open(t, shellWords([...cli, 'chat', url, '--name', 'Nil']));
    // Whoever asked for the name hears nothing of what is typed later.
    for (const name of ['None', 'Ada']) {
      await pane.shows(/Another name: ?$/);
      await pane.type(name);
      await pane.shows(new RegExp(`: ${name}$`));
      await pane.press('Enter');
    }
    await pane.shows(/^Password of Ada: ?$/m);
    await pane.type('wrong');
    await pane.press('Enter');
    await pane.shows(/^The password is wrong\. Password of Ada: ?$/m);
    await pane.type('secret');
    await pane.press('Enter');
    await pane.shows(/already in use.* Another name: ?$/m);
    await pane.type('Eve');
    await pane.press('Enter');
    await pane.shows(/you are in lobby as Eve, with Ada/);
    assert.doesNotMatch((await pane.rows()).join('\n'), /secret|: wrong/);
    await pane.type('hi');
    await pane.press('Enter');
    await pane.shows(/Eve: hi/);
  });
});
