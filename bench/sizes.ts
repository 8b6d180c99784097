/** How large and how long runs are: in earnest, or just enough to see that everything works. */

export interface Sizes {
  /** Nothing is measured, only proved: fewer systems, one run each, some milliseconds. */
  readonly isSmoke: boolean;
  /** Runs of each system, in turn. */
  readonly repeats: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** How long what is under way at the end may take to arrive. */
  readonly drainMs: number;
  /** How often who was disturbed runs again. */
  readonly extraRounds: number;
  /** How long the runs of a case may wait together until the machine has nothing else to do. */
  readonly patienceMs: number;
  /** How many there are of something there should be `count` of. */
  scaled(count: number): number;
}

export const fullSizes: Sizes = {
  isSmoke: false,
  repeats: 3,
  warmUpMs: 2_000,
  measureMs: 5_000,
  drainMs: 60_000,
  extraRounds: 2,
  patienceMs: 60_000,
  scaled: (count) => count,
};

export const smokeSizes: Sizes = {
  isSmoke: true,
  repeats: 1,
  warmUpMs: 20,
  measureMs: 100,
  drainMs: 10_000,
  extraRounds: 0,
  patienceMs: 0,
  scaled: (count) => Math.max(2, Math.ceil(count / 200)),
};
