/** How findings are printed: for people, wrapped to their terminal, or as JSON. */

import { codeOf } from '../../core/errors.ts';
import { getColorDepth } from '../chat/colour-depth.ts';
import { safeJson, safeLine } from '../chat/safe-text.ts';
import { wrap } from '../chat/width.ts';
import type { Finding, Level } from './finding.ts';

const usualColumns = 80;
const leastColumns = 40;
const levelWidth = 'problem  '.length;
const checkWidth = 'client address  '.length;
/** A server that says more than this is not repeated whole. */
const maxChars = 600;

/** Green, magenta, red: readable on dark and on light, and the word is there too. */
const colours: Readonly<Record<Level, string>> = { ok: '32', warning: '1;35', problem: '1;31', untried: '2' };

export class Report {
  readonly #isJson: boolean;
  readonly #paint: (level: Level, text: string) => string;
  readonly #counts = new Map<Level, number>();

  constructor(isJson: boolean, { stdout, env } = process) {
    this.#isJson = isJson;
    const isColoured =
      getColorDepth(stdout, env) > 1 && (env.TERM !== 'dumb' || env.FORCE_COLOR !== undefined);
    this.#paint = (level, text) => (isColoured ? `\u001b[${colours[level]}m${text}\u001b[0m` : text);
    stdout.on('error', (error) => {
      // Who has read enough, as `head` has, closes the pipe.
      if (codeOf(error) !== 'EPIPE') throw error;
    });
  }

  get hasProblems(): boolean {
    return this.#counts.has('problem');
  }

  add(finding: Finding): void {
    this.#counts.set(finding.level, (this.#counts.get(finding.level) ?? 0) + 1);
    const lines = this.#isJson ? [safeJson(finding)] : this.#linesOf(finding);
    process.stdout.write(`${lines.join('\n')}\n`);
  }

  /** What it comes to, in one line. */
  end(): void {
    if (this.#isJson) return;
    const counted = (['problem', 'warning'] as const).map((level) => {
      const count = this.#counts.get(level) ?? 0;
      return `${count} ${level}${count === 1 ? '' : 's'}`;
    });
    const untried = this.#counts.get('untried') ?? 0;
    // Whoever reads this line alone would take what nobody looked at for what is well.
    const how = untried === 1 ? 'its arrow says how to try it' : 'their arrows say how to try them';
    if (untried > 0) counted.push(`${untried} untried (${how})`);
    process.stdout.write(`\n${counted.join(', ')}.\n`);
  }

  #linesOf({ check, level, seen, advice }: Finding): string[] {
    const begin = levelWidth + checkWidth;
    const width = Math.max(leastColumns, process.stdout.columns ?? usualColumns) - begin - 1;
    const body = [seen, ...(advice === undefined ? [] : [`→ ${advice}`])].flatMap((sentence) =>
      wrap(safeLine(sentence.slice(0, maxChars)), width, width),
    );
    return body.map((text, row) => {
      const left = row === 0 ? this.#paint(level, level) + ' '.repeat(levelWidth - level.length) : '';
      return row === 0 ? `${left}${check.padEnd(checkWidth)}${text}` : `${' '.repeat(begin)}${text}`;
    });
  }
}
