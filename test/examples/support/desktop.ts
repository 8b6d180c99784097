/** A screen that nobody looks at, and a Swing program on it with somebody who types and reads. */

import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { has, without } from '../../support/needs.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { lookMs, patienceMs, Typist } from './typist.ts';

const hands = fileURLToPath(new URL('Hands.java', import.meta.url));
const example = fileURLToPath(new URL('../../../examples/java/ChatClient.java', import.meta.url));
const compileTimeoutMs = 120_000;

interface Built {
  /** The agent as Java wants it. */
  readonly agent: string;
  /** What `java` runs instead of the example's source, which it would compile each time. */
  readonly program: readonly string[];
}

let building: Promise<Built> | undefined;

/** Once per file of tests. */
async function build(): Promise<Built> {
  const run = promisify(execFile);
  const folder = await mkdtemp(join(tmpdir(), 'parlor-'));
  // A hook of a test would end it with the first one that asked for it.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const agent = join(folder, 'hands.jar');
  const manifest = join(folder, 'manifest');
  await writeFile(manifest, 'Premain-Class: Hands\n');
  await run('javac', ['-d', folder, hands, example], { timeout: compileTimeoutMs });
  await run('jar', ['cfm', agent, manifest, '-C', folder, 'Hands.class'], { timeout: compileTimeoutMs });
  return { agent, program: ['-cp', folder, 'ChatClient'] };
}

/** What is on the screen. */
export interface Sight {
  readonly log: readonly string[];
  readonly state: string;
  readonly roster: readonly string[];
  readonly canType: boolean;
  /** The labels of a dialog. */
  readonly dialog: string;
}

/** Whether there is what a Swing program on such a screen needs. */
export function hasDesktop(t: TestContext): boolean {
  if (!has(t, 'Xvfb') || !has(t, 'javac')) return false;
  version ??= javaVersion();
  return version >= 17 || without(t, `Java is of version ${version}, and 17 is needed: install default-jdk`);
}

let version: number | undefined;

function javaVersion(): number {
  const { stderr } = spawnSync('java', ['-XshowSettings:properties', '-version'], { encoding: 'utf8' });
  return Number(/java\.specification\.version = (\d+)/.exec(stderr)?.[1] ?? 0);
}

export class Screen {
  readonly #child: ChildProcess;
  readonly #display: string;
  readonly #built: Built;

  private constructor(child: ChildProcess, display: string, built: Built) {
    this.#child = child;
    this.#display = display;
    this.#built = built;
  }

  static async open(): Promise<Screen> {
    // It looks for a free display by itself, and tells which. Held keys do not repeat: on a slow machine they would.
    const args = ['-displayfd', '3', '-r', '-screen', '0', '1024x768x24', '-nolisten', 'tcp', '-dpi', '96'];
    const child = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    let display = '';
    const pipe = child.stdio[3] as Readable;
    pipe.setEncoding('utf8').on('data', (text: string) => {
      display += text;
    });
    building ??= build();
    const built = await building;
    await waitUntil(() => display.endsWith('\n') || child.exitCode !== null, 'there is a screen', patienceMs);
    return new Screen(child, `:${display.trim()}`, built);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }

  /**
   * Starts the example, with hands.
   * @param isFromSource as a user does
   */
  start(t: TestContext, args: readonly string[], isFromSource: boolean): Desk {
    const { agent, program } = this.#built;
    return new Desk(
      Typist.start(t, ['java', ...(isFromSource ? [example] : program), ...args], {
        DISPLAY: this.#display,
        // Quick to start, for what runs so shortly.
        JAVA_TOOL_OPTIONS: `-javaagent:${agent} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC`,
      }),
    );
  }
}

/** A program on a screen, and who sits before it. */
export class Desk {
  readonly program: Typist;
  #answers = 0;
  #asking: Promise<unknown> = Promise.resolve();

  constructor(program: Typist) {
    this.program = program;
  }

  look(): Promise<Sight> {
    return this.#command('look');
  }

  /** Types lower-case letters, digits and spaces, key by key, and Enter. */
  async types(text: string): Promise<void> {
    await this.#command(`keys ${text}`);
  }

  /** Pastes a text, and presses Enter. */
  async pastes(text: string): Promise<void> {
    await this.#command(`paste ${Buffer.from(text).toString('base64')}`);
  }

  /** Writes what is on the screen into a file. */
  async shoots(path: string): Promise<void> {
    await this.#command(`shot ${path}`);
  }

  /** By the window's close button. Nothing can be seen any more. */
  closes(): void {
    this.program.type('close');
  }

  async sees(condition: (sight: Sight) => boolean, what: string): Promise<Sight> {
    let sight: Sight | undefined;
    await waitUntil(
      async () => {
        sight = await this.look();
        return condition(sight);
      },
      what,
      patienceMs,
      lookMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${JSON.stringify(sight, null, 2)}\n${this.program.stderr}`);
    });
    if (sight === undefined) throw new Error('Nothing was seen.');
    return sight;
  }

  async seesLine(line: string): Promise<void> {
    await this.sees(({ log }) => log.includes(line), `the log shows "${line}"`);
  }

  /** One after the other: each command has one answer. */
  #command(line: string): Promise<Sight> {
    const answer = this.#asking.then(async () => {
      this.program.type(line);
      this.#answers += 1;
      const answers = () => this.program.lines.filter((said) => said.startsWith('seen '));
      await waitUntil(
        () => answers().length >= this.#answers || this.program.child.exitCode !== null,
        'an answer comes',
        patienceMs,
      );
      return sightOf(answers().at(-1) ?? '');
    });
    this.#asking = answer.catch(() => {});
    return answer;
  }
}

function sightOf(answer: string): Sight {
  const text = Buffer.from(answer.replace('seen ', ''), 'base64').toString();
  const [log = '', state = '', roster = '', canType = '', dialog = ''] = text.split('\0');
  const lines = log.split('\n').filter((line) => line !== '');
  return {
    // The time of day is no part of what is compared.
    log: lines.map((line) => line.replace(/^\d\d:\d\d {2}/, '')),
    state: state.replace('● ', ''),
    roster: roster === '' ? [] : roster.split('\n'),
    canType: canType === 'yes',
    dialog,
  };
}
