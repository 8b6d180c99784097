import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Completion, Speakers } from '../../../src/cli/chat/completion.ts';

/** The line after each Tab (`+`) or Shift+Tab (`-`), the caret as |. */
function tabbed(line: string, names: readonly string[], tabs = '+'): string | undefined {
  const caret = line.indexOf('|');
  const completion = Completion.begin({ text: line.replace('|', ''), caret }, names, ['/me', '/leave']);
  let shown: string | undefined;
  for (const tab of tabs) {
    const turned = completion?.turn(tab === '+' ? 1 : -1);
    if (turned) shown = `${turned.text.slice(0, turned.caret)}|${turned.text.slice(turned.caret)}`;
  }
  return shown;
}

describe('Tab', () => {
  it('speaks to whom a line begins with, and names others in the midst of one', () => {
    assert.equal(tabbed('ad|', ['Ada']), 'Ada: |');
    assert.equal(tabbed('@ad|', ['Ada']), '@Ada: |');
    assert.equal(tabbed('hello ad|', ['Ada']), 'hello Ada |');
    assert.equal(tabbed('(ad|)', ['Ada']), '(Ada|)');
  });

  it('goes round, the likeliest first, and back', () => {
    const names = ['Bob', 'Ben', 'Ada'];
    assert.equal(tabbed('b|', names, '+'), 'Bob: |');
    assert.equal(tabbed('b|', names, '++'), 'Ben: |');
    assert.equal(tabbed('b|', names, '+++'), 'Bob: |');
    assert.equal(tabbed('b|', names, '-'), 'Ben: |');
    assert.equal(tabbed('b|', names, '+-'), 'Ben: |');
  });

  it('knows names of several words, and accents by their letters', () => {
    assert.equal(tabbed('hi jean-p|', ['Jean-Paul Sartre']), 'hi Jean-Paul Sartre |');
    assert.equal(tabbed('jean-paul s|', ['Jean-Paul Sartre']), 'Jean-Paul Sartre: |');
    assert.equal(tabbed('zoe|', ['Zoë']), 'Zoë: |');
  });

  it('completes commands', () => {
    assert.equal(tabbed('/l|', ['Ada']), '/leave |');
  });

  it('does nothing where nothing was begun', () => {
    for (const line of ['|', 'hello |', 'xyz|', 'a|da']) assert.equal(tabbed(line, ['Ada']), undefined, line);
  });
});

describe('those who may be meant', () => {
  it('are those who spoke last, the others here, and those who have left; never oneself', () => {
    const speakers = new Speakers();
    for (const name of ['Cid', 'Ada', 'Eve', 'Me', 'Cid']) speakers.said(name);
    assert.deepEqual(speakers.order(['Zoe', 'Me', 'Ada', 'Cid', 'Bob'], 'Me'), [
      'Cid',
      'Ada',
      'Bob',
      'Zoe',
      'Eve',
    ]);
  });

  it('are not remembered for ever', () => {
    const speakers = new Speakers();
    for (let count = 0; count < 600; count++) speakers.said(`N${count}`);
    const names = speakers.order([], '');
    assert.deepEqual([names.length, names[0], names.at(-1)], [500, 'N599', 'N100']);
  });
});
