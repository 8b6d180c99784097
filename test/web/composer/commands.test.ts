import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { typedFor, wishOf } from '../../../src/web/composer/commands.ts';

test('commands are known by their word alone, whatever its case', () => {
  assert.deepEqual(wishOf('/leave'), { type: 'leave' });
  assert.deepEqual(wishOf('/Leave '), { type: 'leave' });
  assert.deepEqual(wishOf('/HELP\n'), { type: 'help' });
  assert.deepEqual(wishOf('/me waves'), { type: 'say', text: '/me waves' });
  assert.deepEqual(wishOf('/ME  waves\nand bows'), { type: 'say', text: '/me waves\nand bows' });
});

test('what is wrong with a command is told apart', () => {
  assert.deepEqual(wishOf('/Foo bar'), { type: 'unknown', command: '/Foo' });
  assert.deepEqual(wishOf('/leave now'), { type: 'surplus', command: '/leave' });
  assert.deepEqual(wishOf('/help me'), { type: 'surplus', command: '/help' });
  assert.deepEqual(wishOf('/me'), { type: 'nothing-done' });
  assert.deepEqual(wishOf('/me \n'), { type: 'nothing-done' });
});

test('paths, comments, emoticons and text with a slash elsewhere are said as they are', () => {
  for (const text of [
    '/etc/passwd is readable',
    '/',
    '/ slash',
    '// TODO: mend it',
    '//example.org/x',
    '/o\\',
    '/:',
    '/5 of them',
    ' /leave',
    'and /or',
    '/me/too',
  ]) {
    assert.deepEqual(wishOf(text), { type: 'say', text });
  }
});

test('one slash more says what would be a command; /me would be shown as done, and keeps both', () => {
  assert.deepEqual(wishOf('//text'), { type: 'say', text: '/text' });
  assert.deepEqual(wishOf('//leave now'), { type: 'say', text: '/leave now' });
  assert.deepEqual(wishOf('///leave'), { type: 'say', text: '//leave' });
  assert.deepEqual(wishOf('//me waves'), { type: 'say', text: '//me waves' });
});

test('whatever was said can be typed again', () => {
  const slashed = fc.tuple(
    fc.stringMatching(/^\/{1,3}(leave|help|foo|a\/b|1| )?$/),
    fc.constantFrom('', ' x', '\n'),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        slashed.map((parts) => parts.join('')),
      ),
      (text) => {
        assert.deepEqual(wishOf(typedFor(text)), { type: 'say', text });
      },
    ),
  );
  assert.equal(typedFor('/me waves'), '/me waves');
});
