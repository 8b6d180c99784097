import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Seeker } from '../../../src/web/log/seeker.ts';
import { strings } from '../../../src/web/text/strings.ts';

/** A log that shows the events from `first` on, of the epoch `e`. */
function setUp(first: number | undefined, holes: readonly number[] = []) {
  const log = { first };
  const done: string[] = [];
  const seeker = new Seeker({
    first: () => (log.first === undefined ? undefined : `e-${log.first}`),
    show(cursor) {
      const id = Number(cursor.slice(2));
      const isThere =
        cursor.startsWith('e-') && log.first !== undefined && id >= log.first && !holes.includes(id);
      if (isThere) done.push(`show ${cursor}`);
      return isThere;
    },
    missing: () => done.push('missing'),
    earlier: (limit) => done.push(`earlier ${limit}`),
    say: (text) => done.push(text),
  });
  return { log, seeker, takeDone: () => done.splice(0) };
}

test('a message that is shown is gone to once it is known what comes before the log', () => {
  const { seeker, takeDone } = setUp(10);
  seeker.reset('#e-12');
  assert.deepEqual([seeker.isSeeking, takeDone()], [true, []]);
  seeker.earlierIs('more');
  assert.deepEqual([seeker.isSeeking, takeDone()], [false, ['show e-12', '']]);
  seeker.want('#e-11');
  assert.deepEqual(takeDone(), ['show e-11', '']);
});

test('earlier pages are loaded until the message is there', () => {
  const { log, seeker, takeDone } = setUp(3000);
  seeker.reset('#e-1500');
  seeker.earlierIs('more');
  assert.deepEqual(takeDone(), [strings.linkSeeking, 'earlier 1000']);
  seeker.earlierIs('busy');
  log.first = 2000;
  seeker.earlierIs('more');
  assert.deepEqual(takeDone(), [strings.linkSeeking, 'earlier 1000']);
  log.first = 1000;
  seeker.earlierIs('more');
  assert.deepEqual(takeDone(), ['show e-1500', '']);
});

test('a page that fails is not asked for again by itself; when the reader has it, the message is gone to', () => {
  const { log, seeker, takeDone } = setUp(3000);
  seeker.reset('#e-2500');
  seeker.earlierIs('more');
  takeDone();
  seeker.earlierIs('failed');
  assert.deepEqual(takeDone(), [strings.linkFailed]);
  seeker.earlierIs('busy');
  log.first = 2000;
  seeker.earlierIs('more');
  assert.deepEqual(takeDone(), ['show e-2500', '']);
});

test('what cannot be had is said to be gone, once', () => {
  for (const [fragment, state] of [
    ['#e-5', 'beginning'],
    ['#e-5', 'none'],
    ['#e-12', 'more'],
    ['#other-12', 'more'],
  ] as const) {
    const { seeker, takeDone } = setUp(10, [12]);
    seeker.reset(fragment);
    seeker.earlierIs(state);
    assert.deepEqual(takeDone(), [strings.linkGone, 'missing'], fragment);
    seeker.earlierIs(state);
    assert.deepEqual(takeDone(), []);
  }
});

test('a fragment that is no cursor is nobody’s address', () => {
  for (const fragment of ['', '#', '#app', '#e-', '#-5', '#e-5 ', '#"-5', `#${'e'.repeat(70)}-5`]) {
    const { seeker, takeDone } = setUp(10);
    seeker.reset(fragment);
    seeker.earlierIs('more');
    assert.deepEqual([seeker.isSeeking, takeDone()], [false, []], fragment);
  }
});
