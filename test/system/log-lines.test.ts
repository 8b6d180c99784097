import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safeLine, safeLineForTerminal } from '../../src/system/log-lines.ts';

const all = Array.from({ length: 0x3000 }, (_, point) => String.fromCodePoint(point)).join('');
const text = `\ud800x${all}\ufeff\u{e0041}\u{1d173}\u{1f600}\\u0041 "\\\\" é`;

test('a line says what it said, without a character that does something', () => {
  const line = safeLine(JSON.stringify({ text }));
  assert.deepEqual(JSON.parse(line), { text });
  assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  assert.ok(line.includes('é') && line.includes('\u{1f600}'), 'what is shown stays');
});

test('for a terminal its strings have the escapes themselves, but for tabs and line feeds', () => {
  const shown = JSON.parse(safeLineForTerminal(JSON.stringify({ text }))).text;
  assert.doesNotMatch(shown.replaceAll(/[\n\t]/g, ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  for (const seen of [
    '\\u001b',
    '\\u009b',
    '\\u2028',
    '\\r',
    '\\b',
    '\\udb40\\udc41',
    '\\u0041 "\\\\" é',
    '\t',
  ]) {
    assert.ok(shown.includes(seen), seen);
  }
  assert.equal(
    JSON.parse(safeLineForTerminal('{"a":"\\\\u001b"}')).a,
    '\\u001b',
    'a backslash that is one stays one',
  );
});
