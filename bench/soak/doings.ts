/** Whether a load got done what it came for: a server that lets nobody in keeps nothing either. */

export interface Doing {
  /** How often it was begun. */
  readonly begun: number;
  readonly done: number;
  /** How often the server had too much to do, or gave no answer. */
  readonly refused: number;
  /** How often it is done in the time by a server that keeps up, nearly. */
  readonly expected: number;
}

/** By its name. */
export type Doings = Readonly<Record<string, Doing>>;

/** A machine that others use as well is late, and does less. */
const leastShare = 0.25;
/** While a disk is busy for seconds the store is away, which is no fault of the server: so many, and a share of all. */
const mostRefused = { fixed: 5, share: 0.1 };

/** What came of too little, in words; empty if the load was one. */
export function faultsOfDoings(doings: Doings): string[] {
  return Object.entries(doings).flatMap(([what, { begun, done, refused, expected }]) => {
    const faults: string[] = [];
    if (done < Math.floor(expected * leastShare)) {
      faults.push(`${what}: ${done} were done, where some ${Math.round(expected)} are expected`);
    }
    if (refused > mostRefused.fixed + mostRefused.share * begun) {
      faults.push(`${what}: ${refused} of ${begun} were refused`);
    }
    return faults;
  });
}

/** @example inWords({ visits: … }) // "12 visits" */
export function inWords(doings: Doings): string {
  const refusals = Object.values(doings).reduce((sum, { refused }) => sum + refused, 0);
  const counts = Object.entries(doings).map(([what, { done }]) => `${done} ${what}`);
  return [...counts, `${refusals} refusals`].join(', ');
}
