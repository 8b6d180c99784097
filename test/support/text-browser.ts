/** A text browser on a terminal, as somebody sits before it: keys go in, and what it writes is read. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { waitUntil } from './wait-until.ts';

const drawAgain = '\x0c';
const drawMs = 500;
const boundMs = 30_000;
// What a terminal takes for orders: to move, to colour, to name its window.
const orders = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[()][0-9A-B]|[=>78M])|[\x0e\x0f\r]/g;

export class TextBrowser {
  readonly #child: ChildProcessWithoutNullStreams;
  #written = '';

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.on('data', (bytes: Buffer) => {
      this.#written += bytes.toString('latin1');
    });
  }

  /**
   * Opens a page in a browser with a home of its own, on a terminal of 24 lines.
   * @param command the program and its options
   */
  static open(t: TestContext, command: string, url: string): TextBrowser {
    const home = mkdtempSync(join(tmpdir(), 'parlor-home-'));
    // The program of util-linux, which lends it a terminal.
    const child = spawn('script', ['-qec', `stty rows 24 cols 80; exec ${command} '${url}'`, '/dev/null'], {
      env: { PATH: process.env.PATH, HOME: home, TERM: 'xterm', LC_ALL: 'C.UTF-8', SHELL: '/bin/sh' },
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    t.after(async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(home, { recursive: true, force: true });
    });
    return new TextBrowser(child);
  }

  /** Presses keys, each time until the screen shows the word that is to come of it. */
  async press(steps: Iterable<readonly [keys: string, word: string]>): Promise<void> {
    for (const [keys, word] of steps) {
      this.#written = '';
      this.#child.stdin.write(keys);
      await this.#waitFor(word);
    }
  }

  /**
   * Waits until a page is there and the browser heeds keys: those that come while it loads are thrown away. So it is
   * asked to draw the page again, until it does.
   * @param word stands once on the page
   */
  async isReady(word: string): Promise<void> {
    await this.#waitFor(word);
    const deadline = performance.now() + boundMs;
    do {
      if (performance.now() > deadline) throw new Error('Waited in vain until the browser heeded its keys.');
      this.#written = '';
      this.#child.stdin.write(drawAgain);
    } while (!(await this.#showsSoon(word)));
  }

  async #waitFor(word: string): Promise<void> {
    try {
      await waitUntil(() => this.#shows(word), `${word} stood on the screen`, boundMs);
    } catch (error) {
      throw new Error(`The screen was: ${this.#written.replace(orders, ' ')}`, { cause: error });
    }
  }

  async #showsSoon(word: string): Promise<boolean> {
    try {
      await waitUntil(() => this.#shows(word), word, drawMs);
      return true;
    } catch {
      return false;
    }
  }

  #shows(word: string): boolean {
    return this.#written.replace(orders, ' ').includes(word);
  }
}
