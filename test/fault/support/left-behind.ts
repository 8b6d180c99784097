/** What a killed process left of its database: opened in many ruined forms, and held against what it had written. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { commitsBefore, type LogLayout, layoutOf } from './log-commits.ts';
import { Opening, type Outcome } from './opening.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type Files, type Manner, type WrittenHistory, writeHistory } from './written-history.ts';

const commits = 300;

export interface Counts {
  /** Started with everything. */
  all: number;
  /** Started with everything up to an earlier commit. */
  earlier: number;
  refused: number;
}

export class LeftBehind {
  readonly history: WrittenHistory;
  readonly layout: LogLayout;
  /** The number of the last commit. */
  readonly last: number;
  readonly #opening: Opening;
  readonly #epochs: ReadonlySet<string>;
  #counts: Counts = { all: 0, earlier: 0, refused: 0 };

  private constructor(t: TestContext, history: WrittenHistory) {
    this.history = history;
    this.layout = layoutOf(history.log);
    this.last = history.states.length - 1;
    this.#opening = new Opening(t, history.states);
    this.#epochs = new Set(history.epochs.split(' '));
  }

  static async write(
    t: TestContext,
    random: SeededRandom,
    { manner = 'usual', copies = 0 }: { manner?: Manner; copies?: number } = {},
  ): Promise<LeftBehind> {
    const seed = random.between(0, 2 ** 32 - 1);
    return new LeftBehind(t, await writeHistory(t, { seed, commits, copies, manner }));
  }

  /** The commit that must be the last one left if the log cannot be relied on from a byte on. */
  expectedAt(at: number): number {
    return this.last - this.layout.commits + commitsBefore(this.layout, at);
  }

  /** Opens the files, of which some are ruined: it starts with what was there after some commit, or is refused. */
  tries(ruined: Partial<Files>, what: string): Outcome {
    const outcome = this.#opening.try({ ...this.history, ...ruined });
    if (outcome.outcome === 'refused') {
      this.#counts.refused += 1;
    } else {
      assert.notEqual(outcome.commit, undefined, `${what}: it started with what has never been`);
      this.#counts[outcome.commit === this.last ? 'all' : 'earlier'] += 1;
    }
    return outcome;
  }

  /** As `tries`; it starts with this commit, and if any were lost with new epochs [LOG-2]. */
  startsWith(commit: number, ruined: Partial<Files>, what: string): void {
    const outcome = this.tries(ruined, what);
    assert.ok(outcome.outcome === 'started', `${what}: it was refused: ${JSON.stringify(outcome)}`);
    assert.equal(outcome.commit, commit, what);
    this.#checkEpochs(outcome, what);
  }

  /** As `tries`; it starts, if at all, with this commit. */
  startsWithOrRefuses(commit: number, ruined: Partial<Files>, what: string): void {
    const outcome = this.tries(ruined, what);
    if (outcome.outcome === 'refused') return;
    assert.equal(outcome.commit, commit, what);
    this.#checkEpochs(outcome, what);
  }

  refuses(line: RegExp, ruined: Partial<Files>, what: string): void {
    const outcome = this.tries(ruined, what);
    assert.ok(outcome.outcome === 'refused', `${what}: it started`);
    assert.match(outcome.line, line, what);
  }

  /** The files after the last try. */
  left(): Files {
    return this.#opening.left();
  }

  /** Since it was asked last. */
  takeCounts(): string {
    const { all, earlier, refused } = this.#counts;
    this.#counts = { all: 0, earlier: 0, refused: 0 };
    return `${all} started with everything, ${earlier} with all up to an earlier commit, ${refused} refused and left as they were`;
  }

  #checkEpochs(outcome: Outcome & { outcome: 'started' }, what: string): void {
    if (outcome.commit === this.last) return;
    // A room that had not been opened yet is not there.
    for (const epoch of outcome.epochs.split(' ')) {
      assert.ok(!this.#epochs.has(epoch), `${what}: commits are lost, and an epoch is the same [LOG-2]`);
    }
  }
}
