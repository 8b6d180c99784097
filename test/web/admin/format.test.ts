import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatFor } from '../../../src/web/admin/format.ts';

const en = formatFor('en-US');
const de = formatFor('de-DE');
/** Some versions of ICU part a number from its unit by one space, some by another. */
const plain = (text: string) => text.replace(/\s/g, ' ');

describe('how figures are written', () => {
  it('has sizes by their largest unit', () => {
    const written = [0, 999, 1000, 1536, 12_345, 999_999_999, 1e9].map((n) => plain(en.bytes(n)));
    assert.deepEqual(written, ['0 B', '999 B', '1 kB', '1.5 kB', '12 kB', '1,000 MB', '1 GB']);
    assert.equal(plain(de.bytes(1536)), '1,5 kB');
  });

  it('has spans by their largest unit, and none before zero', () => {
    const written = [-5, 0, 59_999, 60_000, 3_599_999, 7_200_000, 172_800_000].map((ms) =>
      plain(en.span(ms)),
    );
    assert.deepEqual(written, ['0 sec', '0 sec', '59 sec', '1 min', '59 min', '2 hr', '2 days']);
  });

  it('has moments of other days with their day', () => {
    const noon = new Date(2026, 10, 21, 12, 0).getTime();
    assert.equal(plain(en.moment(noon, noon + 3_600_000)), '12:00 PM');
    assert.match(en.moment(noon, noon + 86_400_000), /Nov 21, 2026/);
    assert.match(de.moment(noon, noon + 86_400_000), /21\.11\.2026/);
  });

  it('is as fine as one can read', () => {
    assert.deepEqual([0, 0.25, 12.34, 1234.5].map(en.rate), ['0', '0.3', '12.3', '1,235']);
    assert.equal(en.compact(1_530_000), '1.5M');
    assert.equal(plain(en.milliseconds(4.25)), '4.3 ms');
    assert.equal(en.percent(0.354), '35%');
  });
});
