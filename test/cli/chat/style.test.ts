import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { colours256, styleOf } from '../../../src/cli/chat/style.ts';

const terminal = { isTTY: true };
const xterm = { TERM: 'xterm-256color' };

function luminance(colour: number): number {
  const steps = [0, 95, 135, 175, 215, 255];
  const index = colour - 16;
  const channels = [Math.floor(index / 36), Math.floor(index / 6) % 6, index % 6].map((step) => {
    const part = (steps[step] ?? 0) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return [0.2126, 0.7152, 0.0722].reduce((sum, weight, at) => sum + weight * (channels[at] ?? 0), 0);
}

describe('the style', () => {
  it('gives a name one of 256 colours that can be read on white and on black', () => {
    for (const colour of colours256) {
      const light = luminance(colour);
      assert(1.05 / (light + 0.05) >= 4 && (light + 0.05) / 0.05 >= 4, `${colour}`);
    }
    const { name } = styleOf(terminal, xterm);
    const [, code] = /^\u001b\[1;38;5;(\d+)mAda\u001b\[0m$/.exec(name('Ada')) ?? [];
    assert(colours256.includes(Number(code)), name('Ada'));
    assert.equal(name('ADA').replace('ADA', 'Ada'), name('Ada'));
    assert.equal(new Set(Array.from({ length: 200 }, (_, at) => name(`${at}`).slice(0, 12))).size, 12);
  });

  it('uses the first sixteen colours where there are no more', () => {
    assert.match(styleOf(terminal, { TERM: 'xterm' }).name('Ada'), /^\u001b\[1;3[1-6]mAda\u001b\[0m$/);
  });

  it('has weight but no colour with NO_COLOR', () => {
    const style = styleOf(terminal, { ...xterm, NO_COLOR: '1' });
    assert.equal(style.name('Ada'), '\u001b[1mAda\u001b[0m');
    assert.equal(style.quiet('x'), '\u001b[2mx\u001b[0m');
    assert.match(styleOf(terminal, { ...xterm, NO_COLOR: '' }).name('Ada'), /38;5;/);
  });

  it('is nothing at all in a pipe and on a dumb terminal', () => {
    for (const style of [styleOf({}, xterm), styleOf(terminal, { TERM: 'dumb' })]) {
      assert.deepEqual([style.name('Ada'), style.strong('b'), style.quiet('c')], ['Ada', 'b', 'c']);
    }
  });

  it('is colours in a pipe with FORCE_COLOR', () => {
    assert.match(styleOf({}, { ...xterm, FORCE_COLOR: '2' }).name('Ada'), /38;5;/);
    assert.equal(styleOf({}, { FORCE_COLOR: '2', NO_COLOR: '1' }).name('Ada'), 'Ada');
  });
});
