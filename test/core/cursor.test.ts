import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatCursor, parsePosition } from '../../src/core/cursor.ts';

test('[LOG-2] a cursor is read as it was written', () => {
  assert.equal(formatCursor({ epoch: '7f3a', id: 42 }), '7f3a-42');
  const epoch = fc.stringMatching(/^[A-Za-z0-9]{1,47}$/);
  fc.assert(
    fc.property(epoch, fc.maxSafeNat(), (text, id) => {
      const written = formatCursor({ epoch: text, id });
      assert.match(written, /^[A-Za-z0-9-]{3,64}$/);
      assert.deepEqual(parsePosition(written), { epoch: text, id });
    }),
  );
});

test('[LOG-2] 0 is the start; other bare numbers are unreadable', () => {
  assert.equal(parsePosition('0'), 'start');
  for (const text of ['1', '42', '00', '-0', '-1']) assert.equal(parsePosition(text), undefined, text);
});

test('[LOG-2] what is no cursor is unreadable', () => {
  const wrong = [
    '',
    '-',
    'e1-',
    'e1',
    'e1-x',
    'e1--1',
    'e1-1-1',
    'e1-01',
    'e1-1.5',
    'e1-1e3',
    'e1-1 ',
    ' e1-1',
    'e1-1\n',
    'é-1',
    'e 1-1',
    'e1-9007199254740992',
    `${'e'.repeat(63)}-1`,
    `e-${'1'.repeat(17)}`,
  ];
  for (const text of wrong) assert.equal(parsePosition(text), undefined, JSON.stringify(text));
  assert.ok(parsePosition(`${'e'.repeat(62)}-1`));
});

test('[P-5] no text makes reading a cursor throw, and what is read is written the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const position = parsePosition(text);
      if (position && position !== 'start') assert.equal(formatCursor(position), text);
    }),
  );
});
