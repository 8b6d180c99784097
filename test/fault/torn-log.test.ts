/**
 * Write-ahead logs that are cut off or of another time, after `kill -9`. What must be left is said by the log's format
 * alone: every commit that stands whole before the cut, and nothing else.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeftBehind } from './support/left-behind.ts';
import { isLong, report } from './support/report.ts';
import { SeededRandom } from './support/seeded-random.ts';

const lastBytes = 2_048;
/** Cuts elsewhere than in the last bytes. */
const cuts = isLong ? 2_000 : 100;
const copies = 5;
const timeout = isLong ? 1_200_000 : 200_000;

test('of a log that is cut off, only the torn end is lost', { timeout }, async (t) => {
  const random = SeededRandom.for(t);
  const written = await LeftBehind.write(t, random);
  const { log, index } = written.history;
  const cutTo = (length: number) => ({ log: log.subarray(0, length) });

  await t.test('[SES-8] one that is whole loses nothing, and the epochs stay [LOG-2]', () => {
    written.startsWith(written.last, {}, 'whole');
    const again = written.tries({}, 'whole');
    assert.ok(again.outcome === 'started');
    assert.equal(again.epochs, written.history.epochs);
    written.takeCounts();
  });

  await t.test(`[P-2] [LOG-2] cut at each of its last ${lastBytes} bytes`, (t) => {
    for (let bytes = 1; bytes <= lastBytes; bytes++) {
      const length = log.length - bytes;
      written.startsWith(written.expectedAt(length), cutTo(length), `${bytes} bytes cut off`);
    }
    report(t, {
      fault: 'the log of the database is cut off at its end, after kill -9',
      tried: `at each of its last ${lastBytes} bytes`,
      found: `${written.takeCounts()}; with new epochs`,
    });
  });

  await t.test('[P-2] [LOG-2] cut anywhere, between frames too, or all of it', (t) => {
    const ends = written.layout.frames.map(({ to }) => to);
    const lengths = Array.from({ length: cuts }, (_, cut) =>
      cut % 2 === 0 ? random.between(0, log.length - 1) : random.pick([0, ...ends]),
    );
    for (const length of [0, 1, 31, 32, 33, ...lengths]) {
      written.startsWith(written.expectedAt(length), cutTo(length), `cut to ${length} bytes`);
      // The blocks of a file may be there while what was written to them is not.
      const zeroed = Buffer.concat([log.subarray(0, length), Buffer.alloc(log.length - length)]);
      // What was zero before is not lost: of what was deleted SQLite leaves zeroes.
      const lost = log.findIndex((byte, at) => at >= length && byte !== 0);
      const expected = written.expectedAt(lost < 0 ? log.length : lost);
      written.startsWith(expected, { log: zeroed }, `zeroes from byte ${length} on`);
    }
    report(t, {
      fault: 'the log of the database is cut off, or zeroes from somewhere on, after kill -9',
      tried: `${lengths.length + 5} places, both ways`,
      found: `${written.takeCounts()}; with new epochs where any commit was lost`,
    });
  });

  await t.test('[LOG-2] without its log, or without the index that goes with it, a file is a copy', () => {
    const base = written.expectedAt(0);
    written.startsWith(base, { log: undefined }, 'without its log');
    written.startsWith(base, { log: undefined, index: undefined }, 'the file alone');
    const copied = written.tries({ index: undefined }, 'without its index');
    assert.ok(copied.outcome === 'started' && copied.commit === written.last);
    assert.notEqual(copied.epochs, written.history.epochs);
    assert.ok(index.length > 0);
  });
});

test('[P-2] a log that was not written back as always is cut off: an earlier commit, or a refusal', {
  timeout,
}, async (t) => {
  const random = SeededRandom.for(t);
  const found: string[] = [];
  for (const manner of ['read', 'twice'] as const) {
    const written = await LeftBehind.write(t, random, { manner });
    const { log } = written.history;
    written.startsWith(written.last, {}, 'whole');
    written.takeCounts();
    for (let cut = 0; cut < cuts; cut++) {
      const length =
        cut % 4 === 0 ? log.length - random.between(1, lastBytes) : random.between(0, log.length);
      written.tries({ log: log.subarray(0, length) }, `${manner}: cut to ${length} bytes`);
    }
    found.push(`${manner}: ${written.takeCounts()}`);
  }
  report(t, {
    fault:
      'the same, of a log that is in the file already, in part (read meanwhile) or all of it (written back twice)',
    tried: `${2 * cuts} places`,
    found: found.join('; '),
  });
});

test('[P-2] a log of another time or of another file is noticed, unless the file is whole with it', {
  timeout,
}, async (t) => {
  const random = SeededRandom.for(t);
  const written = await LeftBehind.write(t, random, { copies });
  const other = await LeftBehind.write(t, random, { copies: 1 });
  const times = [...written.history.copies, { ...written.history, commit: written.last }];
  for (const { main, commit } of times) {
    for (const { log, index, commit: logCommit } of times) {
      const what = `a file after commit ${commit} with the log after ${logCommit}`;
      const outcome = written.tries({ main, log, index }, what);
      if (commit === logCommit) assert.equal(outcome.outcome, 'started', what);
      // A log that has every page which is another in the file makes of it what it was at the log's time.
      if (outcome.outcome === 'started') assert.equal(outcome.commit, logCommit, what);
    }
  }
  const own = written.takeCounts();
  const { frames } = other.layout;
  const foreign = [other.history, ...other.history.copies].flatMap(({ log }) => [
    log,
    ...Array.from({ length: cuts / 2 }, () =>
      log.subarray(0, random.pick([0, ...frames.map(({ to }) => to)])),
    ),
  ]);
  for (const log of foreign) {
    for (const index of [written.history.index, other.history.index, undefined]) {
      const what = `${log.length} bytes of a log of another file`;
      written.startsWithOrRefuses(written.expectedAt(0), { log, index }, what);
    }
  }
  report(t, {
    fault: 'the log beside a database is that of another time, or of another database',
    tried: `${times.length ** 2} pairs of times; ${3 * foreign.length} logs of another one`,
    found: `${own}; of another one: ${written.takeCounts()}; never anything else`,
  });
});
