/** Whether a figure grows, said robustly: single samples may lie anywhere. */

export interface Point {
  /** Seconds. */
  readonly at: number;
  readonly value: number;
}

export interface Trend {
  /** How much the figure gained between the first point and the last, by its slope. */
  readonly growth: number;
  /** How sure it is that it goes up at all, in standard deviations; below 0 it goes down. */
  readonly certainty: number;
}

/** One in a hundred series that do not grow has so much. */
const certain = 2.33;

/** By the median of the slopes between all pairs of points (Theil–Sen), and the pairs that go up or down (Mann–Kendall). */
export function trendOf(points: readonly Point[]): Trend {
  const slopes: number[] = [];
  let ups = 0;
  points.forEach((from, index) => {
    for (const to of points.slice(index + 1)) {
      slopes.push((to.value - from.value) / (to.at - from.at));
      ups += Math.sign(to.value - from.value);
    }
  });
  const count = points.length;
  const deviation = Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  const span = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
  return {
    growth: count < 2 ? 0 : medianOf(slopes) * span,
    certainty: ups === 0 ? 0 : (ups - Math.sign(ups)) / deviation,
  };
}

/** @param allowed how much it may gain without being said to grow */
export function grows({ growth, certainty }: Trend, allowed: number): boolean {
  return growth > allowed && certainty > certain;
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
