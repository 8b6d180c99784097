/**
 * Takes what was redacted out of the bytes of the file.
 *
 * `secure_delete` overwrites a row as it goes, and the write-ahead log is written back and cut off right after: then the text
 * is nowhere, as a rule. But where SQLite has once divided a page it may have left a copy of the row between others, which it
 * does not know of any more (seen in 2 of 100 files). So the file is rewritten as a whole soon afterwards.
 *
 * That it is owed stands in the file, from the transaction of the redaction on until it is done: who is killed in between does it
 * after the next start.
 */

import type { Time } from '../../core/clock.ts';
import type { Tables } from './tables.ts';
import type { WriteAheadLog } from './write-ahead-log.ts';

/** In `meta`: whether something was redacted since the file was last rewritten. */
const redactedMark = 'redacted';

// Nothing is committed while the file is rewritten, a second per 64 MiB: it takes a twentieth of the time at the most.
const restFactor = 19;
const leastRestMs = 2_000;
const restAfterFailureMs = 60_000;
// A larger one would keep everybody waiting for longer than a commit may take.
const maxBytes = 512 * 1024 * 1024;
// One as large as this is rewritten in memory, and at the end too, which has to be quick.
const quickBytes = 64 * 1024 * 1024;

/** What it needs of a database. */
interface Rewritable {
  pragma(name: string, options: { simple: true }): unknown;
  exec(sql: string): unknown;
}

export class Erasure {
  readonly #database: Rewritable;
  readonly #tables: Tables;
  readonly #log: WriteAheadLog;
  readonly #time: Pick<Time, 'monotonic'>;
  #isOwed: boolean;
  #isRewritten = false;
  #dueAt = Number.NEGATIVE_INFINITY;

  constructor(database: Rewritable, tables: Tables, log: WriteAheadLog, time: Pick<Time, 'monotonic'>) {
    this.#database = database;
    this.#tables = tables;
    this.#log = log;
    this.#time = time;
    this.#isOwed = tables.meta(redactedMark) === '1';
  }

  /** Something is redacted in the transaction under way. */
  owe(): void {
    this.#tables.setMeta(redactedMark, '1');
    this.#log.hurry();
    this.#isOwed = true;
    this.#isRewritten = false;
  }

  get isDue(): boolean {
    return this.#isOwed && this.#time.monotonic() >= this.#dueAt;
  }

  /**
   * Rewrites the file. If somebody reads it meanwhile, the next call goes on.
   * @throws what keeps it from that; it is due again later
   */
  run(): void {
    const start = this.#time.monotonic();
    this.#dueAt = start + restAfterFailureMs;
    if (this.#fileBytes > maxBytes) {
      this.#dueAt = Number.POSITIVE_INFINITY;
      throw new Error(
        `The file has more than ${maxBytes / 1024 / 1024} MiB and is not rewritten: traces of redacted texts may be left in it, which nobody is shown. A copy made by \`parlor backup\` has none.`,
      );
    }
    if (!this.#isRewritten) this.#rewrite();
    if (this.#log.cutOff()) {
      this.#tables.setMeta(redactedMark, '0');
      this.#tables.commit();
      this.#isOwed = false;
    }
    const now = this.#time.monotonic();
    this.#dueAt = now + Math.max(leastRestMs, (now - start) * restFactor);
  }

  /** Does before the end what can be done quickly. Never throws: the next start does the rest. */
  finish(): void {
    try {
      if (this.#isOwed && this.#fileBytes <= quickBytes) this.run();
    } catch {
      // It stays owed.
    }
  }

  #rewrite(): void {
    // A server need not have a place for temporary files, and memory is quicker.
    this.#database.exec(`PRAGMA temp_store = ${this.#fileBytes <= quickBytes ? 'MEMORY' : 'FILE'}`);
    this.#database.exec('VACUUM');
    this.#isRewritten = true;
  }

  get #fileBytes(): number {
    const pragma = (name: string) => Number(this.#database.pragma(name, { simple: true }));
    return pragma('page_count') * pragma('page_size');
  }
}
