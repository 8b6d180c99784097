import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { addressOf } from '../../../src/cli/chat/address.ts';
import { findPlace } from '../../../src/cli/chat/contact.ts';
import { Failure } from '../../../src/cli/failure.ts';
import { startServer } from '../../support/test-server.ts';

const find = (text: string, patienceMs = 0) => findPlace(addressOf(text), patienceMs);

async function start(t: TestContext, options: Readonly<Record<string, string>> = {}) {
  const server = await startServer(options);
  t.after(() => server.close());
  return server;
}

/** Some other server. */
async function other(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function refused(text: string, exitCode: number, line: RegExp): Promise<void> {
  return assert.rejects(find(text), (error) => {
    assert(error instanceof Failure);
    assert.match(error.message, line);
    assert.equal(error.exitCode, exitCode);
    return true;
  });
}

describe('the first contact', () => {
  it('finds a room by its address, and the front room without one', async (t) => {
    const { url } = await start(t, { ROOMS: 'tea,lobby' });
    assert.deepEqual(await find(`${url}/lobby`), { url, room: 'lobby' });
    assert.deepEqual(await find(url), { url, room: 'tea' });
    assert.deepEqual(await find(url.replace('http://', '')), { url, room: 'tea' });
  });

  it('finds a room that only members may read', async (t) => {
    const { url } = await start(t, { FEED: 'members' });
    assert.deepEqual(await find(url), { url, room: 'lobby' });
  });

  it('goes where it is sent, so that what follows is not sent again', async (t) => {
    const { url } = await start(t);
    const moved = await other(t, (request, response) => {
      response.writeHead(301, { Location: url + request.url }).end();
    });
    assert.deepEqual(await find(`${moved}/lobby`), { url, room: 'lobby' });
    assert.deepEqual(await find(moved), { url, room: 'lobby' });
  });

  it('says which rooms there are if there is none of this name: 4', async (t) => {
    const { url } = await start(t, { ROOMS: 'tea,lobby' });
    await refused(
      `${url}/coffee`,
      4,
      /^There is no room "coffee" at http:.*; rooms there: (?:tea, lobby|lobby, tea)\.$/,
    );
    await refused(`${url}/Tea`, 4, /^There is no room "Tea" at /);
  });

  it('says what it met instead of a Parlor: 3', async (t) => {
    const page = await other(t, (_, response) => {
      response.writeHead(404, { 'Content-Type': 'text/html' }).end('<p>Hello</p>');
    });
    for (const address of [page, `${page}/lobby`]) {
      await refused(
        address,
        3,
        /^Expected a Parlor server at http:.*; got the answer 404 with text\/html\.$/,
      );
    }
    const strange = await other(t, (_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"name":"x","code":7}');
    });
    await refused(`${strange}/lobby`, 3, /got the answer 200 with application\/json\.$/);
  });

  it('says why nobody is met: 3', async (t) => {
    const { url } = await start(t);
    await refused(url.replace('http:', 'https:'), 3, /cannot be reached: it speaks no TLS; .*http:\/\/\.$/);
    const gone = await startServer();
    await gone.close();
    await refused(`${gone.url}/lobby`, 3, /cannot be reached: nobody listens there\.$/);
    await refused(
      'http://nobody.invalid/',
      3,
      /cannot be reached: .*(?:no host of this name|looked up).*\.$/,
    );
    const mute = createNetServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    t.after(() => mute.close());
    await refused(`127.0.0.1:${(mute.address() as AddressInfo).port}`, 3, /cannot be reached: /);
  });

  it('is tried again for as long as one wants', async (t) => {
    const first = await startServer();
    await first.close();
    const finding = find(first.url, 20_000);
    await start(t, { PORT: String(first.port) });
    assert.deepEqual(await finding, { url: first.url, room: 'lobby' });
  });
});
