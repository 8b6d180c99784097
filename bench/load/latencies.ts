/** How long many deliveries took: counts in buckets, so that recording one allocates nothing. */

// 10 µs wide up to 100 ms, 1 ms wide up to 30 s; what takes longer counts as that.
const fineMicros = 10;
const fineUpToMicros = 100_000;
const coarseMicros = 1_000;
const mostMicros = 30_000_000;
const fineBuckets = fineUpToMicros / fineMicros;
const buckets = fineBuckets + (mostMicros - fineUpToMicros) / coarseMicros + 1;

export class Latencies {
  readonly #counts = new Float64Array(buckets);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  record(micros: number): void {
    this.#total++;
    const bucket = bucketOf(micros);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  /**
   * Milliseconds within which this share of all was done; 0 if there was none.
   * @param share for example 0.99
   */
  quantile(share: number): number {
    let left = this.#total * share;
    for (let bucket = 0; bucket < buckets; bucket++) {
      left -= this.#counts[bucket] ?? 0;
      if (left <= 0 && this.#total > 0) return upperMicros(bucket) / 1000;
    }
    return 0;
  }
}

function bucketOf(micros: number): number {
  if (micros < fineUpToMicros) return Math.max(0, (micros / fineMicros) | 0);
  return Math.min(buckets - 1, fineBuckets + (((micros - fineUpToMicros) / coarseMicros) | 0));
}

function upperMicros(bucket: number): number {
  if (bucket < fineBuckets) return (bucket + 1) * fineMicros;
  return fineUpToMicros + (bucket - fineBuckets + 1) * coarseMicros;
}
