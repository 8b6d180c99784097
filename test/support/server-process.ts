/** The server as a process of its own, as a user starts it, in a temporary folder on a free port. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programCommand } from './program.ts';
import { assertNoSecret, noteSecret } from './secrets.ts';

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The folder to start in; a new temporary one if not given. */
  readonly cwd?: string;
  /** `src/server.ts` if not given. */
  readonly command?: readonly string[] | undefined;
}

export class ServerProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  stdout = '';
  stderr = '';

  private constructor({ env = {}, cwd, command = programCommand('src/server.ts') }: ProcessOptions) {
    for (const option of ['ADMIN_TOKEN', 'JWT_SECRET']) noteSecret(env[option]);
    const directory = cwd ?? mkdtempSync(join(tmpdir(), 'parlor-'));
    const [program = '', ...args] = command;
    this.child = spawn(program, args, {
      cwd: directory,
      // A busy machine is no reason for a server to turn somebody away here.
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', MAX_LOOP_DELAY: 'off', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that what it starts ends with it.
      detached: true,
    });
    this.child.stdout?.on('data', (bytes) => {
      this.stdout += bytes;
    });
    this.child.stderr?.on('data', (bytes) => {
      this.stderr += bytes;
    });
    this.exited = once(this.child, 'close').then(([code]) => {
      if (cwd === undefined) rmSync(directory, { recursive: true, force: true });
      return code;
    });
  }

  /** Starts and does not wait. */
  static spawn(options: ProcessOptions = {}): ServerProcess {
    return new ServerProcess(options);
  }

  /** Starts and waits for the address. */
  static async start(options: ProcessOptions = {}): Promise<ServerProcess & { url: string }> {
    const server = new ServerProcess(options);
    const url = await server.printed(/Parlor is open at (https?:\/\/[^\s"]+)/);
    return Object.assign(server, { url });
  }

  /** What the first group of `pattern` matches in the output, as soon as it is there. */
  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const [, found] = pattern.exec(this.stdout) ?? [];
      if (found !== undefined) return found;
      const { stdout } = this.child;
      if (this.child.exitCode !== null || this.child.signalCode !== null || !stdout)
        throw new Error(`It exited: ${this.stdout}${this.stderr}`);
      await Promise.race([once(stdout, 'data'), this.exited]);
    }
  }

  /** Ends the process, by force if it must. Throws if it has printed a secret. */
  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.child;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
    await this.exited;
    assertNoSecret(this.stdout + this.stderr, 'What the server printed');
  }
}
