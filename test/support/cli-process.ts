/** The command `parlor` as a process that goes on: a test writes to it and waits for what it prints. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { cli, cliEnvironment } from './cli.ts';
import { waitUntil } from './wait-until.ts';

/** Far beyond what anything takes: retries of some seconds on a slow machine. */
const patienceMs = 60_000;

export class CliProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** The exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  stdout = '';
  stderr = '';

  private constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const [program = '', ...rest] = cli;
    this.child = spawn(program, [...rest, ...args], { env: { ...cliEnvironment, ...env } });
    this.child.stdout.on('data', (bytes) => {
      this.stdout += bytes;
    });
    this.child.stderr.on('data', (bytes) => {
      this.stderr += bytes;
    });
    // It may end before it has read all.
    this.child.stdin.on('error', () => {});
    this.exited = once(this.child, 'close').then(([code, signal]) => code ?? signal);
  }

  /** Ended with the test, if it has not ended by itself. */
  static start(
    t: TestContext,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): CliProcess {
    const started = new CliProcess(args, env);
    t.after(async () => {
      started.child.kill('SIGKILL');
      await started.exited;
    });
    return started;
  }

  /** Its whole input; then its end. */
  async fed(input: string): Promise<{ code: number | NodeJS.Signals; stdout: string; stderr: string }> {
    this.child.stdin.end(input);
    const code = await this.exited;
    return { code, stdout: this.stdout, stderr: this.stderr };
  }

  printed(pattern: RegExp): Promise<void> {
    return this.#until(() => pattern.test(this.stdout), `${pattern} was printed`);
  }

  complained(pattern: RegExp): Promise<void> {
    return this.#until(() => pattern.test(this.stderr), `${pattern} was told`);
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    await waitUntil(condition, what, patienceMs).catch((error: Error) => {
      throw new Error(`${error.message} It printed ${JSON.stringify(this.stdout + this.stderr)}`);
    });
  }
}
