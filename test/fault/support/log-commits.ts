/**
 * Where in a write-ahead log its commits end: read by the format alone, so that it can be said what must be left of a log
 * that was cut or spoiled. https://sqlite.org/fileformat2.html#walformat
 */

const logHeaderBytes = 32;
const frameHeaderBytes = 24;
const pageSizeOffset = 8;
const saltsOffset = { log: 16, frame: 8 };
const saltsBytes = 8;
// How many pages the file has after a commit; 0 in frames that are not its last one.
const pagesOffset = 4;

/** Where a frame begins and ends, and how many commits stand before it. */
export interface Frame {
  readonly from: number;
  readonly to: number;
  readonly commitsBefore: number;
}

export interface LogLayout {
  readonly frames: readonly Frame[];
  readonly commits: number;
}

export function layoutOf(log: Buffer): LogLayout {
  const frameBytes = frameHeaderBytes + log.readUInt32BE(pageSizeOffset);
  const salts = log.subarray(saltsOffset.log, saltsOffset.log + saltsBytes);
  const frames: Frame[] = [];
  let commits = 0;
  for (let from = logHeaderBytes; from + frameBytes <= log.length; from += frameBytes) {
    const own = log.subarray(from + saltsOffset.frame, from + saltsOffset.frame + saltsBytes);
    // What follows is of an earlier log.
    if (!own.equals(salts)) break;
    frames.push({ from, to: from + frameBytes, commitsBefore: commits });
    if (log.readUInt32BE(from + pagesOffset) !== 0) commits += 1;
  }
  return { frames, commits };
}

/** How many commits are left if everything from a byte on is gone or cannot be relied on. */
export function commitsBefore({ frames, commits }: LogLayout, at: number): number {
  if (at < logHeaderBytes) return 0;
  return frames.find(({ to }) => at < to)?.commitsBefore ?? commits;
}
