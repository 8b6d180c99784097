/** Opens what is left of a database, and holds what comes of it against the states that it has had. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openDatabase } from '../../../src/stores/sqlite/database.ts';
import { StoreRefusal } from '../../../src/stores/store-refusal.ts';
import { epochsOf, stateOf } from './database-state.ts';
import { type Files, readFiles } from './written-history.ts';

export type Outcome =
  /** `commit` is the last one whose state this is; undefined if it has never been so. */
  | { readonly outcome: 'started'; readonly commit: number | undefined; readonly epochs: string }
  | { readonly outcome: 'refused'; readonly line: string };

const database = 'parlor.db';
// Thousands of openings shall not wait for a disk.
const memory = '/dev/shm';

export class Opening {
  readonly #folder: string;
  readonly #commitOf: ReadonlyMap<string, number>;
  /** How long the slowest one took. */
  longestMs = 0;

  constructor(t: TestContext, states: readonly string[]) {
    this.#folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'parlor-'));
    t.after(() => rmSync(this.#folder, { recursive: true, force: true }));
    this.#commitOf = new Map(states.map((state, commit) => [state, commit]));
  }

  /** Opens these files, as a server does, and closes them again. */
  try(files: Files): Outcome {
    rmSync(this.#folder, { recursive: true });
    const path = this.#lay(files);
    const startedAt = performance.now();
    try {
      const opened = openDatabase(path, 'full');
      try {
        const commit = this.#commitOf.get(stateOf(opened.database));
        return { outcome: 'started', commit, epochs: epochsOf(opened.database) };
      } finally {
        opened.close();
      }
    } catch (error) {
      if (!(error instanceof StoreRefusal)) throw error;
      assert.match(error.message, /^[^\n]+$/);
      const left = readFiles(path);
      assert.deepEqual([left.main, left.log], [files.main, files.log], 'it was not left as it was');
      return { outcome: 'refused', line: error.message };
    } finally {
      this.longestMs = Math.max(this.longestMs, performance.now() - startedAt);
    }
  }

  /** What stands there after `try`. */
  left(): Files {
    return readFiles(join(this.#folder, database));
  }

  #lay({ main, log, index }: Files): string {
    const path = join(this.#folder, database);
    mkdirSync(this.#folder);
    if (main) writeFileSync(path, main);
    if (log) writeFileSync(`${path}-wal`, log);
    if (index) writeFileSync(`${path}-shm`, index);
    return path;
  }
}
