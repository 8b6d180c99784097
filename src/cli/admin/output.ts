/** What the commands of an operator print: tables, or JSON. */

import { codeOf } from '../../core/errors.ts';
import type { Arguments } from '../arguments.ts';
import { safeJson, safeLine } from '../chat/safe-text.ts';
import { styleOf } from '../chat/style.ts';
import { type Column, tableOf } from './table.ts';

export class Output {
  readonly isJson: boolean;
  /** Whether somebody looks at it, who can do without what has no place. */
  readonly isScreen = process.stdout.isTTY === true;

  /** @param options `json`, if it was given */
  constructor({ json }: Arguments['options']) {
    this.isJson = json !== undefined;
    process.stdout.on('error', (error) => {
      // Who has read enough, as `head` has, closes the pipe.
      if (codeOf(error) !== 'EPIPE') throw error;
      process.exit(0);
    });
  }

  /** What was done: a sentence, or its JSON. */
  done(sentence: string, json: unknown): void {
    this.line(this.isJson ? safeJson(json) : safeLine(sentence));
  }

  /**
   * @param nothing what is told beside the output where there is no row
   */
  list<Row>(columns: readonly Column<Row>[], rows: readonly Row[], nothing: string): void {
    if (this.isJson) {
      this.#write(rows.map((row) => safeJson(row)));
      return;
    }
    if (rows.length === 0) {
      process.stderr.write(`parlor: ${nothing}\n`);
      return;
    }
    const [titles = '', ...others] = tableOf(columns, rows, this.width);
    this.#write([styleOf(process.stdout, process.env).strong(titles), ...others]);
  }

  /** It must be harmless. */
  line(text: string): void {
    this.#write([text]);
  }

  /** How many columns there are to fill; undefined: as many as it takes. */
  get width(): number | undefined {
    return this.isScreen ? process.stdout.columns : undefined;
  }

  #write(lines: readonly string[]): void {
    if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
  }
}
