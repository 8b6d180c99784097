/** What every example for the terminal must do, with a real server, whatever language it is written in. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it, type TestContext } from 'node:test';
import { LastingServer } from '../../fault/support/lasting-server.ts';
import { ApiClient } from '../../support/api-client.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { MeddlingProxy } from './meddling-proxy.ts';
import { lineOf, logOf, rosterOf, transcript, visitor } from './transcript.ts';
import { patienceMs, Typist } from './typist.ts';

export interface TerminalExample {
  /** The command that a user types before the arguments; undefined if the test is skipped. */
  readonly command: (t: TestContext) => Promise<readonly string[] | undefined>;
  readonly isPull: boolean;
}

const follows = /GET .*\/session\/(events|updates)/;
const speaks = /POST .*\/session\/messages/;

export function describesTerminalExample({ command, isPull }: TerminalExample): void {
  const delivery = isPull ? 'pull' : 'push';

  /** Ada, who types; through the proxy she can be meddled with. */
  async function ada(t: TestContext, url: string, ...more: string[]): Promise<Typist | undefined> {
    const typed = await command(t);
    if (typed === undefined) return undefined;
    return Typist.start(t, [
      ...typed,
      `${url}/lobby`,
      '--name',
      'Ada',
      ...(isPull ? ['--pull'] : []),
      ...more,
    ]);
  }

  it(`talks both ways by ${delivery}, and leaves when all that was piped in is said`, async (t) => {
    const server = await LastingServer.open(t);
    await server.start();
    const bob = await visitor(t, server.url, 'Bob');
    const typist = await ada(t, server.url);
    if (!typist) return;
    await typist.sees('* Ada has joined.');
    await typist.isTold(/You are Ada\. Here: .*Bob/);
    typist.type('Grüße, 世界 🎉 & <b>"quoted"</b> \\n $HOME `id` %s');
    await typist.sees('<Ada> Grüße, 世界 🎉 & <b>"quoted"</b> \\n $HOME `id` %s');
    // JSON that looks like what it is not, and a line that looks like another's.
    await bob.send('"name":"Eve","message":"x"},{"id":7,"type":"leave"} \\ \\u0041 é\ttab');
    await bob.send('two lines\n<Ada> forged');
    await bob.send('back\\');
    await typist.sees('<Bob> back\\');
    typist.type('@/etc/passwd');
    typist.type('one');
    typist.type('last');
    typist.endInput();
    assert.equal(await typist.exited, 0, typist.stderr);
    assert.deepEqual(typist.lines, await transcript(server.url, 'Ada'));
    assert.deepEqual(
      (await logOf(server.url))
        .filter(({ name }) => name === 'Ada')
        .map(({ type, message }) => message ?? type),
      ['join', 'Grüße, 世界 🎉 & <b>"quoted"</b> \\n $HOME `id` %s', '@/etc/passwd', 'one', 'last', 'leave'],
    );
  });

  it(`by ${delivery} neither loses nor doubles when the server is killed, and says what was typed meanwhile`, async (t) => {
    const server = await LastingServer.open(t);
    await server.start();
    const typist = await ada(t, server.url);
    if (!typist) return;
    await typist.sees('* Ada has joined.');
    const bob = await visitor(t, server.url, 'Bob');
    for (let turn = 1; turn <= 2; turn++) {
      typist.type(`Ada ${turn}`);
      await typist.sees(`<Ada> Ada ${turn}`);
      await bob.send(`Bob ${turn}`);
      await server.kill();
      typist.type(`Ada ${turn}, while it was away`);
      await typist.isTold(/Trying again/);
      await server.start();
      await bob.send(`Bob ${turn}, before anybody is back`);
      await typist.sees(`<Ada> Ada ${turn}, while it was away`);
      await typist.sees(`<Bob> Bob ${turn}, before anybody is back`);
    }
    typist.endInput();
    assert.equal(await typist.exited, 0, typist.stderr);
    assert.deepEqual(typist.lines, await transcript(server.url, 'Ada'));
    // Nobody left in between.
    assert.equal(typist.lines.filter((line) => line.startsWith('*')).length, 2);
  });

  it(`by ${delivery} says each message once, though answers are lost and refused`, async (t) => {
    const server = await LastingServer.open(t);
    await server.start();
    const proxy = await MeddlingProxy.open(t, server.url);
    proxy.loseAnswer(/POST .*\/session$/);
    proxy.refuse(/POST .*\/session$/, 502);
    proxy.loseAnswer(follows);
    proxy.refuse(follows, 502);
    proxy.refuse(speaks, 503);
    proxy.loseAnswer(speaks);
    const typist = await ada(t, proxy.url);
    if (!typist) return;
    typist.type('said once');
    await typist.sees('<Ada> said once');
    proxy.loseAnswer(/DELETE .*\/session$/);
    typist.endInput();
    assert.equal(await typist.exited, 0, typist.stderr);
    assert.equal(proxy.unmet, 0);
    assert.deepEqual((await logOf(server.url)).map(lineOf), [
      '* Ada has joined.',
      '<Ada> said once',
      '* Ada has left.',
    ]);
    assert.deepEqual(typist.lines, await transcript(server.url, 'Ada'));
  });

  it(`by ${delivery} keeps its secret, and gives its position with every request`, async (t) => {
    const server = await LastingServer.open(t);
    await server.start();
    const proxy = await MeddlingProxy.open(t, server.url);
    const seen: string[] = [];
    proxy.look = ({ authorization, cookie }) => {
      const secret = (authorization ?? cookie)?.split(/[ =]/)[1];
      if (secret) seen.push(...processesNaming(secret));
    };
    const typist = await ada(t, proxy.url);
    if (!typist) return;
    typist.type('psst');
    await typist.sees('<Ada> psst');
    typist.signal('SIGINT');
    await typist.exited;
    const asked = proxy.requests.filter(({ what }) => follows.test(what));
    assert.ok(asked.length > 0);
    for (const { what } of asked) assert.match(what, /[?&]after=[A-Za-z0-9]+-\d+/);
    const withSecret = proxy.requests.filter(({ headers }) => headers.authorization ?? headers.cookie);
    assert.ok(withSecret.length >= 3);
    assert.deepEqual(seen, []);
    for (const { headers } of withSecret) {
      const secret = (headers.authorization ?? headers.cookie)?.split(/[ =]/)[1] ?? '';
      assert.ok(secret.length > 20);
      assert.ok(!proxy.requests.some(({ what }) => what.includes(secret)));
    }
  });

  it(`by ${delivery} shows no control or steering character of others as it is [P-5]`, async (t) => {
    const server = await LastingServer.open(t);
    await server.start();
    const proxy = await MeddlingProxy.open(t, server.url);
    // A server that has gone bad: this one would refuse them.
    proxy.rewrite = (text) =>
      text.replaceAll('%CSI%', '\\u001b[2J').replaceAll('%C1%', '\u009b2J').replaceAll('%CR%', '\\r');
    const bob = await visitor(t, server.url, 'Bob');
    const typist = await ada(t, proxy.url);
    if (!typist) return;
    await typist.sees('* Ada has joined.');
    await bob.send('a%CSI%b%C1%c%CR%d\u202ee\u2066f');
    await bob.send('end');
    await typist.sees('<Bob> end');
    const shown = typist.lines.at(-2) ?? '';
    assert.match(shown, /^<Bob> a\S+\[2Jb\S+2Jc\S+d\S+e\S+f$/);
    assert.doesNotMatch(typist.stdout, /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    typist.signal('SIGINT');
    await typist.exited;
  });

  it(`by ${delivery} says in one line that a name is taken, and ends with 1`, async (t) => {
    const server = await LastingServer.open(t);
    await server.start();
    await visitor(t, server.url, 'ADA');
    const typist = await ada(t, server.url);
    if (!typist) return;
    assert.equal(await typist.exited, 1);
    assert.equal(typist.stdout, '');
    assert.match(typist.stderr, /^\S* ?The name Ada is already in use\.\n$/);
  });

  it(`by ${delivery} says what was refused and goes on`, async (t) => {
    const server = await LastingServer.open(t, { MAX_MESSAGE_BYTES: '20', SEND_LIMIT: '2/1' });
    await server.start();
    const typist = await ada(t, server.url);
    if (!typist) return;
    typist.type('this is much longer than twenty bytes');
    for (const text of ['1', '2', '3', '4']) typist.type(text);
    await typist.isTold(/at most 20 bytes/);
    await typist.sees('<Ada> 4');
    typist.endInput();
    assert.equal(await typist.exited, 0);
    assert.deepEqual(
      typist.lines.filter((line) => line.startsWith('<')),
      ['<Ada> 1', '<Ada> 2', '<Ada> 3', '<Ada> 4'],
    );
  });

  it(`by ${delivery} goes on under a new session when the old one has expired, and says nothing twice`, async (t) => {
    const server = await LastingServer.open(t, { SESSION_TIMEOUT: '3', REAPER_INTERVAL: '0.1' });
    await server.start();
    const proxy = await MeddlingProxy.open(t, server.url);
    const typist = await ada(t, proxy.url);
    if (!typist) return;
    await typist.sees('* Ada has joined.');
    // Said and not acknowledged, so that nobody but the log can tell.
    proxy.loseAnswer(speaks);
    proxy.barred = speaks;
    typist.type('in doubt');
    typist.type('not said yet');
    const says = async (text: string) => (await logOf(server.url)).some(({ message }) => message === text);
    await waitUntil(() => says('in doubt'), 'it is said', patienceMs);
    typist.signal('SIGSTOP');
    const bob = await visitor(t, server.url, 'Bob');
    await bob.send('while she hears nothing');
    await waitUntil(
      async () => {
        await bob.ping();
        return !(await rosterOf(server.url)).has('Ada');
      },
      'she has expired',
      patienceMs,
    );
    await bob.send('after she was taken for gone');
    proxy.barred = undefined;
    typist.signal('SIGCONT');
    await typist.sees('<Ada> not said yet');
    typist.endInput();
    assert.equal(await typist.exited, 0, typist.stderr);
    const expected = await transcript(server.url, 'Ada');
    assert.deepEqual(typist.lines, expected);
    assert.equal(expected.filter((line) => line === '<Ada> in doubt').length, 1);
    assert.equal(expected.filter((line) => line === '* Ada has joined.').length, 2);
  });

  it(`by ${delivery} says why and ends with 1 when the server says stop`, async (t) => {
    const server = await LastingServer.open(t);
    await server.start();
    const proxy = await MeddlingProxy.open(t, server.url);
    const typist = await ada(t, proxy.url);
    if (!typist) return;
    await typist.sees('* Ada has joined.');
    const { authorization, cookie } = proxy.requests.at(-1)?.headers ?? {};
    const elsewhere = new ApiClient(server.url);
    elsewhere.token = authorization?.replace('Bearer ', '');
    elsewhere.cookie = cookie;
    assert.equal((await elsewhere.destroy()).status, 204);
    assert.equal(await typist.exited, 1);
    assert.match(typist.stderr, /You are out of the room/);
    assert.equal(proxy.count(/POST .*\/session$/), 1);
  });

  it(`by ${delivery} tells a gap, and what may lie in it, when a server that keeps nothing was started again`, async (t) => {
    const server = await LastingServer.open(t, { STORE_URL: 'memory:' });
    await server.start();
    const typist = await ada(t, server.url);
    if (!typist) return;
    typist.type('before');
    await typist.sees('<Ada> before');
    const acknowledged = typist.stderr;
    await server.kill();
    typist.type('in between');
    await waitUntil(() => typist.stderr !== acknowledged, 'she notices', patienceMs);
    await server.start();
    const bob = await visitor(t, server.url, 'Bob');
    await typist.sees('* Some events are lost.');
    // Whether it was said before the old log was lost, nobody can know: that is told, and not said again.
    await typist.isTold(/Maybe this was said, maybe not: in between/);
    await waitUntil(async () => (await rosterOf(server.url)).has('Ada'), 'Ada is back', patienceMs);
    typist.type('after');
    await bob.send('Bob, too');
    await typist.sees('<Ada> after');
    await typist.sees('<Bob> Bob, too');
    const told = typist.lines.slice(typist.lines.indexOf('* Some events are lost.') + 1);
    assert.deepEqual(told, (await logOf(server.url)).map(lineOf));
  });

  it(`by ${delivery} tells how many events are lost where the log keeps few`, async (t) => {
    const server = await LastingServer.open(t, { HISTORY_EVENTS: '5' });
    await server.start();
    const typist = await ada(t, server.url);
    if (!typist) return;
    await typist.sees('* Ada has joined.');
    const bob = await visitor(t, server.url, 'Bob');
    typist.type('seen');
    await typist.sees('<Ada> seen');
    await server.kill();
    typist.signal('SIGSTOP');
    await server.start();
    for (let count = 1; count <= 20; count++) await bob.send(`Bob ${count}`);
    typist.signal('SIGCONT');
    await typist.sees('<Bob> Bob 20');
    const kept = await logOf(server.url);
    const lost = (kept[0]?.id ?? 0) - 1 - 3;
    assert.ok(lost > 0);
    assert.deepEqual(typist.lines, [
      '* Ada has joined.',
      '* Bob has joined.',
      '<Ada> seen',
      `* ${lost} events are lost.`,
      ...kept.map(lineOf),
    ]);
    // Her own join is among them, and she is still inside.
    typist.type('again');
    await typist.sees('<Ada> again');
  });

  if (!isPull) {
    it('takes a stream on which nothing comes for dead', async (t) => {
      const server = await LastingServer.open(t, { HEARTBEAT: '1' });
      await server.start();
      const proxy = await MeddlingProxy.open(t, server.url);
      const typist = await ada(t, proxy.url);
      if (!typist) return;
      await typist.sees('* Ada has joined.');
      const bob = await visitor(t, server.url, 'Bob');
      await typist.sees('* Bob has joined.');
      proxy.mute(follows);
      await bob.send('nobody hears me');
      await typist.sees('<Bob> nobody hears me');
      assert.ok(proxy.count(follows) > 1);
      typist.endInput();
      assert.equal(await typist.exited, 0);
      assert.deepEqual(typist.lines, await transcript(server.url, 'Ada'));
    });

    it('stays where every stream must be kept alive by pings', async (t) => {
      const server = await LastingServer.open(t, {
        LIVENESS: 'ping',
        SESSION_TIMEOUT: '4',
        REAPER_INTERVAL: '0.1',
      });
      await server.start();
      const proxy = await MeddlingProxy.open(t, server.url);
      const typist = await ada(t, proxy.url);
      if (!typist) return;
      await typist.sees('* Ada has joined.');
      await waitUntil(() => proxy.count(/POST .*\/ping$/) >= 5, 'five pings', patienceMs);
      typist.endInput();
      assert.equal(await typist.exited, 0);
      assert.deepEqual(typist.lines, ['* Ada has joined.']);
    });
  }

  it(`leaves by ${delivery} at Ctrl+C`, async (t) => {
    const server = await LastingServer.open(t);
    await server.start();
    const typist = await ada(t, server.url);
    if (!typist) return;
    await typist.sees('* Ada has joined.');
    typist.signal('SIGINT');
    await typist.exited;
    assert.deepEqual((await logOf(server.url)).map(lineOf), ['* Ada has joined.', '* Ada has left.']);
  });
}

/** The processes in whose arguments a secret stands. */
function processesNaming(secret: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return line.includes(secret) ? [line.replaceAll('\0', ' ')] : [];
    } catch {
      // It has ended.
      return [];
    }
  });
}
