/**
 * Single bits that flip in the files of a database, after `kill -9` and after a clean end: it starts with what was there,
 * or is refused in one line and left as it was.
 */

import { test } from 'node:test';
import { LeftBehind } from './support/left-behind.ts';
import { isLong, report } from './support/report.ts';
import { SeededRandom } from './support/seeded-random.ts';

/** In each page of the file, or frame of the log, so many bits flip, one at a time. */
const flipsPerPage = isLong ? 40 : 3;
/** How many flips of the file's first bytes. */
const headerFlips = isLong ? 800 : 150;
const pageBytes = 4_096;
const headerBytes = { file: 100, log: 32, index: 136 };
const timeout = isLong ? 1_200_000 : 200_000;

/** A copy in which one bit is another. */
function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = bit >> 3;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** Bits spread over every page, and more of the header. */
function bitsOf({ length }: Buffer, header: number, random: SeededRandom): number[] {
  const bits = Array.from({ length: headerFlips }, () => random.between(0, 8 * header - 1));
  for (let from = 0; from < length; from += pageBytes) {
    const to = Math.min(from + pageBytes, length);
    for (let flip = 0; flip < flipsPerPage; flip++) bits.push(random.between(8 * from, 8 * to - 1));
  }
  return bits;
}

test('[P-2] of a log in which a bit has flipped, what stands before it is left', { timeout }, async (t) => {
  const random = SeededRandom.for(t);
  const written = await LeftBehind.write(t, random);
  const { log } = written.history;
  const bits = bitsOf(log, headerBytes.log, random);
  for (const bit of bits) {
    written.startsWith(written.expectedAt(bit >> 3), { log: flipped(log, bit) }, `bit ${bit} of the log`);
  }
  report(t, {
    fault: 'a bit of the log of the database has flipped, after kill -9',
    tried: `${bits.length} bits: in its header, and in every ${pageBytes} bytes`,
    found: `${written.takeCounts()}; with new epochs where any commit was lost`,
  });
});

test('[P-2] a file in which a bit has flipped is refused, or it was a bit that says nothing', {
  timeout,
}, async (t) => {
  const random = SeededRandom.for(t);
  const written = await LeftBehind.write(t, random);
  const { main } = written.history;
  const bits = bitsOf(main, headerBytes.file, random);
  for (const bit of bits) {
    const what = `bit ${bit} of the file, beside its log`;
    written.startsWithOrRefuses(written.last, { main: flipped(main, bit) }, what);
  }
  const killed = written.takeCounts();

  written.startsWith(written.last, {}, 'whole');
  const ended = written.left();
  if (!ended.main || ended.log || ended.index) throw new Error('It did not end cleanly.');
  written.startsWith(written.last, ended, 'ended cleanly');
  written.takeCounts();
  const endedBits = bitsOf(ended.main, headerBytes.file, random);
  for (const bit of endedBits) {
    const files = { ...ended, main: flipped(ended.main, bit) };
    written.startsWithOrRefuses(written.last, files, `bit ${bit} of the file`);
  }
  report(t, {
    fault: 'a bit of the database file has flipped',
    tried: `${bits.length} bits after kill -9, ${endedBits.length} after a clean end: in its header, and in every page`,
    found: `killed: ${killed}; ended: ${written.takeCounts()}; never anything else`,
  });
});

test('[P-2] what is wrong in the index of the log does no harm', { timeout }, async (t) => {
  const random = SeededRandom.for(t);
  const written = await LeftBehind.write(t, random);
  const { index } = written.history;
  const bits = bitsOf(index, headerBytes.index, random);
  for (const bit of bits) {
    written.startsWith(written.last, { index: flipped(index, bit) }, `bit ${bit} of the index`);
  }
  for (const length of [0, 1, headerBytes.index / 2, headerBytes.index, pageBytes]) {
    const what = `the index cut to ${length} bytes`;
    written.startsWith(written.last, { index: index.subarray(0, length) }, what);
  }
  report(t, {
    fault: 'a bit of the index of the log has flipped, or it is cut off',
    tried: `${bits.length} bits, 5 lengths`,
    found: written.takeCounts(),
  });
});

test('[P-2] a file that is cut off is refused, or its log has what is missing', { timeout }, async (t) => {
  const random = SeededRandom.for(t);
  const written = await LeftBehind.write(t, random);
  const { main } = written.history;
  written.startsWith(written.last, {}, 'whole');
  const ended = written.left();
  if (!ended.main) throw new Error('There is no file left.');
  written.takeCounts();
  let tried = 0;
  for (let from = 0; from < ended.main.length; from += pageBytes) {
    for (const length of [from, from + random.between(1, pageBytes - 1)]) {
      tried += 1;
      const files = { ...ended, main: ended.main.subarray(0, length) };
      const line = / is (?:damaged|not a database of Parlor)/;
      // What is missing of its last page SQLite takes for zeros, as it may have been, or for what nothing refers to.
      if (length > ended.main.length - pageBytes) {
        written.startsWithOrRefuses(written.last, files, `the file cut to ${length} bytes`);
      } else if (length > 0) {
        written.refuses(line, files, `the file cut to ${length} bytes`);
      }
      if (length >= main.length) continue;
      const what = `the file cut to ${length} bytes, beside its log`;
      written.startsWithOrRefuses(written.last, { main: main.subarray(0, length) }, what);
    }
  }
  report(t, {
    fault: 'the database file is cut off',
    tried: `at ${tried} places: between pages and within them, beside its log and after a clean end`,
    found: `${written.takeCounts()}; never anything else`,
  });
});
