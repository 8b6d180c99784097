/**
 * A TCP proxy that is bad on purpose: it delays what passes, and ends each connection after a while, by FIN or by RST,
 * as a rule in the middle of what is just being said in either direction.
 *
 * What it holds for a connection is the one chunk that it delays: meanwhile it does not read on.
 */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { SeededRandom } from './seeded-random.ts';

export interface ChaosOptions {
  /** The port on the loopback that it leads to. */
  readonly port: number;
  readonly random: SeededRandom;
  /** How long a connection lives, in milliseconds: at least, at most. */
  readonly lifeMs: readonly [number, number];
  /** How long each chunk is held, in milliseconds: at least, at most. */
  readonly delayMs: readonly [number, number];
}

// What is silent for so long after its time is ended without anything being cut in the middle.
const lastWordsMs = 500;

export class ChaosProxy {
  /** Connections that it ended by FIN, by RST, and those of them in the middle of a chunk. */
  readonly counts = { connections: 0, cut: 0, reset: 0, midway: 0 };
  readonly #options: ChaosOptions;
  readonly #server: Server;
  readonly #open = new Set<Passage>();

  private constructor(options: ChaosOptions) {
    this.#options = options;
    this.#server = createServer((client) => this.#take(client));
  }

  static async open(options: ChaosOptions): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Without a slash at the end. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy is closed.');
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const passage of this.#open) passage.drop();
    await closed;
  }

  #take(client: Socket): void {
    this.counts.connections += 1;
    const passage = new Passage(client, this.#options, (isReset, isMidway) => {
      this.counts[isReset ? 'reset' : 'cut'] += 1;
      if (isMidway) this.counts.midway += 1;
    });
    this.#open.add(passage);
    client.once('close', () => this.#open.delete(passage));
  }
}

/** One connection through the proxy. */
class Passage {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #options: ChaosOptions;
  readonly #onEnd: (isReset: boolean, isMidway: boolean) => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isDue = false;
  #isOver = false;

  constructor(client: Socket, options: ChaosOptions, onEnd: (isReset: boolean, isMidway: boolean) => void) {
    this.#client = client;
    this.#options = options;
    this.#onEnd = onEnd;
    this.#server = connect({ port: options.port, host: '127.0.0.1' });
    for (const socket of [client, this.#server]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      // What the one side ended of itself ends for the other.
      socket.once('close', () => this.drop());
    }
    this.#pass(client, this.#server);
    this.#pass(this.#server, client);
    this.#after(options.random.between(...options.lifeMs), () => {
      this.#isDue = true;
      this.#after(lastWordsMs, () => this.#cut(false));
    });
  }

  drop(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#client.destroy();
    this.#server.destroy();
  }

  #pass(from: Socket, to: Socket): void {
    const { random, delayMs } = this.#options;
    from.on('data', (bytes: Buffer) => {
      if (this.#isDue) {
        // All but the last byte may still pass; none may as well.
        to.write(bytes.subarray(0, random.between(0, bytes.length - 1)), () => this.#cut(true));
        from.pause();
        return;
      }
      from.pause();
      this.#after(random.between(...delayMs), () => {
        if (to.write(bytes)) from.resume();
        else to.once('drain', () => from.resume());
      });
    });
    from.on('end', () => to.end());
  }

  /** The client gets a FIN or an RST; the server sees it as one or the other too. */
  #cut(isMidway: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const isReset = this.#options.random.isLikely(0.5);
    this.#onEnd(isReset, isMidway);
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of [this.#client, this.#server]) {
      socket.pause();
      if (isReset) socket.resetAndDestroy();
      else socket.destroySoon();
    }
  }

  #after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#isOver) action();
    }, ms);
    this.#timers.add(timer);
  }
}
