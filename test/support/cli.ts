/** The command `parlor` as a process of its own, as a user calls it. */

import { execFile } from 'node:child_process';
import { programCommand } from './program.ts';

/** Runs it. */
export const cli = programCommand('src/cli/parlor.ts');

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What to run instead of `cli`. */
  readonly command?: readonly string[];
  /** What it reads from its standard input; nothing ends that if it is not given. */
  readonly input?: string;
}

export interface Ran {
  /** The exit code; null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What it needs of the environment: none of the options of whoever runs the tests. */
export const cliEnvironment: Readonly<Record<string, string | undefined>> = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
};

const maxOutput = 256 * 1024 * 1024;

// What it runs counts as tested.
const coverage = process.env.NODE_V8_COVERAGE ? { NODE_V8_COVERAGE: process.env.NODE_V8_COVERAGE } : {};

/** Runs it to its end, whatever that is. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<Ran> {
  const { cwd, env, command = cli, input } = options;
  const [program = '', ...rest] = command;
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...rest, ...args],
      { cwd, env: { ...cliEnvironment, ...coverage, ...env }, maxBuffer: maxOutput },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
    if (input !== undefined) child.stdin?.end(input);
  });
}
