/** How an example follows the room and speaks in it, whatever happens on the way. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LastingServer } from '../../fault/support/lasting-server.ts';
import { ApiClient } from '../../support/api-client.ts';
import { Operator, operated } from '../../support/operator.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { MeddlingProxy } from './meddling-proxy.ts';
import { openServer, patient } from './room-server.ts';
import type { Start } from './terminal-example.ts';
import { expired, isSaid, lineOf, logOf, transcript, visitor } from './transcript.ts';
import { patienceMs } from './typist.ts';

const follows = /GET .*\/session\/(events|updates)/;
const speaks = /POST .*\/session\/messages/;

export function describesFollowing(start: Start, delivery: 'push' | 'pull'): void {
  it(`talks both ways by ${delivery}, and leaves when all that was piped in is said`, async (t) => {
    const server = await openServer(t);
    const bob = await visitor(t, server.url, 'Bob');
    const typist = await start(t, server.url);
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
    const server = await LastingServer.fromSource(t, patient);
    await server.start();
    const typist = await start(t, server.url);
    if (!typist) return;
    await typist.sees('* Ada has joined.');
    const bob = await visitor(t, server.url, 'Bob');
    typist.type('before');
    await typist.sees('<Ada> before');
    await bob.send('Bob, too');
    await server.kill();
    typist.type('while it was away');
    await typist.isTold(/Trying again/);
    await server.start();
    await bob.send('before anybody is back');
    await typist.sees('<Ada> while it was away');
    await typist.sees('<Bob> before anybody is back');
    typist.endInput();
    assert.equal(await typist.exited, 0, typist.stderr);
    assert.deepEqual(typist.lines, await transcript(server.url, 'Ada'));
    // Nobody left in between.
    assert.equal(typist.lines.filter((line) => line.startsWith('*')).length, 2);
  });

  it(`by ${delivery} goes on after answers that nobody can read`, async (t) => {
    const server = await openServer(t);
    const proxy = await MeddlingProxy.open(t, server.url);
    const isPull = delivery === 'pull';
    const json = 'application/json';
    proxy.cutHead(/POST .*\/session$/);
    proxy.answer(/POST .*\/session$/, 200, 'text/html', '<h1>Sign in</h1>');
    proxy.answer(speaks, 200, 'text/html', '<h1>Sign in</h1>');
    proxy.answer(speaks, 503, json, '{"detail":{"a":7},"code":[],"action":7}');
    for (const text of ['{"id":{}}', '['.repeat(20_000) + ']'.repeat(20_000)]) {
      if (isPull) proxy.answer(follows, 200, json, text);
      else proxy.answer(follows, 200, 'text/event-stream', `retry: 0\ndata: ${text}\n\n`);
    }
    const typist = await start(t, proxy.url);
    if (!typist) return;
    typist.type('said once');
    await typist.sees('<Ada> said once');
    assert.equal(proxy.unmet, 0);
    typist.endInput();
    assert.equal(await typist.exited, 0, typist.stderr);
    assert.deepEqual(typist.lines, await transcript(server.url, 'Ada'));
  });

  it(`by ${delivery} says each message once, though answers are lost and refused`, async (t) => {
    const server = await openServer(t);
    const proxy = await MeddlingProxy.open(t, server.url);
    proxy.loseAnswer(/POST .*\/session$/);
    proxy.refuse(/POST .*\/session$/, 502);
    proxy.loseAnswer(follows);
    proxy.refuse(follows, 502);
    proxy.refuse(speaks, 503);
    proxy.loseAnswer(speaks);
    const typist = await start(t, proxy.url);
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

  it(`by ${delivery} goes on under a new session when the old one has expired, and says nothing twice`, async (t) => {
    const server = await openServer(t, { SESSION_TIMEOUT: '3', REAPER_INTERVAL: '0.1' });
    const proxy = await MeddlingProxy.open(t, server.url);
    const typist = await start(t, proxy.url);
    if (!typist) return;
    await typist.sees('* Ada has joined.');
    // Said and not acknowledged, so that nobody but the log can tell.
    proxy.loseAnswer(speaks);
    proxy.barred = speaks;
    typist.type('in doubt');
    typist.type('not said yet');
    await isSaid(server.url, 'in doubt');
    typist.signal('SIGSTOP');
    const bob = await visitor(t, server.url, 'Bob');
    await bob.send('while she hears nothing');
    await expired(server.url, 'Ada', bob);
    await bob.send('after she was taken for gone');
    // Else he would expire at some time or other.
    await bob.destroy();
    proxy.barred = undefined;
    typist.signal('SIGCONT');
    await typist.sees('<Ada> not said yet');
    typist.endInput();
    assert.equal(await typist.exited, 0, typist.stderr);
    const expected = await transcript(server.url, 'Ada');
    assert.deepEqual(typist.lines, expected);
    assert.equal(expected.filter((line) => line === '<Ada> in doubt').length, 1);
    // On a slow machine she may have expired more than once.
    assert.ok(expected.filter((line) => line === '* Ada has joined.').length >= 2);
  });

  it(`by ${delivery} says why and ends with 1 when the server says stop`, async (t) => {
    const server = await openServer(t);
    const proxy = await MeddlingProxy.open(t, server.url);
    const typist = await start(t, proxy.url);
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
    const first = await openServer(t);
    const proxy = await MeddlingProxy.open(t, first.url);
    const typist = await start(t, proxy.url);
    if (!typist) return;
    typist.type('before');
    await typist.sees('<Ada> before');
    await first.close();
    // Whatever becomes of it, its answer is lost.
    proxy.loseAnswer(speaks);
    typist.type('in between');
    await waitUntil(() => proxy.unmet === 0, 'she has tried to say it', patienceMs);
    const server = await openServer(t);
    proxy.target = server.url;
    const bob = await visitor(t, server.url, 'Bob');
    await typist.sees('* Some events are lost.');
    // Whether it was said before the old log was lost, nobody can know: that is told, and not said again.
    await typist.isTold(/Maybe this was said, maybe not: in between/);
    typist.type('after');
    await bob.send('Bob, too');
    await typist.sees('<Ada> after');
    await typist.sees('<Bob> Bob, too');
    const told = typist.lines.slice(typist.lines.indexOf('* Some events are lost.') + 1);
    assert.deepEqual(told, (await logOf(server.url)).map(lineOf));
  });

  it(`LOG-4: by ${delivery} shows what is announced, and tells what was redacted`, async (t) => {
    const server = await openServer(t, operated);
    const operator = new Operator(server.url);
    const proxy = await MeddlingProxy.open(t, server.url);
    const bob = await visitor(t, server.url, 'Bob');
    const typist = await start(t, proxy.url);
    if (!typist) return;
    await typist.sees('* Ada has joined.');
    // JSON that looks like what it is not.
    const { body: bad } = await bob.send('bad,"redacted":true');
    const announced = await operator.announce('we close\nat noon');
    await typist.sees('  at noon');
    proxy.bar(follows);
    const { body: worse } = await bob.send('worse');
    for (const id of [bad.id, announced, worse.id]) await operator.redact(id);
    await bob.send('good');
    proxy.barred = undefined;
    await typist.sees('<Bob> good');
    assert.deepEqual(
      typist.lines.map((line) => line.replace(/\d\d:\d\d/, 'TIME')),
      [
        '* Ada has joined.',
        '<Bob> bad,"redacted":true',
        '*** we close',
        '  at noon',
        '<Bob> (removed)',
        '* Removed: Bob, TIME.',
        '* Removed: the announcement, TIME.',
        '* Removed: Bob, TIME.',
        '<Bob> good',
      ],
    );
  });

  it(`by ${delivery} tells how many events are lost where the log keeps few`, async (t) => {
    const server = await openServer(t, { HISTORY_EVENTS: '5' });
    const proxy = await MeddlingProxy.open(t, server.url);
    const typist = await start(t, proxy.url);
    if (!typist) return;
    await typist.sees('* Ada has joined.');
    const bob = await visitor(t, server.url, 'Bob');
    typist.type('seen');
    await typist.sees('<Ada> seen');
    proxy.bar(follows);
    for (let count = 1; count <= 20; count++) await bob.send(`Bob ${count}`);
    proxy.barred = undefined;
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

  if (delivery === 'pull') return;

  it('pings while its stream lives, and takes one on which nothing comes for dead', async (t) => {
    const server = await openServer(t, { HEARTBEAT: '1' });
    const proxy = await MeddlingProxy.open(t, server.url);
    const typist = await start(t, proxy.url);
    if (!typist) return;
    await typist.sees('* Ada has joined.');
    const bob = await visitor(t, server.url, 'Bob');
    await typist.sees('* Bob has joined.');
    const arePings = () => proxy.asked(/POST .*\/ping$/).filter(({ status }) => status === 204).length > 1;
    await waitUntil(arePings, 'two pings', patienceMs);
    proxy.mute(follows);
    await bob.send('nobody hears me');
    await typist.sees('<Bob> nobody hears me');
    assert.ok(proxy.count(follows) > 1);
    for (const { what } of proxy.asked(follows)) assert.match(what, /liveness=ping/);
    typist.endInput();
    assert.equal(await typist.exited, 0);
    assert.deepEqual(typist.lines, await transcript(server.url, 'Ada'));
  });
}
