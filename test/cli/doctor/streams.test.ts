import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Transform } from 'node:stream';
import { after, before, describe, it, type TestContext } from 'node:test';
import { createBrotliCompress, createDeflate, createGzip, constants as zlib } from 'node:zlib';
import { ApiClient } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/test-server.ts';
import { type Faults, faultyProxy } from './faulty-proxy.ts';
import { faultsOf, findings, sentence } from './findings.ts';

/** Starting one for each would make the streams late that are to be prompt. */
let shared: TestServer;
before(async () => {
  shared = await startServer({ HEARTBEAT: '1', READ_LIMIT: 'off' });
});
after(() => shared.close());

const behind = (t: TestContext, faults: Faults): Promise<string> => faultyProxy(t, shared.url, faults);

/** Passes a stream on until a text has come, and keeps the rest until it ends. */
const holdAfter = (text: string) => (from: IncomingMessage, to: ServerResponse) => {
  let seen = '';
  let isHolding = text === '';
  const held: Buffer[] = [];
  from.on('data', (bytes: Buffer) => {
    if (isHolding) held.push(bytes);
    else to.write(bytes);
    seen += bytes;
    isHolding ||= seen.includes(text);
  });
  from.on('end', () => to.end(Buffer.concat(held)));
};

// They wait for what does not come.
describe('parlor doctor and streams', { concurrency: 4 }, () => {
  it('finds nothing wrong on a way that is as it should be', async (t) => {
    const url = await behind(t, {});
    const all = await findings(url, { name: 'Doc', long: 2 });
    assert.deepEqual(faultsOf(all), []);
    for (const check of ['buffering', 'compression', 'message', 'quiet stream', 'waiting poll', 'cookie']) {
      sentence(all, 'ok', check);
    }
    const answer = await fetch(`${shared.url}/v1/rooms/lobby/history`);
    const { events } = (await answer.json()) as { events: { type: string; name: string }[] };
    assert.deepEqual(
      events.flatMap(({ type, name }) => (name === 'Doc' ? type : [])),
      ['join', 'message', 'leave'],
    );
  });

  it('finds a stream of which nothing comes before its end', async (t) => {
    const url = await behind(t, { body: holdAfter('') });
    const all = await findings(url);
    assert.deepEqual(faultsOf(all), ['problem buffering']);
    assert.match(sentence(all, 'problem', 'buffering'), /the head of the answer, and then nothing/);
  });

  it('finds a message that waits for what comes after it', async (t) => {
    // Its message follows what came of this one: they are never in one piece.
    const url = await behind(t, { body: holdAfter('event: init') });
    assert.deepEqual(faultsOf(await findings(url, { name: 'Held' })), ['problem message']);
    // Throws if the name is not free again: no session is left.
    await ApiClient.join(shared.url, 'Held');
  });

  it('says its message as soon as it has joined, which its stream does not wait for', async (t) => {
    let refused = 0;
    const notJoinedYet = (times: number): Faults => ({
      instead: ({ url = '' }, response) => {
        const isEarly = url.endsWith('/session/messages') && refused < times;
        if (isEarly) {
          refused += 1;
          const type = { 'content-type': 'application/problem+json' };
          response.writeHead(409, type).end('{"code":"not-joined","requestId":"1"}');
        }
        return isEarly;
      },
    });
    const all = await findings(await behind(t, notJoinedYet(2)), { name: 'Soon' });
    assert.deepEqual([faultsOf(all), refused], [[], 2]);
    sentence(all, 'ok', 'message');
    const never = await findings(await behind(t, notJoinedYet(Infinity)), { name: 'Never' });
    assert.deepEqual(faultsOf(never), ['problem message']);
    assert.match(sentence(never, 'problem', 'message'), /the doctor had not joined/);
  });

  it('finds a compressor that holds events back', async (t) => {
    const url = await behind(t, {
      head: (headers, { url = '' }) => {
        if (url.includes('/feed')) headers['content-encoding'] = 'gzip';
      },
      body: (from, to) => from.pipe(createGzip()).pipe(to),
    });
    const all = await findings(url);
    assert.deepEqual(faultsOf(all), ['problem buffering', 'problem compression']);
    assert.match(sentence(all, 'problem', 'compression'), /"gzip"/);
  });

  it('warns of a compressor that does not, and reads what is in it', async (t) => {
    const packers: Readonly<Record<string, () => Transform>> = {
      gzip: () => createGzip({ flush: zlib.Z_SYNC_FLUSH }),
      deflate: () => createDeflate({ flush: zlib.Z_SYNC_FLUSH }),
      br: () => createBrotliCompress({ flush: zlib.BROTLI_OPERATION_FLUSH }),
    };
    for (const [encoding, packer] of Object.entries(packers)) {
      const url = await behind(t, {
        head: (headers, { url = '' }) => {
          if (url.includes('/events')) headers['content-encoding'] = encoding;
        },
        body: (from, to) => from.pipe(packer()).pipe(to),
      });
      const all = await findings(url, { name: `In ${encoding}` });
      assert.deepEqual(faultsOf(all), ['warning compression'], encoding);
      sentence(all, 'ok', 'message');
    }
  });

  it('finds that a quiet stream is cut', async (t) => {
    const cutSoon: Faults = {
      body: (from, to) => {
        from.pipe(to);
        setTimeout(() => to.destroy(), 300).unref();
      },
    };
    const url = await behind(t, cutSoon);
    const all = await findings(url, { long: 60 });
    assert.match(sentence(all, 'problem', 'quiet stream'), /was cut after/);
  });

  it('finds that heartbeats are held back', async (t) => {
    const url = await behind(t, { body: holdAfter('event: init') });
    const all = await findings(url, { long: 2 });
    assert.match(sentence(all, 'problem', 'quiet stream'), /Of at least 1 heartbeats 0 came/);
  });

  it('finds that something else answers where a stream should', async (t) => {
    const url = await behind(t, {
      instead: ({ url = '' }, response) => {
        const isFeed = url.includes('/feed');
        if (isFeed) response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>No</h1>');
        return isFeed;
      },
    });
    const all = await findings(url);
    assert.match(sentence(all, 'problem', 'buffering'), /got the answer 200 with "text\/html"/);
  });

  it('says that it must go in where the feed is closed, and does so with a name', async (t) => {
    const server = await startServer({ FEED: 'members' });
    t.after(() => server.close());
    const { url } = server;
    const reading = await findings(url);
    assert.deepEqual(faultsOf(reading), []);
    assert.match(sentence(reading, 'untried', 'buffering'), /feed is not for everybody/);
    const inside = await findings(url, { name: 'Doc' });
    assert.deepEqual(faultsOf(inside), []);
    sentence(inside, 'ok', 'message');
  });

  it('finds that a poll which waits is given up', async (t) => {
    const url = await behind(t, {
      instead: ({ url = '' }, response) => {
        const isPoll = url.includes('wait=');
        if (isPoll) response.writeHead(504, { 'content-type': 'text/html' }).end();
        return isPoll;
      },
    });
    const all = await findings(url, { name: 'Poller', long: 2 });
    assert.match(sentence(all, 'problem', 'waiting poll'), /answered by 504 "text\/html"/);
  });
});
