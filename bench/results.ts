/** What was measured: run by run, and what the runs of a contender come to together. */

export interface Measurement {
  readonly case: string;
  readonly contender: string;
  /** From 1. */
  readonly repeat: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** What others may use of a core beside a run. */
export const tolerableOthers = 0.1;

/** Whether the machine had nothing else to do, as far as is known. */
export function isUndisturbed({ figures }: Measurement): boolean {
  return (figures.othersCpu ?? 0) <= tolerableOthers;
}

/** The middle of several runs, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** All that a report is made of, as it is kept in a file. */
export interface Results {
  readonly machine: Readonly<Record<string, string>>;
  readonly measurements: readonly Measurement[];
  readonly thrownAway: readonly string[];
}

/** Whoever has been measured in a case, in the order of the runs. */
export function contendersOf(measurements: readonly Measurement[], caseName: string): string[] {
  return [
    ...new Set(measurements.filter((each) => each.case === caseName).map(({ contender }) => contender)),
  ];
}

/** A figure of a contender over its runs, those that were not disturbed if there are any; undefined if there is none. */
export function spreadOf(
  measurements: readonly Measurement[],
  caseName: string,
  contender: string,
  figure: string,
): Spread | undefined {
  const runs = measurements.filter((each) => each.case === caseName && each.contender === contender);
  const undisturbed = runs.filter(isUndisturbed);
  const values = (undisturbed.length > 0 ? undisturbed : runs)
    .flatMap(({ figures }) => figures[figure] ?? [])
    .sort((a, b) => a - b);
  const [least] = values;
  const most = values.at(-1);
  if (least === undefined || most === undefined) return undefined;
  const middle = values.length / 2;
  const median = (at(values, Math.ceil(middle) - 1) + at(values, Math.floor(middle))) / 2;
  return { median, least, most };
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? Number.NaN;
}
