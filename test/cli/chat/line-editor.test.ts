import assert from 'node:assert/strict';
import { emitKeypressEvents } from 'node:readline';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { type Key, type KeyWish, LineEditor } from '../../../src/cli/chat/line-editor.ts';

/** A line after keys as a terminal sends them, the caret as |, and what else was wished. */
function typed(...keys: readonly string[]): { shown: string; wishes: KeyWish[]; editor: LineEditor } {
  const editor = new LineEditor();
  const wishes: KeyWish[] = [];
  const input = new PassThrough();
  emitKeypressEvents(input);
  input.on('keypress', (_, key: Key) => {
    const wish = editor.press(key);
    if (wish === 'enter') editor.take();
    if (wish !== undefined) wishes.push(wish);
  });
  for (const key of keys) input.emit('data', Buffer.from(key));
  const { text, caret } = editor;
  return { shown: `${text.slice(0, caret)}|${text.slice(caret)}`, wishes, editor };
}

const left = '\u001b[D';
const right = '\u001b[C';
const up = '\u001b[A';
const down = '\u001b[B';
const ctrl = (letter: string) => String.fromCharCode(letter.charCodeAt(0) - 96);

describe('the line being typed', () => {
  it('takes text where the caret is', () => {
    assert.equal(typed('helo', left, 'l').shown, 'hell|o');
    assert.equal(typed('日本', left, '語', right, '!').shown, '日語本!|');
  });

  it('moves and deletes by what is seen as one sign', () => {
    assert.equal(typed('a👨‍👩‍👧b', left, left).shown, 'a|👨‍👩‍👧b');
    assert.equal(typed('a👨‍👩‍👧', '\u007f').shown, 'a|');
    assert.equal(typed('e\u0301x', left, '\u007f').shown, '|x');
    assert.equal(typed('🇫🇷', left, '\u001b[3~').shown, '|');
  });

  it('has the keys of a shell', () => {
    assert.equal(typed('one two', ctrl('a')).shown, '|one two');
    assert.equal(typed('one two', ctrl('a'), ctrl('f'), ctrl('e'), ctrl('b')).shown, 'one tw|o');
    assert.equal(typed('one two', ctrl('w')).shown, 'one |');
    assert.equal(typed('one two', ctrl('w'), ctrl('a'), ctrl('y')).shown, 'two|one ');
    assert.equal(typed('one two', '\u001bb', ctrl('k')).shown, 'one |');
    assert.equal(typed('one two', '\u001bb', ctrl('u')).shown, '|two');
    assert.equal(typed('one-two', '\u001b\u007f').shown, 'one-|');
    assert.equal(typed('one two', ctrl('a'), '\u001bf').shown, 'one| two');
    assert.equal(typed('one two', ctrl('a'), '\u001bd').shown, '| two');
    assert.equal(typed('one two', '\u001b[1;5D', '\u001b[1;5D').shown, '|one two');
    assert.equal(typed('ab', ctrl('t')).shown, 'ba|');
    assert.equal(typed('ab', '\u001b[H', '\u001b[3~').shown, '|b');
    assert.equal(typed('ab', ctrl('a'), ctrl('d')).shown, '|b');
  });

  it('asks for what is not its own business', () => {
    const { wishes } = typed(ctrl('d'), ctrl('c'), ctrl('z'), ctrl('l'), '\t', '\u001b[Z', '\r');
    assert.deepEqual(wishes, ['end', 'interrupt', 'suspend', 'clear', 'complete', 'complete-back', 'enter']);
  });

  it('goes back to what was sent, and forward to what was begun', () => {
    assert.equal(typed('one\r', 'two\r', 'thr', up, up).shown, 'one|');
    assert.equal(typed('one\r', 'two\r', 'thr', up, up, up).shown, 'one|');
    assert.equal(typed('one\r', 'two\r', 'thr', up, up, down, down).shown, 'thr|');
    assert.equal(typed('one\r', 'one\r', up, up).shown, 'one|');
    assert.equal(typed(' \r', up).shown, '|');
  });

  it('takes a paste of many lines as one text, and sends none of it', () => {
    const { shown, wishes } = typed('\u001b[200~one\r\ntwo\tx\rthree\u0007\u001b[201~');
    assert.equal(shown, 'one\ntwo\tx\nthree|');
    assert.deepEqual(wishes, []);
  });

  it('breaks at Alt+Enter', () => {
    assert.equal(typed('one', '\u001b\r', 'two').shown, 'one\ntwo|');
  });

  it('ignores keys that it does not know, and control characters', () => {
    const { shown, wishes } = typed('a', '\u001b[15~', '\u001b[99;5u', ctrl('g'), '\u001bq', 'b');
    assert.deepEqual([shown, wishes], ['ab|', []]);
  });

  it('has a bound', () => {
    const { editor } = typed('x');
    editor.set('y'.repeat(200_000));
    editor.press({ name: 'y', sequence: 'y' });
    assert.equal(editor.text.length, 100_000);
  });

  it('LOG-4: has nothing any more of what it was told to forget', () => {
    const { editor } = typed('one', '\r', 'two', '\r', 'one', '\r', 'draft');
    editor.forget('one');
    editor.forget('never typed');
    editor.press({ name: 'up' });
    assert.equal(editor.text, 'two');
    editor.press({ name: 'up' });
    assert.equal(editor.text, 'two');
    editor.press({ name: 'down' });
    assert.equal(editor.text, 'draft');
    editor.press({ name: 'up' });
    editor.forget('two');
    editor.press({ name: 'up' });
    assert.equal(editor.text, 'two', 'the line itself is one’s own');
  });
});
