/** An example for the terminal as a process, with somebody who types and reads. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { searchPath } from '../../support/needs.ts';
import { waitUntil } from '../../support/wait-until.ts';

/** Far beyond what anything takes: retries of up to some seconds on a slow machine. */
export const patienceMs = 60_000;
/** Between two looks at what is dear to look at. */
export const lookMs = 50;

export class Typist {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  stdout = '';
  stderr = '';

  private constructor(command: readonly string[], env: Readonly<Record<string, string>>) {
    const [program = '', ...args] = command;
    // A process group of its own, as a shell gives to what is typed.
    this.child = spawn(program, args, {
      detached: true,
      env: { PATH: searchPath, HOME: process.env.HOME, LANG: 'C.UTF-8', ...env },
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    // It may be gone when something is typed.
    this.child.stdin?.on('error', () => {});
    this.exited = once(this.child, 'close').then(([code]) => code);
  }

  /** Starts it; gone after the test. */
  static start(
    t: TestContext,
    command: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Typist {
    const typist = new Typist(command, env);
    t.after(async () => {
      typist.signal('SIGKILL');
      await typist.exited;
    });
    return typist;
  }

  type(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Ctrl+D. */
  endInput(): void {
    this.child.stdin?.end();
  }

  /** To all of its processes, as Ctrl+C is. */
  signal(name: NodeJS.Signals): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, name);
    } catch {
      // All of them have ended.
    }
  }

  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }

  async sees(line: string): Promise<void> {
    await this.#until(() => this.lines.includes(line), `stdout has "${line}"`);
  }

  async isTold(pattern: RegExp): Promise<void> {
    await this.#until(() => pattern.test(this.stderr), `stderr has ${pattern}`);
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    await waitUntil(condition, what, patienceMs).catch((error: Error) => {
      throw new Error(`${error.message}\nstdout:\n${this.stdout}\nstderr:\n${this.stderr}`);
    });
  }
}
