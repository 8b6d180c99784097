/** A real terminal to type into and to look at: panes of a tmux of the test's own. */

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { waitUntil } from './wait-until.ts';

const run = promisify(execFile);

/** Far beyond what anything takes: retries of some seconds on a slow machine. */
const patienceMs = 60_000;
/** Each look is a process. */
const lookMs = 40;

export interface PaneOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Words as a shell takes them. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}

export class Pane {
  readonly #socket: string;
  readonly #name: string;
  #size: readonly [columns: number, rows: number];

  private constructor(socket: string, name: string, columns: number, rows: number) {
    this.#socket = socket;
    this.#name = name;
    this.#size = [columns, rows];
  }

  /** A pane with a command of the shell in it; its tmux ends with the test. */
  static async open(t: TestContext, command: string, options: PaneOptions = {}): Promise<Pane> {
    const { columns = 80, rows = 24, env = {} } = options;
    const folder = mkdtempSync(join(tmpdir(), 'parlor-tmux-'));
    const pane = new Pane(join(folder, 'tmux'), 'pane', columns, rows);
    const variables = Object.entries({ LC_ALL: 'C.UTF-8', ...env }).map(
      ([name, value]) => `${name}=${value}`,
    );
    // Colours must not depend on who runs the tests.
    const words = ['env', '-u', 'NO_COLOR', '-u', 'FORCE_COLOR', '-u', 'COLORTERM', ...variables, 'sh', '-c'];
    // What it printed at last can be looked at.
    const kept = `${command}; echo "ended with $?"; exec cat`;
    const size = ['-x', `${columns}`, '-y', `${rows}`];
    const started = ['new-session', '-d', '-s', pane.#name, ...size, shellWords([...words, kept])];
    await pane.#tmux('-f', '/dev/null', '-u', ...started);
    t.after(async () => {
      await pane.#tmux('kill-server');
      rmSync(folder, { recursive: true, force: true });
    });
    return pane;
  }

  /** Types a text as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-t', this.#name, '-l', text);
  }

  /** Presses keys by the names that tmux gives them, such as `Enter` and `C-c`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', '-t', this.#name, ...keys);
  }

  async paste(text: string): Promise<void> {
    await this.#tmux('set-buffer', text);
    await this.#tmux('paste-buffer', '-p', '-r', '-t', this.#name);
  }

  async resize(columns: number, rows = this.#size[1]): Promise<void> {
    this.#size = [columns, rows];
    await this.#tmux('resize-window', '-t', this.#name, '-x', `${columns}`, '-y', `${rows}`);
  }

  /** All rows, those that have scrolled away too, without the empty ones at the end. */
  async rows(...flags: readonly string[]): Promise<string[]> {
    const { stdout } = await this.#tmux('capture-pane', '-p', '-S', '-', ...flags, '-t', this.#name);
    return stdout.trimEnd().split('\n');
  }

  /** Writes all that the program writes from now on into a file, byte by byte. */
  async record(file: string): Promise<void> {
    await this.#tmux('pipe-pane', '-t', this.#name, `cat > ${shellWords([file])}`);
  }

  /** Waits until the rows, as one text, match. */
  async shows(pattern: RegExp): Promise<void> {
    let shown = '';
    const isShown = async () => {
      shown = (await this.rows()).join('\n');
      return pattern.test(shown);
    };
    await waitUntil(isShown, `${pattern} was shown`, patienceMs, lookMs).catch((error) => {
      throw new Error(`${error.message} There stood:\n${shown}`);
    });
  }

  #tmux(...args: readonly string[]) {
    const env = { ...process.env, TMUX: undefined, LC_ALL: 'C.UTF-8' };
    return run('tmux', ['-S', this.#socket, ...args], { env });
  }
}
