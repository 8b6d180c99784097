import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gapText } from '../../../src/cli/chat/connection-text.ts';
import { endingText } from '../../../src/cli/chat/endings.ts';
import { linesOf } from '../../../src/cli/chat/input-lines.ts';
import { troubleOf } from '../../../src/cli/chat/trouble.ts';
import { wishOf } from '../../../src/cli/chat/wish.ts';
import { wholeNumber } from '../../../src/cli/whole-number.ts';
import { endings } from '../../../src/core/endings.ts';

async function* chunks(...pieces: readonly (Buffer | string)[]) {
  yield* pieces;
}

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const read: string[] = [];
  for await (const line of lines) read.push(line);
  return read;
}

describe('lines of an input', () => {
  it('are whole, wherever it is cut and however it ends', async () => {
    const bytes = Buffer.from('one\r\ntwo é\n\nthree');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const lines = await all(linesOf(chunks(bytes.subarray(0, cut), bytes.subarray(cut))));
      assert.deepEqual(lines, ['one', 'two é', '', 'three']);
    }
    assert.deepEqual(await all(linesOf(chunks('one\n'))), ['one']);
    assert.deepEqual(await all(linesOf(chunks())), []);
  });

  it('have a bound', async () => {
    const endless = Array.from({ length: 40 }, () => 'x'.repeat(65_536));
    const [line = ''] = await all(linesOf(chunks(...endless, '\nshort')));
    assert(line.length < 300_000 && line.length > 65_536, `${line.length}`);
  });
});

describe('a typed line', () => {
  it('is said, but for commands', () => {
    for (const [text, wish] of [
      ['hello', { type: 'say', text: 'hello' }],
      ['/me waves', { type: 'say', text: '/me waves' }],
      ['/ME waves', { type: 'say', text: '/me waves' }],
      ['//help', { type: 'say', text: '/help' }],
      ['/etc/passwd is a file', { type: 'say', text: '/etc/passwd is a file' }],
      ['// comment', { type: 'say', text: '// comment' }],
      ['1/2', { type: 'say', text: '1/2' }],
      ['/leave', { type: 'leave' }],
      ['/help ', { type: 'help' }],
      ['/who', { type: 'who' }],
      ['  ', { type: 'nothing' }],
    ] as const) {
      assert.deepEqual(wishOf(text), wish, text);
    }
    for (const text of ['/me', '/leave now', '/nick Bob']) assert.equal(wishOf(text).type, 'wrong', text);
  });
});

describe('what the server says at the end', () => {
  it('has a sentence for each ending that stops a client', () => {
    for (const [reason, { action }] of Object.entries(endings)) {
      if (action === 'stop') assert.doesNotMatch(endingText({ reason }), /has ended/, reason);
    }
  });

  it('is harmless where it is the server’s own [P-5]', () => {
    assert.equal(
      endingText({ reason: 'new', detail: 'a\u001b[2Jb.' }),
      'Your stay in the room has ended: a\\u{1b}[2Jb.',
    );
    assert.equal(endingText({ reason: '__proto__' }), 'Your stay in the room has ended: __proto__');
    assert.equal(endingText({}), 'Your stay in the room has ended.');
  });
});

describe('what is said where events are missing', () => {
  it('tells how many, as far as that is a number [P-5]', () => {
    assert.equal(gapText(1), '1 event is lost here');
    assert.equal(gapText(7), '7 events are lost here');
    assert.match(gapText(null), /began anew/);
    assert.equal(gapText(JSON.parse('"\\u009b2J"')), 'some events are lost here');
  });
});

describe('why a server cannot be reached', () => {
  const wrapped = (code: string, message = 'x') =>
    new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });

  it('is told from the cause', () => {
    assert.equal(troubleOf(wrapped('ECONNREFUSED')), 'nobody listens there');
    const both = new AggregateError([Object.assign(new Error(), { code: 'ECONNREFUSED' })]);
    assert.equal(troubleOf(new TypeError('fetch failed', { cause: both })), 'nobody listens there');
    assert.equal(troubleOf(wrapped('ENEW', 'odd\u001b\nthing.')), 'odd\\u{1b} thing (ENEW)');
    assert.equal(troubleOf(new DOMException('late', 'TimeoutError')), 'it does not answer');
    assert.match(troubleOf(wrapped('HPE_INVALID_CONSTANT')), /https:/);
  });
});

describe('an option that is a number', () => {
  it('is whole and within its bound', () => {
    assert.equal(wholeNumber('--last', '7', 10), 7);
    assert.equal(wholeNumber('--last', undefined, 10), undefined);
    for (const text of ['-1', '11', '1.5', 'x', '', '1e1', '9'.repeat(99)]) {
      assert.throws(() => wholeNumber('--last', text, 10), /^UsageError: --last: expected a whole number/);
    }
  });
});
