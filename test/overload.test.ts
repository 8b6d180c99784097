import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { it, type TestContext } from 'node:test';
import { ApiClient } from './support/api-client.ts';
import { assertProblem } from './support/problem.ts';
import { ServerProcess } from './support/server-process.ts';
import type { SseReader } from './support/sse-reader.ts';
import { waitUntil } from './support/wait-until.ts';

/** Far beyond what anything takes on a slow machine that has other things to do. */
const patienceMs = 120_000;
const crowdSize = 60;
const crowdStep = 5;
const greeting = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n';
// As many as Node answers in one go.
const questions = 'HEAD /v1/rooms/lobby/history?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20);

/**
 * Readers who ask again and again without waiting for answers. Only heads are answered, so that the work is the server's: a
 * turn of its event loop takes what has come over all connections.
 */
class Crowd {
  readonly #members: Member[] = [];
  #asking = 0;

  /** Comes while the server is at leisure, for it accepts one connection a turn, and is quiet yet. */
  async come(t: TestContext, url: string): Promise<void> {
    t.after(() => this.leave());
    const port = Number(new URL(url).port);
    for (let count = 0; count < crowdSize; count++) this.#members.push(new Member(port));
    await Promise.all(this.#members.map((member) => member.isHere));
  }

  /** Some more of them begin to ask. */
  ask(): void {
    const some = this.#members.slice(this.#asking, this.#asking + crowdStep);
    this.#asking += some.length;
    for (const member of some) member.ask();
  }

  leave(): void {
    for (const member of this.#members) member.leave();
  }
}

class Member {
  readonly isHere: Promise<unknown>;
  readonly #port: number;
  #socket: Socket;
  #isAsking = false;
  #isGone = false;

  constructor(port: number) {
    this.#port = port;
    this.#socket = this.#connect();
    this.isHere = once(this.#socket, 'data');
  }

  ask(): void {
    this.#isAsking = true;
    this.#ask(this.#socket);
  }

  leave(): void {
    this.#isGone = true;
    this.#socket.destroy();
  }

  #connect(): Socket {
    const socket = connect(this.#port, '127.0.0.1', () => {
      socket.write(greeting);
      if (this.#isAsking) this.#ask(socket);
    });
    socket.on('error', () => {}).on('data', () => {});
    // A question that is half read for ten seconds is given up by the server.
    socket.on('close', () => {
      if (!this.#isGone) this.#socket = this.#connect();
    });
    return socket;
  }

  #ask(socket: Socket): void {
    if (this.#isGone || socket.destroyed) return;
    if (socket.write(questions)) setImmediate(() => this.#ask(socket));
    else socket.once('drain', () => this.#ask(socket));
  }
}

it('a server that a crowd keeps busy lets nobody new in, goes on for those inside, and lets in again', async (t) => {
  const off = { READ_LIMIT: 'off', CREATE_LIMIT: 'off', UPDATES_LIMIT: 'off', SEND_LIMIT: 'off' };
  const env = { STORE_URL: 'memory:', MAX_LOOP_DELAY: '0.1', ...off };
  const server = await ServerProcess.start({ env });
  t.after(() => server.stop());
  const { url } = server;
  const ada = await ApiClient.join(url, 'Ada');
  const bob = await ApiClient.join(url, 'Bob', { delivery: 'push' });
  for (let sent = 0; sent < 1_000; sent++) await ada.send('x'.repeat(1_000));
  const stream = await bob.subscribe();
  const crowd = new Crowd();
  await crowd.come(t, url);

  let newcomers = 0;
  const comeIn = () => {
    newcomers += 1;
    return new ApiClient(url).create({ name: `Newcomer${newcomers}` });
  };
  let refused: Awaited<ReturnType<typeof comeIn>> | undefined;
  const isRefused = async (): Promise<boolean> => {
    crowd.ask();
    const answer = await comeIn();
    if (answer.status !== 201) refused = answer;
    return refused !== undefined;
  };
  await waitUntil(isRefused, 'a newcomer is refused', patienceMs, 300);
  assert(refused);
  assertProblem(refused, 503, 'unavailable');
  assert.equal(refused.headers.get('retry-after'), '5');

  const sent = await ada.send('still here');
  assert.equal(sent.status, 201);
  await untilHeard(stream, sent.body.id);
  assert.equal((await ada.updates()).status, 200);
  // A member's reconnect is no newcomer.
  stream.close();
  const again = await bob.subscribe(`?after=${ada.cursor}`);
  t.after(() => again.close());
  await untilHeard(again, sent.body.id);

  crowd.leave();
  await waitUntil(async () => (await comeIn()).status === 201, 'newcomers are let in again', patienceMs, 200);
  const told = server.stdout.split('\n').filter((line) => line.includes('overloaded'));
  const changes = told.map((line) => JSON.parse(line)).map(({ level, cause, msg }) => [level, cause, msg]);
  // Once at each change, and near the bound there may be several.
  const begun = [40, 'loop-delay', 'overloaded: nobody new is let in'];
  const ended = [30, undefined, 'no longer overloaded'];
  assert.deepEqual(
    changes,
    changes.map((_, index) => (index % 2 === 0 ? begun : ended)),
  );
  assert.deepEqual(changes.at(-1), ended);
});

async function untilHeard(stream: SseReader, id: number): Promise<void> {
  for (;;) {
    const event = await stream.next();
    assert(event, 'the stream goes on');
    if (event.type === 'message' && JSON.parse(event.data).id === id) return;
  }
}
