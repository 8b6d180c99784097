/** A real proxy as a process of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { searchPath } from './needs.ts';
import { exchange } from './raw-http.ts';
import { waitUntil } from './wait-until.ts';

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

/**
 * What nginx is started with, having nothing to do with one that the machine runs.
 * @param folder of its own
 * @param site what stands in `http {}`
 */
export function nginxArguments(folder: string, site: string): readonly string[] {
  const file = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  writeFileSync(
    file,
    `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
events {}
http {
access_log off;
${temporary.join('\n')}
${site}
}
`,
  );
  return ['-p', folder, '-e', join(folder, 'error.log'), '-c', file];
}
