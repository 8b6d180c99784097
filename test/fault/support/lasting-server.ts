/** A server that is killed, stopped and started again in the same folder on the same port, as a service is. */

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerProcess } from '../../support/server-process.ts';
import { builtServer } from './built-server.ts';

/** No limit is in the way of clients that all come from one address, and everything is kept. */
export const roomy: Readonly<Record<string, string>> = {
  SEND_LIMIT: 'off',
  READ_LIMIT: 'off',
  CREATE_LIMIT: 'off',
  UPDATES_LIMIT: 'off',
  FLOOD_STRIKES: 'off',
  MAX_STREAMS_PER_IP: 'off',
  HISTORY_EVENTS: 'off',
  HISTORY_BYTES: '1GiB',
  HISTORY_TOTAL_BYTES: '2GiB',
  LOG_LEVEL: 'warn',
};

// The kernel gives the ports above to whoever connects: one of these stays free while the server is down.
const portRange = { first: 10_000, last: 32_000 };
const readyStepMs = 2;
const readyBoundMs = 60_000;

export interface Stopped {
  readonly exitCode: number | null;
  readonly ms: number;
}

export class LastingServer {
  readonly folder: string;
  readonly port: number;
  readonly url: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #command: readonly string[] | undefined;
  #process: ServerProcess | undefined;

  private constructor(
    folder: string,
    port: number,
    env: Record<string, string>,
    command: readonly string[] | undefined,
  ) {
    this.folder = folder;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.#env = { ...roomy, ...env, PORT: String(port) };
    this.#command = command;
  }

  /**
   * With a folder and a port, and not started yet; gone after the test.
   * @param enter what runs a command where it is to run, if that is elsewhere
   */
  static async open(
    t: TestContext,
    env: Record<string, string> = {},
    enter: readonly string[] = [],
  ): Promise<LastingServer> {
    return LastingServer.#open(t, env, [...enter, ...(await builtServer())]);
  }

  /** As `open`, from its source: it starts slower, and nothing has to be compiled before. */
  static fromSource(t: TestContext, env: Record<string, string> = {}): Promise<LastingServer> {
    return LastingServer.#open(t, env, undefined);
  }

  static async #open(
    t: TestContext,
    env: Record<string, string>,
    command: readonly string[] | undefined,
  ): Promise<LastingServer> {
    const folder = await mkdtemp(join(tmpdir(), 'parlor-'));
    const server = new LastingServer(folder, await freePort(), env, command);
    t.after(async () => {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    });
    return server;
  }

  /** The address of a room. */
  base(room = 'lobby'): string {
    return `${this.url}/v1/rooms/${room}`;
  }

  get pid(): number {
    const { pid } = this.#process?.child ?? {};
    if (pid === undefined) throw new Error('The server does not run.');
    return pid;
  }

  /** What the process that runs now has printed. */
  get output(): string {
    return `${this.#process?.stdout ?? ''}${this.#process?.stderr ?? ''}`;
  }

  /** Starts the process and waits for nothing. */
  launch(): void {
    this.#process = ServerProcess.spawn({ env: this.#env, cwd: this.folder, command: this.#command });
  }

  /** Starts, and returns after how many milliseconds it took work. */
  async start(): Promise<number> {
    this.launch();
    return await this.ready();
  }

  /** Waits until it takes work, and returns after how many milliseconds it did. */
  async ready(): Promise<number> {
    const startedAt = performance.now();
    while (!(await this.#isReady())) {
      const { exitCode, signalCode } = this.#process?.child ?? {};
      if (exitCode !== null || signalCode !== null) throw new Error(`The server ended: ${this.output}`);
      if (performance.now() - startedAt > readyBoundMs) throw new Error(`It is not ready: ${this.output}`);
      await delay(readyStepMs);
    }
    return performance.now() - startedAt;
  }

  /** `kill -9`, if it runs. */
  async kill(): Promise<void> {
    await this.#process?.stop();
  }

  /** SIGTERM; waits for the end however long it takes. */
  async terminate(): Promise<Stopped> {
    const startedAt = performance.now();
    process.kill(this.pid, 'SIGTERM');
    const exitCode = (await this.#process?.exited) ?? null;
    return { exitCode, ms: performance.now() - startedAt };
  }

  /** Waits until the process ends by itself; its exit code. */
  async ended(): Promise<number | null> {
    return (await this.#process?.exited) ?? null;
  }

  #isReady(): Promise<boolean> {
    return new Promise((resolve) => {
      const request = http.get(`${this.url}/readyz`, { agent: false, timeout: 1_000 }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(false));
    });
  }
}

async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = portRange.first + Math.floor(Math.random() * (portRange.last - portRange.first));
    const holder = createServer().listen(port, '127.0.0.1');
    const isFree = await once(holder, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await new Promise((resolve) => holder.close(resolve));
    return port;
  }
  throw new Error('There is no free port.');
}
