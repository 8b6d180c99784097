/** Whoever takes all the time there is for a request, or never asks, is cut off, and costs others nothing they would notice. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { Authority } from '../support/certificates.ts';
import { has } from '../support/needs.ts';
import { connect } from '../support/raw-http.ts';
import { ServerProcess } from '../support/server-process.ts';

const attackers = 200;
const withinMs = 15_000;
const dripEveryMs = 700;

const head = 'POST /v1/rooms/lobby/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
/** How each kind begins, and what it goes on with; whoever is silent says nothing. */
type Kinds = Readonly<Record<string, readonly [begin: string, drip: string]>>;
const requests: Kinds = {
  'slow heads': ['GET /livez HTTP/1.1\r\nHost: x\r\nX: ', 'x'],
  'slow bodies': [`${head}Content-Length: 1000\r\n\r\n{"name":"`, 'x'],
  'silent sockets': ['', ''],
};

/** Over TCP to a port that speaks TLS. */
const handshakes: Kinds = {
  'slow handshakes': ['\x16\x03\x01\x02\x00\x01', 'x'],
  'silent sockets without a handshake': ['', ''],
};

interface Attack {
  /** When each was closed, by kind, in milliseconds from its beginning. */
  readonly times: ReadonlyMap<string, number[]>;
  /** How many were told 408. */
  readonly told: () => number;
  readonly isOver: Promise<unknown>;
}

/** All kinds at once; each goes on until it is cut off. */
async function attack(t: TestContext, kinds: Kinds, open: () => Promise<Socket>): Promise<Attack> {
  const times = new Map<string, number[]>();
  const sockets: [Socket, string][] = [];
  const ends: Promise<unknown>[] = [];
  let told = 0;
  for (const [kind, [begin, drip]] of Object.entries(kinds)) {
    const closed: number[] = [];
    times.set(kind, closed);
    const opening = Array.from({ length: attackers }, async () => {
      const began = performance.now();
      const socket = await open();
      let text = '';
      socket.on('data', (bytes: Buffer) => {
        text += bytes;
      });
      ends.push(
        once(socket, 'close').then(() => {
          closed.push(performance.now() - began);
          if (text.startsWith('HTTP/1.1 408 ')) told++;
        }),
      );
      if (begin !== '') socket.write(begin);
      sockets.push([socket, drip]);
    });
    await Promise.all(opening);
  }
  const dripping = setInterval(() => {
    for (const [socket, drip] of sockets) if (drip !== '' && socket.writable) socket.write(drip);
  }, dripEveryMs);
  t.after(() => {
    clearInterval(dripping);
    for (const [socket] of sockets) socket.destroy();
  });
  return { times, told: () => told, isOver: Promise.all(ends) };
}

/** What asks for a member's sessions, one after the other over a connection that is kept. */
function client(t: TestContext, url: string, agent: HttpAgent | HttpsAgent) {
  t.after(() => agent.destroy());
  const request = url.startsWith('https') ? httpsRequest : httpRequest;
  const ask = async (method: string, path: string, token = '', body = ''): Promise<string> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const asking = request(`${url}/v1/rooms/lobby/session${path}`, { agent, method, headers });
    asking.end(body);
    const [response] = await once(asking, 'response');
    let text = '';
    for await (const piece of response.setEncoding('utf8')) text += piece;
    assert.ok(response.statusCode < 300, text);
    return text;
  };
  return {
    async join(): Promise<string> {
      return JSON.parse(await ask('POST', '', '', '{"name":"Ada","credential":"bearer"}')).token;
    },
    /** How long requests take, in ascending order, as long as it is wished for. */
    async times(token: string, isOver: (asked: number) => boolean): Promise<number[]> {
      const times: number[] = [];
      while (!isOver(times.length)) {
        const began = performance.now();
        await ask('GET', '/users', token);
        times.push(performance.now() - began);
        // Room for those who attack: they are in this process too.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return times.sort((a, b) => a - b);
    },
  };
}

const at = (times: readonly number[], share: number): number => times[Math.floor(times.length * share)] ?? 0;

async function holdsOut(t: TestContext, env: Record<string, string>, ca?: string): Promise<void> {
  const server = await ServerProcess.start({
    env: { STORE_URL: 'memory:', UPDATES_LIMIT: 'off', CREATE_LIMIT: 'off', ...env },
  });
  t.after(() => server.stop());
  const port = Number(new URL(server.url).port);
  const plain = () => connect(port);
  const secure = async () => {
    const socket = tls.connect({ port, host: '127.0.0.1', ...(ca === undefined ? {} : { ca }) });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    return socket;
  };
  const agent =
    ca === undefined ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true, ca });
  const { join, times } = client(t, server.url, agent);
  const token = await join();
  await times(token, (asked) => asked === 100);
  const before = await times(token, (asked) => asked === 300);

  const delay = monitorEventLoopDelay();
  delay.enable();
  const attacks = [await attack(t, requests, ca === undefined ? plain : secure)];
  if (ca !== undefined) attacks.push(await attack(t, handshakes, plain));
  let isOver = false;
  const allOver = Promise.all(attacks.map((each) => each.isOver)).then(() => {
    isOver = true;
  });
  const during = await times(token, () => isOver);
  await allOver;
  delay.disable();

  const slack = (2 * delay.max) / 1e6;
  for (const { times: closed } of attacks) {
    for (const [kind, all] of closed) {
      const last = Math.max(...all);
      t.diagnostic(`${all.length} ${kind}: all closed within ${(last / 1000).toFixed(1)} s`);
      assert.equal(all.length, attackers, kind);
      assert.ok(
        last <= withinMs + slack,
        `${kind}: ${last} ms, with ${slack} ms that this process was late itself`,
      );
    }
  }
  assert.equal(attacks[0]?.told(), 3 * attackers, 'who speaks HTTP is told why');
  const ratio = at(during, 0.5) / at(before, 0.5);
  t.diagnostic(
    `${during.length} requests meanwhile: median ${at(during, 0.5).toFixed(1)} ms (×${ratio.toFixed(2)}), ` +
      `p99 ${at(during, 0.99).toFixed(1)} ms, before ${at(before, 0.99).toFixed(1)} ms`,
  );
  // Held up by one of them, a request would take seconds: a thousand times as long.
  assert.ok(ratio < 20, String(ratio));
}

describe('200 slow heads, 200 slow bodies and 200 silent sockets are cut off while others go on', {
  concurrency: true,
}, () => {
  test('over HTTP', (t) => holdsOut(t, {}));

  test('over TLS, and as many again that never shake hands to the end', async (t) => {
    if (!has(t, 'openssl')) return;
    const authority = await Authority.create(t);
    const { cert, key } = await authority.server();
    await holdsOut(t, { TLS_CERT: cert, TLS_KEY: key }, authority.texts.cert);
  });
});
