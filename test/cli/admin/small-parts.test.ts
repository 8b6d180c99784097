import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { givenUrl, ownUrl } from '../../../src/cli/admin/contact.ts';
import { byId, only, shownLength } from '../../../src/cli/admin/find.ts';
import { count, moment, size, span } from '../../../src/cli/admin/format.ts';
import { timeSpan } from '../../../src/cli/admin/time-span.ts';
import { fieldsFor, watchLine, watchTitles } from '../../../src/cli/admin/watch-line.ts';
import { Failure, UsageError } from '../../../src/cli/failure.ts';
import type { StatsAnswer } from '../../../src/schemas/overview.ts';

describe('times, sizes and numbers', () => {
  it('are short', () => {
    const spans: readonly (readonly [ms: number, text: string])[] = [
      [-500, '0s'],
      [59_999, '59s'],
      [60_000, '1m'],
      [3_599_999, '59m'],
      [3_600_000, '1h'],
      [172_799_999, '47h'],
      [172_800_000, '2d'],
    ];
    for (const [ms, text] of spans) assert.equal(span(ms), text);
    const sizes: readonly (readonly [bytes: number, text: string])[] = [
      [0, '0 B'],
      [999, '999 B'],
      [1000, '1.0 kB'],
      [9949, '9.9 kB'],
      [9950, '10 kB'],
      [999_499, '999 kB'],
      [999_500, '1.0 MB'],
      [5_000_000_000_000, '5000 GB'],
    ];
    for (const [bytes, text] of sizes) assert.equal(size(bytes), text);
    assert.deepEqual([count(1, 'room'), count(0, 'room')], ['1 room', '0 rooms']);
  });

  it('are moments where one is, whatever a server says', () => {
    assert.equal(moment(new Date(2026, 1, 3, 4, 5).getTime()), '2026-02-03 04:05');
    assert.equal(moment(Number.MAX_VALUE), 'unknown');
  });

  it('are typed with a unit', () => {
    const typed = ['1s', '90s', '15m', '2h', '7d', '3650d'].map((text) => timeSpan('--for', text));
    assert.deepEqual(typed, [1, 90, 900, 7200, 604_800, 315_360_000]);
    assert.equal(timeSpan('--for', undefined), undefined);
    for (const text of [
      '',
      '90',
      's',
      '0s',
      '-1h',
      '1.5h',
      '2 h',
      '2H',
      '1w',
      '3651d',
      '1h30m',
      '9999999999s',
      '1constructor',
    ]) {
      const isTold = (error: Error) =>
        error instanceof UsageError &&
        error.message ===
          `--for: expected a time such as 90s, 15m, 2h or 7d, up to 3650d; got ${JSON.stringify(text)}.`;
      assert.throws(() => timeSpan('--for', text), isTold, text);
    }
  });
});

describe('the server', () => {
  const own = { publicUrl: null, host: '127.0.0.1', port: 3000, tlsCert: null };

  it('is that of the options in this folder', () => {
    assert.equal(ownUrl(own), 'http://127.0.0.1:3000');
    assert.equal(ownUrl({ ...own, publicUrl: 'https://chat.example.org' }), 'https://chat.example.org');
    assert.equal(ownUrl({ ...own, host: '0.0.0.0', port: 80 }), 'http://127.0.0.1:80');
    assert.equal(ownUrl({ ...own, host: '::', tlsCert: 'cert.pem' }), 'https://[::1]:3000');
    assert.equal(ownUrl({ ...own, host: 'localhost' }), 'http://localhost:3000');
    assert.throws(() => ownUrl({ ...own, port: 0 }), /^UsageError: Expected --url URL, as PORT is 0/);
  });

  it('is one that is given, also by the address of its page', () => {
    assert.equal(givenUrl('https://chat.example.org/admin'), 'https://chat.example.org');
    assert.equal(givenUrl('chat.example.org/'), 'https://chat.example.org');
    assert.equal(givenUrl('localhost:3000'), 'http://localhost:3000');
    assert.equal(givenUrl('https://example.org/talk/'), 'https://example.org/talk');
    for (const wrong of ['', 'ftp://x', 'a b', 'https://ada:secret@x/']) {
      const isTold = (error: Error) =>
        error instanceof UsageError &&
        /^--url: expected the address/.test(error.message) &&
        !/secret/.test(error.message);
      assert.throws(() => givenUrl(wrong), isTold);
    }
  });
});

