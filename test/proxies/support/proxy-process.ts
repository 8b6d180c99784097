/** A real proxy, started with a recipe, before a server. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { Authority, type Pair } from '../../support/certificates.ts';
import { searchPath } from '../../support/needs.ts';
import { exchange } from '../../support/raw-http.ts';
import { freePort } from '../../support/redis-server.ts';
import { temporaryFolder } from '../../support/sqlite.ts';
import { startServer, type TestServer } from '../../support/test-server.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { Change, Recipe } from './recipes.ts';

export class ProxyProcess {
  readonly #program: string;
  readonly #arguments: readonly string[];
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | undefined;
  #said = '';

  constructor(t: TestContext, program: string, args: readonly string[], folder: string, port: number) {
    this.#program = program;
    this.#arguments = args;
    this.#folder = folder;
    this.#port = port;
    t.after(() => this.stop());
  }

  /** Resolves once it answers. */
  async start(): Promise<void> {
    const child = spawn(this.#program, this.#arguments, {
      env: {
        PATH: searchPath,
        HOME: this.#folder,
        XDG_DATA_HOME: this.#folder,
        XDG_CONFIG_HOME: this.#folder,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const output of [child.stdout, child.stderr]) {
      output?.on('data', (bytes) => {
        this.#said += bytes;
      });
    }
    await waitUntil(async () => {
      if (child.exitCode !== null) throw new Error(`${this.#program} has ended: ${this.#said}`);
      return answers(this.#port);
    }, `${this.#program} answers`);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    // The workers of nginx end with their master, if it can tell them; Caddy would wait for the streams.
    child.kill(this.#program === 'nginx' ? 'SIGTERM' : 'SIGKILL');
    await ended;
  }
}

/** Whatever it says, to whoever asks. */
async function answers(port: number): Promise<boolean> {
  try {
    await exchange(port, 'GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    return true;
  } catch {
    return false;
  }
}

export interface Front {
  readonly server: TestServer;
  readonly proxy: ProxyProcess;
  /** Of the proxy, without a slash at the end. */
  readonly url: string;
  /** Where it speaks plain HTTP, and where TLS, if it does. */
  readonly http: number;
  readonly https: number;
  readonly pair: Pair;
  /** In PEM, of whoever has issued the certificate. */
  readonly ca: string;
}

/**
 * A server with a proxy before it, both gone with the test.
 * @param changes of the recipe's text: bounds that a test could reach only with patience
 */
export async function front(
  t: TestContext,
  recipe: Recipe,
  options: Readonly<Record<string, string>> = {},
  changes: readonly Change[] = [],
): Promise<Front> {
  const server = await startServer({ TRUST_PROXY: '127.0.0.1', ...options });
  t.after(() => server.close());
  const authority = await Authority.create(t);
  const pair = await authority.server();
  const folder = temporaryFolder(t);
  for (let attempt = 1; ; attempt++) {
    const [http, https] = [await freePort(), await freePort()];
    const args = recipe.prepare({ folder, upstream: server.port, http, https, pair }, changes);
    const proxy = new ProxyProcess(t, recipe.program, args, folder, http);
    try {
      await proxy.start();
    } catch (error) {
      // Somebody else may have taken a port meanwhile.
      if (attempt === 3) throw error;
      continue;
    }
    const url = recipe.isSecure ? `https://localhost:${https}` : `http://localhost:${http}`;
    return { server, proxy, url, http, https, pair, ca: authority.texts.cert };
  }
}
