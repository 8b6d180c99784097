/** How an example treats its secret, others' text and who types, however it follows the room. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { temporaryFolder } from '../../support/sqlite.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { MeddlingProxy } from './meddling-proxy.ts';
import { openServer } from './room-server.ts';
import type { Start } from './terminal-example.ts';
import { expired, lineOf, logOf, visitor } from './transcript.ts';
import { patienceMs } from './typist.ts';

const follows = /GET .*\/session\/(events|updates)/;
const speaks = /POST .*\/session\/messages/;

export function describesManners(start: Start): void {
  it('keeps its secret, and gives its position with every request', async (t) => {
    const server = await openServer(t);
    const proxy = await MeddlingProxy.open(t, server.url);
    const seen: string[] = [];
    proxy.look = ({ authorization, cookie, 'idempotency-key': key }) => {
      // Who has the key of a create has its session, too.
      const secret = (authorization ?? cookie)?.split(/[ =]/)[1] ?? key;
      if (typeof secret === 'string') seen.push(...processesNaming(secret));
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

  it('runs nothing that an answer says', async (t) => {
    const server = await openServer(t, { SESSION_TIMEOUT: '3', REAPER_INTERVAL: '0.1' });
    const proxy = await MeddlingProxy.open(t, server.url);
    const folder = temporaryFolder(t);
    const command = `$(touch\${IFS}${join(folder, 'ran')})`;
    // In a shell, the subscript of an array is calculated, and what is calculated may hold commands.
    const said = { action: `-v a[${command}] -o x`, code: `a[${command}]`, detail: command };
    const asks = (status: number) => proxy.answer(speaks, status, 'application/json', JSON.stringify(said));
    const typist = await start(t, proxy.url);
    if (!typist) return;
    await typist.sees('* Ada has joined.');
    asks(403);
    typist.type('refused');
    await typist.isTold(/Not said: \$\(touch/);
    asks(401);
    typist.type('said in the end');
    await waitUntil(() => proxy.unmet === 0, 'that was answered', patienceMs);
    proxy.bar(follows);
    await expired(server.url, 'Ada');
    proxy.barred = undefined;
    // It has made of that answer what it makes of it.
    await typist.sees('<Ada> said in the end');
    typist.signal('SIGINT');
    await typist.exited;
    assert.deepEqual(readdirSync(folder), []);
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
