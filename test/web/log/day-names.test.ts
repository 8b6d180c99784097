import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayNames, msToMidnight } from '../../../src/web/log/day-names.ts';
import { localeFor } from '../../../src/web/log/locale.ts';

const at = (month: number, day: number, hour = 12, year = 2025) =>
  new Date(year, month - 1, day, hour).getTime();

test('today and yesterday are called so, other days by their date, with the year if it is another', () => {
  const nameOf = dayNames('en-GB');
  const now = at(11, 21, 0);
  assert.equal(nameOf(at(11, 21, 23), now), 'Today');
  assert.equal(nameOf(at(11, 20, 23), now), 'Yesterday');
  // Where the commas stand changes with the version of ICU.
  assert.match(nameOf(at(11, 19), now), /^Wednesday,? 19 November$/);
  assert.match(nameOf(at(11, 19, 12, 2024), now), /^Tuesday,? 19 November 2024$/);
  assert.match(nameOf(at(11, 22), now), /^Saturday,? 22 November$/, 'the clock of a server that is ahead');
  assert.equal(nameOf(at(12, 31, 23, 2024), at(1, 1, 0)), 'Yesterday');
});

test('every language has its own words', () => {
  const now = at(11, 21);
  assert.deepEqual(
    [now, at(11, 20)].map((day) => dayNames('de')(day, now)),
    ['Heute', 'Gestern'],
  );
  assert.deepEqual(
    [now, at(11, 20)].map((day) => dayNames('ar')(day, now)),
    ['اليوم', 'أمس'],
  );
});

test('midnight is where the next day begins, however long a day is', () => {
  for (const day of [at(3, 30, 0), at(10, 26, 0), at(11, 21, 17)]) {
    const midnight = new Date(day + msToMidnight(day));
    assert.equal(midnight.getHours(), 0);
    assert.notEqual(midnight.getDate(), new Date(day).getDate());
  }
});

test('the region is the reader’s where he reads the language; what Intl does not know is passed over', () => {
  assert.equal(localeFor('en', ['de-DE', 'en-GB', 'en-US']), 'en-GB');
  assert.equal(localeFor('en', ['de-DE']), 'en');
  assert.equal(localeFor('en', ['en-US@posix']), 'en');
  assert.equal(localeFor('en', []), 'en');
});
