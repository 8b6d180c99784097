/** A real redis-server on a free port of loopback, with a folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { waitUntil } from './wait-until.ts';

/** Where a server runs: in a network of its own, or on loopback. */
export interface RedisPlace {
  /** The command that runs a command there. */
  readonly enter: readonly string[];
  readonly host: string;
}

const loopback: RedisPlace = { enter: [], host: '127.0.0.1' };

const inUse = new Set<RedisServer>();
// Whoever interrupts a run leaves none behind.
process.on('exit', () => {
  for (const server of inUse) server.abandon();
});

export class RedisServer {
  readonly port: number;
  readonly folder: string;
  readonly #settings: readonly string[];
  readonly #place: RedisPlace;
  #child: ChildProcess | undefined;

  private constructor(port: number, folder: string, settings: readonly string[], place: RedisPlace) {
    this.port = port;
    this.folder = folder;
    this.#settings = settings;
    this.#place = place;
  }

  /** @param settings as on redis-server's command line: `['--appendonly', 'yes']` */
  static async start(settings: readonly string[] = [], place = loopback): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'parlor-redis-'));
    const server = new RedisServer(await freePort(), folder, settings, place);
    inUse.add(server);
    try {
      await server.run();
    } catch (error) {
      await server.dispose();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Runs it again, after `kill`. */
  async run(): Promise<void> {
    const { enter, host } = this.#place;
    // Nobody else is in a network of its own.
    const open = host === loopback.host ? [] : ['--protected-mode', 'no'];
    const bound = open.length > 0 ? '0.0.0.0' : host;
    const fixed = ['--port', `${this.port}`, '--bind', bound, '--dir', this.folder, '--save', ''];
    const [program, ...words] = [...enter, 'redis-server', ...fixed, ...open, ...this.#settings];
    this.#child = spawn(program ?? '', words, { stdio: 'ignore' });
    await waitUntil(() => this.#answers(), 'redis-server answers');
  }

  async command(...words: string[]): Promise<unknown> {
    const client = new Redis({
      port: this.port,
      host: this.#place.host,
      lazyConnect: true,
      enableReadyCheck: false,
      retryStrategy: null,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      const [name = '', ...rest] = words;
      return await client.call(name, ...rest);
    } finally {
      client.disconnect();
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async dispose(): Promise<void> {
    await this.kill();
    inUse.delete(this);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The same at once, for a process that ends. */
  abandon(): void {
    this.signal('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #answers(): Promise<boolean> {
    try {
      return (await this.command('PING')) === 'PONG';
    } catch (error) {
      // One that asks for a password is there.
      return error instanceof Error && error.message.startsWith('NOAUTH');
    }
  }
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}
