/** A process of a run: started on its core, waited for, and ended. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Part, pinned } from './pinning.ts';

export interface ChildOptions {
  /** Where it runs; wherever the system has it run if not given. */
  readonly part?: Part;
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What ends it: SIGKILL unless it has to end others. */
  readonly endsBy?: NodeJS.Signals;
}

const startTimeoutMs = 30_000;
const mostOutput = 100_000;

const alive = new Set<Child>();
// Whoever interrupts a run leaves none of its processes behind.
process.on('exit', () => {
  for (const child of alive) child.kill();
});

export class Child {
  readonly process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #endsBy: NodeJS.Signals;
  #output = '';

  constructor({ part, command, cwd, env = {}, endsBy = 'SIGKILL' }: ChildOptions) {
    const [program = '', ...args] = part ? pinned(part, command) : command;
    this.process = spawn(program, args, {
      cwd,
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, HOME: process.env.HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#endsBy = endsBy;
    alive.add(this);
    this.#exited = once(this.process, 'exit').finally(() => alive.delete(this));
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        this.#output = (this.#output + bytes.toString()).slice(-mostOutput);
      });
    }
  }

  /** `taskset` becomes what it starts, so this is the process itself. */
  get pid(): number {
    return this.process.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  /** What the first group of `pattern` matches in the output, as soon as it is there. */
  async printed(pattern: RegExp): Promise<string> {
    const deadline = performance.now() + startTimeoutMs;
    for (;;) {
      const [, found] = pattern.exec(this.#output) ?? [];
      if (found !== undefined) return found;
      if (this.process.exitCode !== null) throw new Error(`It exited: ${this.#output}`);
      if (performance.now() > deadline) throw new Error(`It does not start: ${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** The next message of the process. */
  async asked<T>(message: string): Promise<T> {
    const answer = once(this.process, 'message', { signal: AbortSignal.timeout(startTimeoutMs) });
    this.process.send(message);
    const [result] = await answer;
    return result as T;
  }

  kill(): void {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(this.#endsBy);
  }

  /** Asks it to end by itself, and waits until it has. */
  async end(): Promise<void> {
    this.process.kill('SIGTERM');
    await this.#exited;
  }

  async stop(): Promise<void> {
    this.kill();
    await this.#exited;
  }
}
