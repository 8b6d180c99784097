/** How an example treats its secret, others' text and who types, however it follows the room. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { MeddlingProxy } from './meddling-proxy.ts';
import { openServer } from './room-server.ts';
import type { Start } from './terminal-example.ts';
import { lineOf, logOf, visitor } from './transcript.ts';

const follows = /GET .*\/session\/(events|updates)/;

export function describesManners(start: Start): void {
  it('keeps its secret, and gives its position with every request', async (t) => {
    const server = await openServer(t);
    const proxy = await MeddlingProxy.open(t, server.url);
    const seen: string[] = [];
    proxy.look = ({ authorization, cookie }) => {
      const secret = (authorization ?? cookie)?.split(/[ =]/)[1];
      if (secret) seen.push(...processesNaming(secret));
    };
    const typist = await start(t, proxy.url);
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

  it('shows no control or steering character of others as it is [P-5]', async (t) => {
    const server = await openServer(t);
    const proxy = await MeddlingProxy.open(t, server.url);
    // A server that has gone bad: this one would refuse them.
    proxy.rewrite = (text) =>
      text.replaceAll('%CSI%', '\\u001b[2J').replaceAll('%C1%', '\u009b2J').replaceAll('%CR%', '\\r');
    const bob = await visitor(t, server.url, 'Bob');
    const typist = await start(t, proxy.url);
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

  it('says in one line that a name is taken, and ends with 1', async (t) => {
    const server = await openServer(t);
    await visitor(t, server.url, 'ADA');
    const typist = await start(t, server.url);
    if (!typist) return;
    assert.equal(await typist.exited, 1);
    assert.equal(typist.stdout, '');
    assert.match(typist.stderr, /^\S* ?The name Ada is already in use\.\n$/);
  });

  it('says what was refused and goes on', async (t) => {
    const server = await openServer(t, { MAX_MESSAGE_BYTES: '20', SEND_LIMIT: '2/1' });
    const typist = await start(t, server.url);
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

  it('leaves at Ctrl+C', async (t) => {
    const server = await openServer(t);
    const typist = await start(t, server.url);
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