describe('what is meant', () => {
  const ids = ['abcd1234-5', 'abcd1234-6', 'abcd', 'ffff0000-1'];
  const find = (start: string) => byId('session', ids, (id) => id, start);

  it('is the only one whose id begins so, or has exactly this id', () => {
    assert.equal(find('ffff'), 'ffff0000-1');
    assert.equal(find('abcd'), 'abcd');
    assert.equal(find('abcd1234-6'), 'abcd1234-6');
  });

  it('is nobody where it could be several, or none, or a slip of the hand', () => {
    assert.throws(
      () => find('abcd1234'),
      /^Failure: Expected one session .+; got 2: "abcd1234-5", "abcd1234-6"\.$/,
    );
    assert.throws(
      () => find('0000'),
      /^Failure: There is no session that begins with "0000"\. What is a name is given by --name\.$/,
    );
    assert.throws(() => find('fff'), UsageError);
    assert.throws(
      () => only(ids.concat(ids), 'x', (id) => id),
      (error) => error instanceof Failure && / and 3 more\.$/.test(error.message),
    );
  });

  it('is told by as much of its id as it takes', () => {
    assert.equal(shownLength(['12345678-a', '22345678-a']), 8);
    assert.equal(shownLength(['12345678-a', '12345678-b', '1']), 10);
    assert.equal(shownLength(['same', 'same']), 8);
    assert.equal(shownLength([]), 8);
  });
});

describe('a line of figures', () => {
  const at = (now: number, messages: number, startedAt = 1): StatsAnswer => ({
    now,
    startedAt,
    version: '1.2.3',
    status: 'ready',
    sessions: { pull: 1, push: 2, reserved: 3 },
    rooms: 1,
    members: 3,
    streams: 2,
    polls: 1,
    counters: {
      messages,
      events: messages,
      deliveries: 10 * messages,
      created: 0,
      ended: 0,
      refused: 0,
      gaps: 0,
    },
    lag: { bytes: 1500, events: 1 },
    store: { status: 'ready', trouble: null, network: null },
    memory: { rss: 123_456_789, heapUsed: 1 },
    loopDelayMs: { mean: 0.1, p99: 12.4 },
    overload: null,
    cpu: { userMs: messages, systemMs: messages },
  });
  const rates = (line: string) => line.trim().split(/ +/).slice(4, 6);

  it('has rates from the difference to the one before, and none without it', () => {
    assert.deepEqual(rates(watchLine(fieldsFor(), at(4000, 50), at(2000, 10))), ['20', '200']);
    assert.match(watchLine(fieldsFor(), at(4000, 50), at(2000, 10)), / 1\.5 kB +123 MB +4\.0 +12 ms$/);
    assert.deepEqual(rates(watchLine(fieldsFor(), at(4000, 50))), ['-', '-']);
  });

  it('has no rates where the server was started anew, or its clock stands', () => {
    assert.deepEqual(rates(watchLine(fieldsFor(), at(4000, 5, 3000), at(2000, 10))), ['-', '-']);
    assert.deepEqual(rates(watchLine(fieldsFor(), at(2000, 15), at(2000, 10))), ['-', '-']);
  });

  it('stands below its titles, on 79 columns or as many as there are', () => {
    for (let columns = 8; columns <= 90; columns++) {
      const fields = fieldsFor(columns);
      const titles = watchTitles(fields);
      assert(fields.length > 0 && titles.length <= Math.min(columns, 79), titles);
      assert.equal(watchLine(fields, at(4000, 50), at(2000, 10)).length, titles.length);
    }
    assert.deepEqual(fieldsFor(79), fieldsFor());
  });
});
