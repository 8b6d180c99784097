/** When clients come back whose streams have ended: spread, so that a server that restarts is not run over. */

const leastMs = 2_000;
// Each stream costs well below this to open again.
const spanPerStreamMs = 1;
const leastSpanMs = 1_000;
const greatestSpanMs = 15_000;

/**
 * How long one of `streams` clients is to wait before it connects again, by chance.
 * @param atLeastMs when trying again may succeed at the earliest
 */
export function reconnectMs(streams: number, atLeastMs = leastMs): number {
  const spanMs = Math.min(greatestSpanMs, Math.max(leastSpanMs, streams * spanPerStreamMs));
  return Math.round(Math.max(leastMs, atLeastMs) + Math.random() * spanMs);
}
