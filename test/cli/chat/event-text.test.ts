import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EventText } from '../../../src/cli/chat/event-text.ts';
import { styleOf } from '../../../src/cli/chat/style.ts';
import { columnsOf } from '../../../src/cli/chat/width.ts';

const noon = new Date();
noon.setHours(12, 5, 0, 0);
const timestamp = noon.getTime();

function textOf(columns?: number): EventText {
  const text = new EventText({ style: styleOf({}, {}), columns: () => columns });
  text.ownName = 'Me';
  return text;
}

function message(text: string, name = 'Ada') {
  return { id: 1, type: 'message', timestamp, name, message: text } as const;
}

describe('an event as text', () => {
  it('is a line with its time', () => {
    const text = textOf();
    assert.deepEqual(text.of(message('hello')), ['12:05 Ada: hello']);
    assert.deepEqual(text.of(message('/me waves')), ['12:05 * Ada waves']);
    assert.deepEqual(text.of(message('/meow')), ['12:05 Ada: /meow']);
    assert.deepEqual(text.of(message('/me\nwaves'))[0], '12:05 Ada: /me', 'as the page has it');
    assert.deepEqual(text.of({ id: 1, type: 'join', timestamp, name: 'Bob' }), ['12:05 — Bob joined']);
    assert.deepEqual(text.of({ id: 1, type: 'leave', timestamp, name: 'Bob' }), ['12:05 — Bob left']);
  });

  it('forges no other line, by its own line ends or by those of the terminal', () => {
    for (const columns of [undefined, 40]) {
      const forged = `${'x'.repeat(27)} 12:06 Bob: I agree\n12:06 Bob: I agree`;
      const [, ...rows] = textOf(columns).of(message(forged));
      assert(rows.length > 0);
      for (const row of rows) assert(row.startsWith('      '), row);
    }
  });

  it('fits the terminal, whatever is in it and whoever says it', () => {
    for (const columns of [20, 33, 80]) {
      for (const name of ['Ada', 'N'.repeat(32), '日'.repeat(32)]) {
        const rows = textOf(columns).of(
          message(`${'word '.repeat(20)}${'日本語'.repeat(40)}${'a'.repeat(99)}`, name),
        );
        // A long name may take a row of its own, which the terminal breaks.
        for (const row of rows.slice(1)) assert(columnsOf(row) < columns, row);
      }
    }
  });

  it('is written out where it would harm, names too [P-5]', () => {
    const [row] = textOf().of(message('a\u001b[2J\u202eb', 'A\u0007da'));
    assert.equal(row, '12:05 A\\u{7}da: a\\u{1b}[2J\\u{202e}b');
  });

  it('has its day before it when that is another one', () => {
    const text = textOf();
    const [day = '', ...rest] = text.of({ ...message('old'), timestamp: timestamp - 86_400_000 * 3 });
    assert.match(day, /^— \w+day, \d+ \w+ \d{4}$/);
    assert.equal(rest.length, 1);
    assert.equal(text.of(message('new')).length, 2);
    assert.equal(text.of(message('newer')).length, 1);
    assert.equal(text.of({ ...message('never'), timestamp: Number.NaN }).length, 2);
  });

  it('is a mention if somebody else says one’s name as a word', () => {
    const text = textOf();
    for (const said of ['Me: hi', 'hi @me!', 'ME?']) assert(text.isMention(message(said)), said);
    for (const said of ['some', 'meow', 'hi']) assert(!text.isMention(message(said)), said);
    assert(!text.isMention(message('Me: hi', 'Me')));
    text.ownName = 'a';
    assert(!text.isMention(message('a dog')));
    assert(text.isMention(message('@a dog')));
    text.ownName = '花子';
    assert(text.isMention(message('はい花子さん')));
    text.ownName = 'J. R. (x)';
    assert(text.isMention(message('hi J. R. (x)!')));
  });

  it('says of an announcement what it is, as nobody in the room could', () => {
    const text = textOf(40);
    const announcement = { id: 7, type: 'announcement', timestamp } as const;
    assert.deepEqual(text.of({ ...announcement, message: 'we close\nat noon' }), [
      '12:05 — Announcement: we close',
      '      at noon',
    ]);
    assert.deepEqual(text.of({ ...announcement, message: '/me waves' }), ['12:05 — Announcement: /me waves']);
    assert(text.isMention({ ...announcement, message: 'Me, come' }));
  });

  it('LOG-4: tells whose message of when was redacted, since what is printed stays', () => {
    const text = textOf();
    const redaction = (target: number, id = 9) => ({ id, type: 'redaction', timestamp, target }) as const;
    text.of({ ...message('bad', 'A\u0007da'), id: 3 });
    text.of({ id: 4, type: 'announcement', timestamp, message: 'bad' });
    text.of({ ...message('old'), id: 5, timestamp: timestamp - 86_400_000 * 3 });
    text.of(message('new'));
    assert.deepEqual(text.of(redaction(3)), ['12:05 — the message of A\\u{7}da, 12:05, was removed']);
    assert.deepEqual(text.of(redaction(4)), ['12:05 — the announcement of 12:05 was removed']);
    assert.match(
      text.of(redaction(5))[0] ?? '',
      /^12:05 — the message of Ada, \w+day, [^,]*, 12:05, was removed$/,
    );
    assert.deepEqual(text.of(redaction(2)), ['12:05 — a message from before was removed']);
    text.gap(3);
    assert.match(text.of(redaction(4))[0] ?? '', /announcement/);
    text.gap(null);
    assert.deepEqual(
      text.of(redaction(4)),
      ['12:05 — a message from before was removed'],
      'it is another log',
    );
  });

  it('LOG-4: shows who had said when what was redacted before, and nothing else of it', () => {
    const text = textOf();
    const gone = { message: '', redacted: true } as const;
    assert.deepEqual(text.of({ ...message('x'), ...gone }), ['12:05 Ada: (removed)']);
    assert.deepEqual(text.of({ id: 2, type: 'announcement', timestamp, ...gone }), [
      '12:05 — Announcement: (removed)',
    ]);
    text.ownName = '';
    assert(!text.isMention({ ...message('x'), ...gone }));
  });
});
