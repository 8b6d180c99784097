/** A TCP proxy before Redis that holds back what it answers, but not what comes by channels. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

interface Line {
  readonly client: Socket;
  readonly redis: Socket;
  listens: boolean;
}

export class HeldAnswers {
  readonly #server: Server;
  readonly #lines = new Set<Line>();
  readonly #redisPort: number;

  private constructor(redisPort: number) {
    this.#redisPort = redisPort;
    this.#server = createServer((client) => this.#take(client));
  }

  /** Gone after the test. */
  static async open(t: TestContext, redisPort: number): Promise<HeldAnswers> {
    const proxy = new HeldAnswers(redisPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    t.after(() => {
      for (const { client } of proxy.#lines) client.destroy();
      proxy.#server.close();
    });
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy is closed.');
    return address.port;
  }

  hold(): void {
    for (const { client, redis, listens } of this.#lines) if (!listens) redis.unpipe(client).pause();
  }

  release(): void {
    for (const { client, redis } of this.#lines) redis.pipe(client);
  }

  #take(client: Socket): void {
    const redis = connect(this.#redisPort, '127.0.0.1');
    const line: Line = { client, redis, listens: false };
    this.#lines.add(line);
    client.on('data', (bytes) => {
      line.listens ||= /subscribe/i.test(bytes.toString('latin1'));
      redis.write(bytes);
    });
    redis.pipe(client);
    for (const socket of [client, redis]) socket.on('error', () => {});
    client.once('close', () => redis.destroy());
    redis.once('close', () => {
      client.destroy();
      this.#lines.delete(line);
    });
  }
}
