import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { LastingServer } from '../fault/support/lasting-server.ts';
import { ApiClient } from '../support/api-client.ts';
import { Operator, operated } from '../support/operator.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type Desk, hasDesktop, Screen } from './support/desktop.ts';
import { MeddlingProxy } from './support/meddling-proxy.ts';
import { openServer, patient } from './support/room-server.ts';
import { expired, isSaid, logOf, rosterOf, visitor } from './support/transcript.ts';
import { patienceMs } from './support/typist.ts';

const follows = /GET .*\/session\/events/;
const speaks = /POST .*\/session\/messages/;

// One focus, one clipboard: each test has a screen of its own.
describe('the example in Java', { concurrency: 3 }, () => {
  async function open(
    t: TestContext,
    parlor: string,
    { name = 'Ada', isFromSource = false } = {},
  ): Promise<Desk | undefined> {
    if (!hasDesktop(t)) return undefined;
    const screen = await Screen.open();
    t.after(() => screen.close());
    const args = [`${parlor}/lobby`, ...(name === '' ? [] : ['--name', name])];
    return screen.start(t, args, isFromSource);
  }

  it('talks both ways, shows HTML as text and steering marks by their code, and leaves when it is closed', async (t) => {
    const server = await openServer(t);
    const bob = await visitor(t, server.url, 'Bob');
    const proxy = await MeddlingProxy.open(t, server.url);
    proxy.rewrite = (text) => text.replaceAll('%CSI%', '\\u001b[2J').replaceAll('%PAIR%', '\\ud83c\\udf89');
    const desk = await open(t, proxy.url, { isFromSource: true });
    if (!desk) return;
    await desk.sees(({ canType }) => canType, 'the input has the focus');
    await desk.types('hello from keys 1');
    await desk.seesLine('Ada  hello from keys 1');
    await desk.pastes('Grüße, 世界 🎉 "\\ <b>bold</b>');
    await desk.seesLine('Ada  Grüße, 世界 🎉 "\\ <b>bold</b>');
    await bob.send('<html><b>not bold</b>');
    await bob.send('a%CSI%b\u202ec %PAIR%');
    await desk.seesLine('Bob  a\\u{1b}[2Jb\\u{202e}c 🎉');
    const { log, roster, state } = await desk.look();
    const expected = (await seenBy(server.url)).map((line) =>
      line.replace('%CSI%', '\\u{1b}[2J').replace('\u202e', '\\u{202e}').replace('%PAIR%', '🎉'),
    );
    assert.deepEqual(log, expected);
    assert.deepEqual(roster, ['Ada', 'Bob']);
    assert.equal(state, 'Live');
    for (const { what, headers } of proxy.requests) {
      if (follows.test(what)) assert.match(what, /[?&]after=[A-Za-z0-9]+-\d+/);
      assert.equal(headers.cookie, undefined);
    }
    await bob.destroy();
    await desk.sees(({ roster }) => roster.join() === 'Ada', 'Bob is off the roster');
    desk.closes();
    assert.equal(await desk.program.exited, 0, desk.program.stderr);
    assert.deepEqual(await rosterOf(server.url), new Set());
  });

  it('LOG-4: shows announcements, and nothing of what is redacted', async (t) => {
    const server = await openServer(t, operated);
    const operator = new Operator(server.url);
    const bob = await visitor(t, server.url, 'Bob');
    const desk = await open(t, server.url);
    if (!desk) return;
    await desk.seesLine('Ada has joined.');
    const { body: bad } = await bob.send('bad\nand more of it');
    const announced = await operator.announce('we close');
    const { body: worse } = await bob.send('worse');
    await desk.seesLine('Announcement:  we close');
    for (const id of [bad.id, announced, worse.id]) await operator.redact(id);
    await bob.send('good');
    await desk.seesLine('Bob  good');
    const { log } = await desk.look();
    assert.deepEqual(log.slice(-4), [
      'Bob  Message removed',
      'Announcement:  Message removed',
      'Bob  Message removed',
      'Bob  good',
    ]);
  });

  it('neither loses nor doubles when the server is killed, and says what was typed meanwhile', async (t) => {
    const server = await LastingServer.fromSource(t, patient);
    await server.start();
    const desk = await open(t, server.url);
    if (!desk) return;
    await desk.seesLine('Ada has joined.');
    const bob = await visitor(t, server.url, 'Bob');
    await server.kill();
    await desk.sees(({ state }) => /Trying again/.test(state), 'the state says so');
    await desk.pastes('written while it was away');
    await server.start();
    await bob.send('it is back');
    await desk.seesLine('Ada  written while it was away');
    await desk.seesLine('Bob  it is back');
    assert.deepEqual((await desk.look()).log, await seenBy(server.url));
    assert.equal((await logOf(server.url)).length, 4);
  });

  it('says each message once, though answers are lost and the session expires', async (t) => {
    const server = await openServer(t, { SESSION_TIMEOUT: '3', REAPER_INTERVAL: '0.1' });
    const proxy = await MeddlingProxy.open(t, server.url);
    proxy.loseAnswer(/POST .*\/session$/);
    proxy.refuse(/POST .*\/session$/, 502);
    proxy.loseAnswer(follows);
    proxy.refuse(follows, 502);
    const desk = await open(t, proxy.url);
    if (!desk) return;
    await desk.seesLine('Ada has joined.');
    await desk.sees(({ canType }) => canType, 'the input has the focus');
    proxy.refuse(speaks, 503);
    proxy.loseAnswer(speaks);
    await desk.pastes('said once');
    await desk.seesLine('Ada  said once');
    await waitUntil(() => proxy.unmet === 0, 'all meddlings were met', patienceMs);
    proxy.loseAnswer(speaks);
    proxy.barred = speaks;
    await desk.pastes('in doubt');
    await desk.pastes('not said yet');
    await isSaid(server.url, 'in doubt');
    desk.program.signal('SIGSTOP');
    await expired(server.url, 'Ada');
    proxy.barred = undefined;
    desk.program.signal('SIGCONT');
    await desk.seesLine('Ada  not said yet');
    const expected = await seenBy(server.url);
    assert.deepEqual((await desk.look()).log, expected);
    assert.equal(expected.filter((line) => line === 'Ada  in doubt').length, 1);
    // On a slow machine she may have expired more than once.
    assert.ok(expected.filter((line) => line === 'Ada has joined.').length >= 2);
  });

  it('takes a stream on which nothing comes for dead', async (t) => {
    const server = await openServer(t, { HEARTBEAT: '1' });
    const proxy = await MeddlingProxy.open(t, server.url);
    const desk = await open(t, proxy.url);
    if (!desk) return;
    const bob = await visitor(t, server.url, 'Bob');
    await desk.seesLine('Ada has joined.');
    await desk.sees(({ state }) => state === 'Live', 'it is live');
    await waitUntil(() => proxy.count(/POST .*\/ping$/) > 0, 'it pings', patienceMs);
    proxy.mute(follows);
    await bob.send('nobody hears me');
    await desk.seesLine('Bob  nobody hears me');
    assert.ok(proxy.count(follows) > 1);
    assert.deepEqual((await desk.look()).log.slice(-1), (await seenBy(server.url)).slice(-1));
  });

  it('tells a gap when a server that keeps nothing was started again, and leaves at Ctrl+C', async (t) => {
    const first = await openServer(t);
    const proxy = await MeddlingProxy.open(t, first.url);
    const desk = await open(t, proxy.url);
    if (!desk) return;
    await desk.sees(({ canType }) => canType, 'the input has the focus');
    await desk.types('before');
    await desk.seesLine('Ada  before');
    await first.close();
    const server = await openServer(t);
    proxy.target = server.url;
    await desk.seesLine('Some events are lost.');
    await desk.types('after');
    await desk.seesLine('Ada  after');
    const { log, roster } = await desk.look();
    assert.deepEqual(log.slice(log.indexOf('Some events are lost.') + 1), await seenBy(server.url));
    assert.deepEqual(roster, ['Ada']);
    desk.program.signal('SIGINT');
    await desk.program.exited;
    assert.deepEqual(await rosterOf(server.url), new Set());
  });

  it('asks for another name if one is taken', async (t) => {
    const server = await openServer(t);
    await visitor(t, server.url, 'Ada');
    const desk = await open(t, server.url);
    if (!desk) return;
    await desk.sees(
      ({ dialog, canType }) => dialog.includes('The name Ada is already in use. Your name:') && canType,
      'the dialog says so',
    );
    await desk.types('ada2');
    await desk.seesLine('ada2 has joined.');
  });

  it('says why when the server says stop', async (t) => {
    const server = await openServer(t);
    const proxy = await MeddlingProxy.open(t, server.url);
    const desk = await open(t, proxy.url, { name: '' });
    if (!desk) return;
    await desk.sees(({ dialog, canType }) => dialog.includes('Your name:') && canType, 'it asks for a name');
    await desk.types('ada');
    await desk.seesLine('ada has joined.');
    const { authorization } = proxy.requests.at(-1)?.headers ?? {};
    const elsewhere = new ApiClient(server.url);
    elsewhere.token = authorization?.replace('Bearer ', '');
    assert.equal((await elsewhere.destroy()).status, 204);
    const { canType } = await desk.sees(({ state }) => /You are out of the room/.test(state), 'it says so');
    assert.equal(canType, false);
    assert.equal(proxy.count(/POST .*\/session$/), 1);
  });
});

/** What Ada must see: the log from her first join on. */
async function seenBy(url: string): Promise<string[]> {
  const events = await logOf(url);
  const words = { join: ' has joined.', leave: ' has left.' } as Record<string, string>;
  return events
    .slice(events.findIndex(({ type, name }) => type === 'join' && name === 'Ada'))
    .map(({ type, name, message }) =>
      message === undefined ? `${name}${words[type]}` : `${name}  ${message}`,
    );
}
