/** What leads from an instance to its Redis, for a test to meddle with: a TCP proxy. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

interface Line {
  readonly client: Socket;
  readonly redis: Socket;
  /** Whether it carries channels. */
  listens: boolean;
}

export class RedisLine {
  readonly #server: Server;
  readonly #lines = new Set<Line>();
  readonly #redisPort: number;
  #isCut = false;
  #isBreaking = false;
  /** How many connections have come. */
  count = 0;

  private constructor(redisPort: number) {
    this.#redisPort = redisPort;
    this.#server = createServer((client) => this.#take(client));
  }

  /** Gone after the test. */
  static async open(t: TestContext, redisPort: number): Promise<RedisLine> {
    const line = new RedisLine(redisPort);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    t.after(() => {
      for (const { client } of line.#lines) client.destroy();
      line.#server.close();
    });
    return line;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The line is closed.');
    return address.port;
  }

  /** Holds back what Redis answers, but not what comes by channels. */
  hold(): void {
    for (const { redis, listens } of this.#lines) if (!listens) redis.pause();
  }

  /** Holds back what comes by channels, but not what Redis answers otherwise. */
  holdChannels(): void {
    for (const { redis, listens } of this.#lines) if (listens) redis.pause();
  }

  /** Breaks what is held back; what was held back is gone. */
  drop(): void {
    for (const { client, redis } of this.#lines) if (redis.isPaused()) client.destroy();
  }

  release(): void {
    for (const { redis } of this.#lines) redis.resume();
  }

  /** Half of what Redis answers next goes through, and then the connection breaks. */
  breakNextAnswer(): void {
    this.#isBreaking = true;
  }

  /** From now on nothing goes through, either way, and nobody is told; whoever comes now is held as well. */
  cut(): void {
    this.#isCut = true;
    for (const { client, redis } of this.#lines) {
      client.pause();
      redis.pause();
    }
  }

  /** What was under way arrives. */
  mend(): void {
    this.#isCut = false;
    for (const { client, redis } of this.#lines) {
      client.resume();
      redis.resume();
    }
  }

  #take(client: Socket): void {
    this.count += 1;
    const redis = connect(this.#redisPort, '127.0.0.1');
    const line: Line = { client, redis, listens: false };
    this.#lines.add(line);
    client.on('data', (bytes) => {
      line.listens ||= /subscribe/i.test(bytes.toString('latin1'));
      redis.write(bytes);
    });
    redis.on('data', (bytes) => {
      if (!this.#isBreaking || line.listens) client.write(bytes);
      else {
        this.#isBreaking = false;
        client.end(bytes.subarray(0, bytes.length >> 1));
        redis.destroy();
      }
    });
    if (this.#isCut) {
      client.pause();
      redis.pause();
    }
    for (const [one, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      one.on('error', () => {});
      one.once('close', () => {
        this.#lines.delete(line);
        other.destroy();
      });
    }
  }
}
